import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite(.enabled(if: hasTools("diff", "patch", "git"), "needs diff, patch and git"))
struct RebaseCommandTests {
    let folder: CommandFolder

    /// Two trees, and a series for the old one: a patch of every kind.
    init() throws {
        folder = try RebaseScene.make()
    }

    private func series(_ names: String...) throws {
        try folder.write("s/series", "# ours\n" + names.map { $0 + ".patch\n" }.joined())
    }

    private func text(_ name: String) throws -> String { try folder.text(name) }

    private let arguments = ["rebase", "--from", "old", "--to", "new", "--series", "s", "--into", "out"]

    @Test("each kind, and a new series that fits exactly")
    func kinds() throws {
        try folder.write(
            "s/series",
            "# ours\nfits.patch\nmoved.patch # why\n\nmerged.patch\nupstream.patch\npart.patch\nmade.patch\nagain.patch\n"
        )
        let json = try folder.json(arguments + ["--format", "json"])
        #expect(json["verdict"] as? String == "pass")
        let verdicts = (json["patches"] as? [[String: Any]])?.map { $0["verdict"] as? String }
        #expect(verdicts == ["fits", "moved", "merged", "upstream", "merged", "fits", "moved"])
        let part = ((json["patches"] as? [[String: Any]])?[4]["files"] as? [[String: Any]])?.first
        // What each patch does otherwise: of the one that upstream has in part that part, of the others nothing.
        func texts(_ index: Int, _ side: String) -> [String] {
            let difference = (json["patches"] as? [[String: Any]])?[index]["difference"] as? [String: Any]
            return (difference?[side] as? [[String: Any]])?.compactMap {
                "\($0["sign"] as? String ?? "")\($0["text"] as? String ?? "")"
            } ?? ["none"]
        }
        #expect(texts(4, "gone") == ["-part line 10", "+part line ten"] && texts(4, "new") == [])
        #expect(texts(2, "gone") == [] && texts(2, "new") == [] && texts(0, "gone") == ["none"])
        #expect(part?["isPartlyUpstream"] as? Bool == true && part?["rules"] as? [String] == ["lines"])
        #expect(
            try text("out/series")
                == "# ours\nfits.patch\nmoved.patch # why\n\nmerged.patch\n# upstream: upstream.patch\npart.patch\nmade.patch\nagain.patch\n"
        )
        // What needs nothing keeps its bytes; what is written anew keeps all but its hunks.
        for name in ["fits", "made"] { #expect(try text("out/\(name).patch") == (try text("s/\(name).patch"))) }
        let merged = try text("out/merged.patch")
        #expect(merged.hasPrefix("From: A Person <a@example.invalid>\nSubject: change merged\n\nWhy.\n---\n"))
        #expect(merged.contains("\n merged line twenty\n") && merged.hasSuffix("-- \n2.30\n"))
        let left = try text("out/part.patch")
        #expect(left.contains("+part line thirty\n") && !left.contains("+part line ten"))
        // Other tools come to the same.
        let applied = """
            cp -r new t && cd t && git init -q . && for p in fits moved merged part made again; do git apply ../out/$p.patch || exit 1; done
            cd .. && cp -r new u && cd u && for p in fits moved merged part made again; do patch -p1 --fuzz=0 < ../out/$p.patch > ../log || exit 1; ! grep -E 'offset|fuzz' ../log || exit 1; done
            cd .. && diff -r -x .git t u && git merge-file -p old/d/merged old/d/merged new/d/merged > /dev/null
            cp -r old o && patch -d o -p1 < s/merged.patch && git merge-file -p o/d/merged old/d/merged new/d/merged > want && cmp want t/d/merged
            """
        #expect(shell(applied, in: folder.path) == 0)
        #expect(try folder.dom0kit("verify", "--tree", "new", "--series", "out", "--strict").status == 0)
    }

