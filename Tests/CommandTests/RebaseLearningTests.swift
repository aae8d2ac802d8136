import SystemPackage
import TestSupport
import Testing

/// What upstream replaced everywhere, and functions and files that it moved, followed as far as its change shows it.
@Suite(.enabled(if: hasTools("diff", "patch"), "needs diff and patch"))
struct RebaseLearningTests {
    private let folder: CommandFolder

    /// Upstream renames a function, changes its calls, moves functions within a file and to another, and splits a file.
    init() throws {
        folder = try CommandFolder(
            madeBy: #"""
                mkdir -p old/d s
                fn() { printf 'int %s(int x)\n{\n' $1; for n in 1 2 3 4 5 6; do printf '\t%s_%s(x);\n' $1 $n; done; printf '}\n\n'; }
                { fn a; printf 'int t(void)\n{\n\tdel_timer(&one);\n\tgo(now, 1);\n\tdel_timer(&two);\n\tgo(now, 2);\n}\n\n'; fn b; } > old/d/time.c
                fn u > old/d/user.c; { fn k; fn l; fn m; } > old/d/big.c; { fn p; fn q; fn r; } > old/d/gone.c
                printf 'VERSION = 6\n' > old/Makefile
                cp -r old new
                sed -i 's/del_timer/timer_delete/;s/go(now, \(.\))/go(\1)/' new/d/time.c
                { fn m; fn k; } > new/d/big.c; { printf 'int other;\n\n'; fn l | sed 's/l_1/l_one/'; } > new/d/more.c
                rm new/d/gone.c; { printf '#include "x"\n'; fn p; } > new/d/gone-p.c; { printf '#include "y"\n'; fn q | sed 's/q_2/q_two/'; } > new/d/gone-q.c
                { printf '#include "z"\n'; fn r; } > new/d/gone-r.c
                # $1: the patch, $2: the file, $3: what is done to it.
                make() {
                    cp -r old w; sed -i "$3" w/d/$2
                    { printf 'Subject: %s\n\n' $1; diff -pu --label a/d/$2 --label b/d/$2 old/d/$2 w/d/$2 || true; } > s/$1.patch; rm -rf w
                }
                make word time.c 's/\tb_3(x);/&\n\tdel_timer(\&mine);/'; make call time.c 's/\ta_3(x);/&\n\tgo(now, 3);/'
                make other-call time.c 's/\ta_3(x);/&\n\tgo(later, 3);/'
                make user user.c 's/\tu_3(x);/&\n\tdel_timer(\&mine);/'; make within big.c 's/m_1(x)/m_1(x, 0)/;s/k_1(x)/k_1(x, 0)/'
                make across big.c 's/l_4(x)/l_4(x, 0)/;s/k_2(x)/k_2(x, 0)/'; make split gone.c 's/p_2(x)/p_2(x, 0)/;s/r_5(x)/r_5(x, 0)/'
                """#)
    }

    /// What became of one patch, and of its files.
    private func moved(_ names: String...) throws -> [(verdict: String, files: [[String: Any]])] {
        try folder.write("s/series", names.map { $0 + ".patch\n" }.joined())
        let json = try folder.json([
            "rebase", "--from", "old", "--to", "new", "--series", "s", "--into", "out", "--format", "json",
        ])
        return (json["patches"] as? [[String: Any]] ?? []).map {
            ($0["verdict"] as? String ?? "", $0["files"] as? [[String: Any]] ?? [])
        }
    }

    private func rules(_ file: [String: Any]) -> [String] { file["rules"] as? [String] ?? [] }

    private func learned(_ file: [String: Any]) -> [String] {
        (file["learned"] as? [[String: Any]] ?? []).map { "\($0["old"] ?? "") > \($0["new"] ?? "")" }
    }

    /// The new series applied strictly, by another tool.
    private func apply(_ names: String...) throws {
        for name in names {
            let command = "patch -d new -p1 --fuzz=0 < out/\(name).patch > log && ! grep offset log"
            let status = shell(command, in: folder.path)
            let log = try folder.text("log")
            #expect(status == 0, "\(log)")
        }
    }

    @Test("a word that upstream replaced in the file, or in the others of the series, is replaced in added lines")
    func words() throws {
        let patches = try moved("word", "user")
        for patch in patches {
            #expect(patch.verdict == "merged" && rules(patch.files[0]) == ["lines", "learned"], "\(patch)")
            #expect(learned(patch.files[0]) == ["del_timer > timer_delete"])
        }
        // It is likely, not certain.
        let arguments = ["rebase", "--from", "old", "--to", "new", "--series", "s", "--dry-run", "--strict"]
        #expect(try folder.dom0kit(arguments).status == 11)
        #expect(try folder.dom0kit(arguments + ["--accept", "derived"]).status == 0)
        try apply("word", "user")
        #expect(try folder.text("new/d/time.c").contains("\tb_3(x);\n\ttimer_delete(&mine);\n\tb_4(x);\n"))
        #expect(try folder.text("new/d/user.c").contains("\tu_3(x);\n\ttimer_delete(&mine);\n"))
    }

    @Test("a call with what upstream dropped follows; one with something else there stays")
    func calls() throws {
        let patches = try moved("call")
        #expect(learned(patches[0].files[0]) == ["go(now, #2) > go(#2)"], "\(patches)")
        try apply("call")
        #expect(try folder.text("new/d/time.c").contains("\ta_3(x);\n\tgo(3);\n"))
        #expect(shell("rm -rf out new old s", in: folder.path) == 0)
        try folder.makeAgain()
        let others = try moved("other-call")
        #expect(others[0].verdict != "conflict" && learned(others[0].files[0]) == [], "\(others)")
        #expect(try folder.text("out/other-call.patch").contains("+\tgo(later, 3);\n"))
    }

    @Test("what upstream has left somewhere is not replaced")
    func notLearned() throws {
        #expect(shell("printf 'int left = del_timer(&rest);\\n' >> new/d/time.c", in: folder.path) == 0)
        let patches = try moved("word", "user")
        for patch in patches { #expect(patch.files.allSatisfy { learned($0) == [] }, "\(patch)") }
        #expect(try folder.text("out/word.patch").contains("+\tdel_timer(&mine);\n"))
    }

    @Test("functions are followed within a file and to another; what stays is done where it was")
    func functions() throws {
        let within = try moved("within")[0]
        #expect(within.verdict == "merged" && rules(within.files[0]).contains("moved-function"), "\(within)")
        try apply("within")
        #expect(try folder.text("new/d/big.c").contains("\tm_1(x, 0);\n"))
        #expect(try folder.text("new/d/big.c").contains("\tk_1(x, 0);\n"))
        #expect(shell("rm -rf out new old s", in: folder.path) == 0)
        try folder.makeAgain()
        let across = try moved("across")[0]
        #expect(across.files.map { $0["target"] as? String } == [nil, "d/more.c"], "\(across)")
        #expect(across.files.allSatisfy { rules($0).contains("moved-function") })
        try apply("across")
        #expect(try folder.text("new/d/big.c").contains("\tk_2(x, 0);\n"))
        let more = try folder.text("new/d/more.c")
        #expect(more.contains("\tl_one(x);\n") && more.contains("\tl_4(x, 0);\n"))
    }

    @Test("a patch that fits, and whose line upstream has taken over elsewhere in the file, is not exact")
    func takenOver() throws {
        #expect(shell("sed -i '1i int mine(int x);' new/d/user.c", in: folder.path) == 0)
        let command =
            "{ cat old/d/user.c; echo 'int mine(int x);'; } > w; mkdir -p s; diff -u --label a/d/user.c --label b/d/user.c old/d/user.c w > s/mine.patch"
        #expect(shell(command, in: folder.path) == 1)
        let mine = try moved("mine")[0]
        #expect(mine.verdict == "moved" && rules(mine.files[0]) == ["added-twice"], "\(mine)")
        #expect((mine.files[0]["reason"] as? String ?? "").contains("`int mine(int x);` as well"), "\(mine)")
        #expect(mine.files[0]["isExact"] as? Bool == false)
        let arguments = ["rebase", "--from", "old", "--to", "new", "--series", "s", "--dry-run", "--strict"]
        #expect(try folder.dom0kit(arguments).status == 11)
        #expect(try folder.dom0kit(arguments + ["--accept", "mine.patch"]).status == 0)
    }

    @Test("git revisions and archives tell where things went as folders do", arguments: ["git", "tar"])
    func otherTrees(kind: String) throws {
        let made =
            kind == "git"
            ? """
            \(CommandFolder.author)
            git init -q r; cp -r old/* r; cd r; git add .; git commit -qm old; git tag old
            rm -r d Makefile; cp -r ../new/* .; git add -A; git commit -qm new; git tag new
            """ : "tar -cf old.tar old; tar -cf new.tar new"
        #expect(shell(made, in: folder.path) == 0)
        try folder.write("s/series", "split.patch\n")
        let trees = kind == "git" ? ("git:r@old", "git:r@new") : ("old.tar", "new.tar")
        let json = try folder.json([
            "rebase", "--from", trees.0, "--to", trees.1, "--series", "s", "--into", "out", "--format", "json",
        ])
        let patch = (json["patches"] as? [[String: Any]])?.first
        let files = patch?["files"] as? [[String: Any]] ?? []
        #expect(patch?["verdict"] as? String == "merged", "\(json)")
        #expect(files.map { $0["target"] as? String } == [nil, "d/gone-p.c", "d/gone-r.c"], "\(json)")
        try apply("split")
        #expect(try folder.text("new/d/gone-r.c").contains("\tr_5(x, 0);\n"))
    }

    @Test("a function that was in the other file before, or that is in two, is not taken for the moved one")
    func notMoved() throws {
        #expect(shell("cp new/d/more.c old/d/more.c", in: folder.path) == 0)
        #expect(try moved("across")[0].verdict == "conflict")
        #expect(shell("rm -r out old/d/more.c; cp new/d/more.c new/d/more2.c", in: folder.path) == 0)
        #expect(try moved("across")[0].verdict == "conflict")
    }

    @Test("a file that was split is followed into its parts, where all that the patch changes is found")
    func split() throws {
        let patches = try moved("split")
        #expect(patches[0].verdict == "merged", "\(patches)")
        #expect(patches[0].files.map { $0["target"] as? String } == [nil, "d/gone-p.c", "d/gone-r.c"])
        #expect(patches[0].files.allSatisfy { rules($0).contains("split") })
        try apply("split")
        #expect(try folder.text("new/d/gone-p.c").contains("\tp_2(x, 0);\n"))
        #expect(try folder.text("new/d/gone-r.c").contains("\tr_5(x, 0);\n"))
        #expect(shell("rm -rf out new old s", in: folder.path) == 0)
        try folder.makeAgain()
        #expect(shell("rm new/d/gone-r.c", in: folder.path) == 0)
        #expect(try moved("split")[0].verdict == "conflict")
    }
}
