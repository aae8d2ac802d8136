import Foundation
import SystemPackage
import TestSupport
import Testing

/// Which commit breaks which patch, in a history with branches and merges.
@Suite(.enabled(if: hasTools("git"), "needs git"))
struct FirstBreakTests {
    private let folder: CommandFolder

    init() throws {
        folder = try CommandFolder(
            madeBy: #"""
                mkdir s; git init -q -b main r; cd r
                for f in a b c d e; do seq 1 40 > $f; done; echo x > other; git add .; git commit -qm start
                git branch oldbranch
                sed -i 's/^20$/twenty/' d; git commit -qam 'd is as the patch wants it'; git tag good
                commit() { git commit -qam "$1"; }
                for n in 1 2 3; do echo $n >> other; commit "nothing $n"; done
                sed -i '1i top' a; commit 'a moves'
                git checkout -q -b topic; sed -i 's/^20$/TWENTY/' b; commit 'b is broken on a branch'; echo t >> other; commit 'more on the branch'
                git checkout -q main; sed -i 's/^30$/thirty/' a; commit 'a elsewhere'; git merge -q --no-ff -m 'merge topic' topic
                git tag middle
                git checkout -q oldbranch; sed -i '1i old' d; commit 'd on an old branch'
                git checkout -q main; git merge -q --no-ff -m 'merge old' oldbranch
                sed -i 's/^20$/zwanzig/' a; commit 'a is broken'
                git mv c c2; commit 'c is moved away'
                for n in 4 5; do echo $n >> other; commit "nothing $n"; done
                git tag bad; cd ..
                patch() { printf -- '--- a/%s\n+++ b/%s\n@@ -18,5 +18,5 @@\n 18\n 19\n-%s\n+%s\n 21\n 22\n' $1 $1 "$2" "$3" > s/$4; echo $4 >> s/series; }
                patch a 20 first a.patch; patch b 20 first b.patch; patch c 20 first c.patch; patch d twenty first d.patch
                patch e 20 first e.patch; patch a first second a2.patch; patch e nothing x never.patch
                """#)
    }

    private let arguments = ["verify", "--first-break", "git:r", "--good", "good", "--bad", "bad", "--series", "s"]

    @Test("each patch with its commit, also on a branch and behind a merge; old branches say nothing")
    func found() throws {
        let run = try folder.dom0kit(arguments + ["--format", "json"])
        #expect(run.status == 10)
        let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any] ?? [:]
        let patches = json["patches"] as? [[String: Any]] ?? []
        func told(_ name: String) -> [String] {
            let patch = patches.first { $0["name"] as? String == name }
            let first = (patch?["firstBreak"] as? [String: Any])?["subject"] as? String
            let last = (patch?["lastFit"] as? [String: Any])?["subject"] as? String
            return [patch?["outcome"] as? String, first, last].compactMap { $0 }
        }
        #expect(told("a.patch") == ["breaks", "a is broken", "merge old"], "\(told("a.patch"))")
        #expect(told("b.patch") == ["breaks", "b is broken on a branch", "a moves"])
        #expect(told("c.patch").prefix(2) == ["breaks", "c is moved away"])
        #expect(told("d.patch") == ["fits"] && told("e.patch") == ["fits"])
        // On top of a.patch, and so broken only with it; what never fitted is told.
        #expect(told("a2.patch").first == "breaks" && told("never.patch") == ["never-fitted"])
        // git bisect comes to the same.
        let bisect = """
            cd r; for p in a b c; do git bisect start bad good >/dev/null 2>&1
            git bisect run sh -c "git apply --check ../s/$p.patch" >/dev/null 2>&1; git log -1 --format=%s refs/bisect/bad; git bisect reset >/dev/null 2>&1; done > ../bisected
            """
        #expect(shell(bisect, in: folder.path) == 0)
        let same = try folder.text("bisected").split(separator: "\n").map(String.init)
        #expect(same == ["a.patch", "b.patch", "c.patch"].map { told($0)[1] }, "\(same)")
    }

    @Test("the newest revision that the whole series fits")
    func newest() throws {
        try folder.write("s/series", "a.patch\nb.patch\nc.patch\nd.patch\ne.patch\n")
        let run = try folder.dom0kit(arguments + ["--newest-fit"])
        #expect(run.status == 10 && run.output.contains("the whole series fits  "), "\(run)")
        #expect(run.output.contains("a elsewhere\n"), "\(run)")
        try folder.write("s/series", "d.patch\ne.patch\n")
        #expect(try folder.dom0kit(arguments + ["--newest-fit"]).status == 0)
    }

    @Test("what cannot be searched is said")
    func wrong() throws {
        let swapped = ["verify", "--first-break", "git:r", "--good", "bad", "--bad", "good", "--series", "s"]
        let run = try folder.dom0kit(swapped)
        #expect(run.status == 64 && run.errors.contains("bad is not an ancestor of good"), "\(run)")
        #expect(try folder.dom0kit(arguments + ["--tree", "r"]).status == 64)
        #expect(try folder.dom0kit("verify", "--tree", "r", "--good", "x", "--series", "s").status == 64)
        #expect(
            try folder.dom0kit("verify", "--first-break", "git:s", "--good", "good", "--bad", "bad", "--series", "s")
                .status == 65)
        #expect(
            try folder.dom0kit("verify", "--first-break", "git:r", "--good", "none", "--bad", "bad", "--series", "s")
                .status == 66)
    }

    @Test("a merge may mend what one of its parents broke; names that git quotes; a history that is not whole")
    func mendedByAMerge() throws {
        let folder = try CommandFolder(
            madeBy: #"""
                mkdir s; git init -q -b main r; cd r; seq 1 40 > 'a"b'; echo x > other; git add .; git commit -qm base; git tag good
                git checkout -q -b side; sed -i 's/^20$/broken/' 'a"b'; git commit -qam A
                git checkout -q main; echo 1 >> other; git commit -qam M1
                git merge -q --no-ff --no-commit side; sed -i 's/^broken$/20/' 'a"b'; git commit -qam M
                git checkout -q side; sed -i 's/^40$/forty/' 'a"b'; git commit -qam S
                git checkout -q main; for n in 1 2 3; do echo "n$n" >> other; git commit -qam "nothing $n"; done
                git merge -q -s ours --no-commit side; git checkout -q side -- 'a"b'; git commit -qam E; git tag bad; cd ..
                git clone -q --depth 2 "file://$PWD/r" shallow
                printf -- '--- "a/a\\"b"\n+++ "b/a\\"b"\n@@ -18,5 +18,5 @@\n 18\n 19\n-20\n+first\n 21\n 22\n' > s/p.patch; echo p.patch > s/series
                """#)
        let arguments = ["verify", "--first-break", "git:r", "--good", "good", "--bad", "bad", "--series", "s"]
        let json = try folder.json(arguments + ["--newest-fit", "--format", "json"])
        let patch = (json["patches"] as? [[String: Any]])?.first
        #expect((patch?["firstBreak"] as? [String: Any])?["subject"] as? String == "A", "\(json)")
        #expect((patch?["lastFit"] as? [String: Any])?["subject"] as? String == "base", "\(json)")
        // The parent itself, although it changes none of the files.
        #expect((json["newestFit"] as? [String: Any])?["subject"] as? String == "nothing 3", "\(json)")
        // What the other parent comes from is not there.
        let cut = try folder.dom0kit(
            "verify", "--first-break", "git:shallow", "--good", "HEAD~1", "--bad", "HEAD", "--series", "s")
        #expect(cut.status == 66 && cut.errors.contains("git fetch --unshallow"), "\(cut)")
    }

    @Test("a patch that upstream takes over breaks none of those behind it")
    func takenOver() throws {
        let folder = try CommandFolder(
            madeBy: #"""
                mkdir s; git init -q -b main r; cd r; seq 1 40 > f; git add .; git commit -qm base; git tag good
                sed -i 's/^10$/ten/' f; git commit -qam 'takes one over'; echo end >> f; git commit -qam end; git tag bad; cd ..
                printf -- '--- a/f\n+++ b/f\n@@ -9,3 +9,3 @@\n 9\n-10\n+ten\n 11\n' > s/one.patch
                printf -- '--- a/f\n+++ b/f\n@@ -29,3 +29,3 @@\n 29\n-30\n+thirty\n 31\n' > s/two.patch
                printf 'one.patch\ntwo.patch\n' > s/series
                """#)
        let json = try folder.json([
            "verify", "--first-break", "git:r", "--good", "good", "--bad", "bad", "--series", "s", "--format", "json",
        ])
        let patches = (json["patches"] as? [[String: Any]]) ?? []
        #expect(patches.map { $0["outcome"] as? String } == ["breaks", "fits"], "\(json)")
        #expect(patches.allSatisfy { ($0["outcome"] as? String == "breaks") == ($0["file"] != nil) }, "\(json)")
    }
}