    @Test(
        "what is likely, not certain, is named and asked about", arguments: ["both", "words", "beside"])
    func derived(name: String) throws {
        try series("fits", name)
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 0 && run.output.contains("1 merge is likely, not certain"), "\(run)")
        #expect(run.output.split(separator: "\n").last?.hasPrefix("warn: ") == true, "\(run)")
        let rule = ["both": "adjacent", "words": "words", "beside": "added-beside-added"][name] ?? ""
        #expect(run.output.contains("by \(rule) (derived)"), "\(run)")
        let expected = [
            "both": "both line twenty-one\nboth line twenty-two\n", "words": "words Line twenty-two\n",
            "beside": "beside upstream\nbeside patch\n",
        ][name]
        #expect(shell("patch -d new -p1 < out/\(name).patch", in: folder.path) == 0)
        #expect(try text("new/d/\(name)").contains(expected ?? "?"))
        #expect(shell("patch -R -d new -p1 < out/\(name).patch; rm -r out", in: folder.path) == 0)
        #expect(try folder.dom0kit(arguments + ["--strict"]).status == 11)
        #expect(shell("rm -r out", in: folder.path) == 0)
        let accepted = try folder.dom0kit(arguments + ["--strict", "--accept", "derived"])
        #expect(accepted.status == 0 && accepted.output.contains("\npass: "), "\(accepted)")
    }

    @Test("a conflict is shown with both sides; the rest of the series goes on")
    func conflict() throws {
        try series("conflict", "fits", "gone", "moved")
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 10, "\(run)")
        #expect(run.output.contains("d/conflict: conflict, upstream has changed the same lines"), "\(run)")
        #expect(run.output.contains("d/gone: conflict, the new tree does not have this file"), "\(run)")
        #expect(
            try text("out/series")
                == "# ours\n# conflict: conflict.patch\nfits.patch\n# conflict: gone.patch\nmoved.patch\n")
        let file = try text("out/conflicts/conflict.patch/files/d/conflict")
        #expect(
            file.contains(
                "<<<<<<< the patch\nconflict line twenty-two\n||||||| the old tree\nconflict line 22\n=======\nconflict line X\n>>>>>>> the new tree\n"
            ))
        #expect(try text("out/conflicts/gone.patch/patch") == (try text("s/gone.patch")))
        #expect(try folder.dom0kit("verify", "--tree", "new", "--series", "out", "--strict").status == 0)
    }

    @Test("what cannot be begun leaves nothing behind")
    func notBegun() throws {
        // The series is not the old tree's.
        try series("fits", "moved")
        #expect(shell("sed -i 's/22/two/' old/d/moved", in: folder.path) == 0)
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 10 && run.output.contains("moved.patch does not apply to the old tree"), "\(run)")
        #expect(!Files.exists(folder.path.appending("out")))
        // The folder is there.
        try folder.write("out/x", "")
        try series("fits")
        #expect(try folder.dom0kit(arguments).status == 73)
        // Nothing is selected, or asked for.
        try series()
        #expect(try folder.dom0kit("rebase", "--from", "old", "--to", "new", "--series", "s", "--dry-run").status == 12)
        #expect(try folder.dom0kit("rebase", "--from", "old", "--to", "new", "--series", "s").status == 64)
        try series("fits")
        #expect(
            try folder.dom0kit("rebase", "--from", "old", "--to", "none", "--series", "s", "--dry-run").status == 66)
        #expect(try Files.list(folder.path).filter { $0.contains("rebase-") } == [])
    }

    @Test("of a patch with several files, those that the new tree has are taken out")
    func severalFiles() throws {
        let joined =
            "sed '/^-- $/,$d' s/upstream.patch > s/all.patch; sed -n '/^diff /,$p' s/merged.patch >> s/all.patch"
        #expect(shell(joined, in: folder.path) == 0)
        try series("all")
        let json = try folder.json(arguments + ["--format", "json"])
        let files = (json["patches"] as? [[String: Any]])?.first?["files"] as? [[String: Any]]
        #expect(Set(files?.compactMap { $0["verdict"] as? String } ?? []) == ["merged", "upstream"])
        let text = try text("out/all.patch")
        #expect(text.contains("Subject: change upstream") && !text.contains("+++ b/d/upstream"))
        #expect(text.contains("\ndiff --git a/d/merged b/d/merged\n--- a/d/merged\n+++ b/d/merged\n@@ "))
        #expect(shell("cd new && git init -q . && git apply ../out/all.patch", in: folder.path) == 0)
    }

    @Test("a file that upstream has moved is found, and the patch names its new place")
    func renamed() throws {
        try series("merged", "fits")
        #expect(shell("mkdir new/other && mv new/d/merged new/other/merged", in: folder.path) == 0)
        let json = try folder.json(arguments + ["--format", "json"])
        #expect(json["verdict"] as? String == "warn")
        let files = ((json["patches"] as? [[String: Any]])?.first?["files"] as? [[String: Any]])?.first
        #expect(files?["target"] as? String == "other/merged" && files?["rules"] as? [String] == ["lines", "renamed"])
        let text = try text("out/merged.patch")
        #expect(text.contains("diff --git a/other/merged b/other/merged\n--- a/other/merged\n+++ b/other/merged\n"))
        #expect(text.contains(" d/merged | 2 +-\n"), "what the message says stays")
        #expect(
            shell("cd new && git init -q . && git apply ../out/merged.patch ../out/fits.patch", in: folder.path) == 0)
        #expect(
            shell(
                "grep -q 'twenty-two' new/other/merged && grep -qx 'merged line twenty' new/other/merged",
                in: folder.path) == 0)
        // Two that are alike as much: nothing is guessed.
        #expect(shell("rm -r out; mkdir new/third && cp new/other/merged new/third/merged", in: folder.path) == 0)
        #expect(try folder.dom0kit(arguments).status == 10)
    }

    @Test("a look writes nothing; archives, git revisions, SUSE's lists and reverted patches are moved too")
    func otherForms() throws {
        try folder.write("s/series.conf", "\tfits.patch\n+xen\tmoved.patch\n+zen\tconflict.patch\n")
        let look = ["rebase", "--from", "old", "--to", "new", "--series", "s", "--guards", "xen", "--dry-run"]
        let run = try folder.dom0kit(look)
        #expect(run.status == 0 && run.output.contains("left out: 1 entry (guards: 1)"), "\(run)")
        #expect(!Files.exists(folder.path.appending("out")))
        #expect(
            shell(
                """
                export GIT_CONFIG_GLOBAL=/dev/null; mv old linux-6.1; mkdir linux-6.1/arch linux-6.1/init; touch linux-6.1/arch/x linux-6.1/init/x
                tar cf old.tar linux-6.1; cd new; git init -q .; git add .; git -c user.name=a -c user.email=a@b commit -qm x
                """, in: folder.path) == 0)
        let moved = try folder.dom0kit([
            "rebase", "--from", "old.tar", "--to", "git:new@HEAD", "--series", "s", "--guards", "xen", "--into", "out",
        ])
        #expect(moved.status == 0, "\(moved)")
        #expect(try text("out/series.conf").contains("+xen moved.patch"))
        #expect(shell("patch -d new -p1 --fuzz=0 < out/moved.patch > log; ! grep offset log", in: folder.path) == 0)
    }

    @Test(
        "a patch that removes a file beside other changes is moved, and what is in conflict takes nothing else with it")
    func removing() throws {
        try folder.write(
            "s/removes.patch",
            "--- a/d/gone\n+++ /dev/null\n@@ -1,40 +0,0 @@\n" + (1...40).map { "-gone line \($0)\n" }.joined())
        #expect(
            shell("cp old/d/gone new/d/gone; sed -n '/^diff /,$p' s/moved.patch >> s/removes.patch", in: folder.path)
                == 0)
        try series("removes", "again")
        let json = try folder.json(arguments + ["--format", "json"])
        let verdicts = (json["patches"] as? [[String: Any]])?.map { $0["verdict"] as? String }
        #expect(json["verdict"] as? String == "pass" && verdicts == ["moved", "moved"], "\(json)")
        #expect(try folder.dom0kit("verify", "--tree", "new", "--series", "out", "--strict").status == 0)
        // One of its files is in conflict: the other is moved, and so is the patch on top of it.
        #expect(shell("rm -r out; echo more >> new/d/gone", in: folder.path) == 0)
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 10 && run.output.contains("1 moved, 1 conflict"), "\(run)")
        #expect(try text("out/series") == "# ours\n# conflict, in part: removes.patch\nremoves.patch\nagain.patch\n")
        #expect(try !text("out/removes.patch").contains("gone line"))
        #expect(try folder.dom0kit("verify", "--tree", "new", "--series", "out", "--strict").status == 0)
    }

    @Test("a patch that is taken back stays one")
    func reversed() throws {
        #expect(
            shell(
                "patch -d old -p1 < s/merged.patch && rm s/series; patch -d new -p1 -F3 < s/merged.patch",
                in: folder.path) == 0)
        try folder.write("s/series", "merged.patch -R\n")
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 0, "\(run)")
        #expect(try text("out/series") == "merged.patch -R\n")
        #expect(try folder.dom0kit("verify", "--tree", "new", "--series", "out", "--strict").status == 0)
    }
}
