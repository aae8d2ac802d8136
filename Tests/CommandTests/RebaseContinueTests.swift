import Bytes
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Conflicts that somebody finishes: what is solved is taken, kept, used again, and never lost.
@Suite(.enabled(if: hasTools("diff", "patch", "git"), "needs diff, patch and git"))
struct RebaseContinueTests {
    let folder: CommandFolder

    init() throws {
        folder = try RebaseScene.make()
        try folder.write("s/series", "conflict.patch\nfits.patch\ngone.patch\nmoved.patch\n")
    }

    private static let begin = ["rebase", "--from", "old", "--to", "new", "--series", "s", "--into", "out"]
    private static let file = "out/conflicts/conflict.patch/files/d/conflict"

    private func text(_ name: String) throws -> String { try folder.text(name) }

    /// Puts an answer between the marks of the one conflict.
    private func solve(_ answer: String, _ name: String = file) throws {
        let text = try text(name)
        let start = try #require(text.range(of: "<<<<<<< the patch\n"))
        let end = try #require(text.range(of: ">>>>>>> the new tree\n"))
        try folder.write(name, text[..<start.lowerBound] + answer + text[end.upperBound...])
    }

    private func verdicts(_ json: [String: Any]) -> [String] {
        (json["patches"] as? [[String: Any]])?.compactMap { $0["verdict"] as? String } ?? []
    }

    @Test("what is solved is taken, what is left out is a comment, and the end leaves a series that fits")
    func proceed() throws {
        #expect(try folder.dom0kit(Self.begin).status == 10)
        let about = try text("out/conflicts/conflict.patch/about")
        #expect(about.contains("intent:  change conflict\n") && about.contains("author:  A Person"), "\(about)")
        // Nothing is solved yet: nothing changes.
        #expect(try folder.dom0kit("rebase", "--continue", "--into", "out").status == 10)
        try solve("conflict line twenty-two X\n")
        let before = try Files.list(folder.path.appending("out"))
        let status = try folder.json(["rebase", "--status", "--into", "out", "--format", "json"])
        #expect(verdicts(status) == ["merged", "fits", "conflict", "moved"])
        #expect(try Files.list(folder.path.appending("out")) == before, "a look writes nothing")
        try folder.write("out/notes.txt", "mine\n")
        let json = try folder.json(["rebase", "--continue", "--into", "out", "--format", "json"])
        #expect(verdicts(json) == ["merged", "fits", "conflict", "moved"])
        #expect((json["summary"] as? [String: Any])?["decided"] as? Int == 1)
        #expect(
            try text("out/series") == "conflict.patch\nfits.patch\n# conflict: gone.patch\nmoved.patch\n")
        #expect(try text("out/conflict.patch").contains("-conflict line X\n+conflict line twenty-two X\n"))
        // Only a patch in conflict can be left out.
        let wrong = try folder.dom0kit("rebase", "--skip", "--patch", "fits.patch", "--into", "out")
        #expect(wrong.status == 64 && wrong.errors.contains("in conflict: gone.patch"), "\(wrong)")
        let skipped = try folder.dom0kit("rebase", "--skip", "--into", "out")
        #expect(skipped.status == 0 && skipped.output.contains("1 skipped"), "\(skipped)")
        #expect(try text("out/series") == "conflict.patch\nfits.patch\n# skipped: gone.patch\nmoved.patch\n")
        #expect(try text("out/notes.txt") == "mine\n", "what is not the kit's stays")
        #expect(!Files.exists(folder.path.appending("out/conflicts")))
        #expect(try folder.dom0kit("rebase", "--continue", "--into", "out").status == 66)
        #expect(try folder.dom0kit("verify", "--tree", "new", "--series", "out", "--strict").status == 0)
    }

    @Test("a patch written in the place of one is taken if it fits")
    func replaced() throws {
        #expect(try folder.dom0kit(Self.begin).status == 10)
        let file = "out/conflicts/gone.patch/patch"
        let patch =
            "Subject: elsewhere\n\n--- a/d/part\n+++ b/d/part\n@@ -1,2 +1,2 @@\n-part line \(1)\n+part line one\n part line 2\n"
        try folder.write(file, patch.replacingOccurrences(of: "line 2", with: "line two"))
        let unfit = try folder.dom0kit("rebase", "--continue", "--into", "out")
        #expect(unfit.status == 10 && unfit.output.contains("the patch written for it is not taken"), "\(unfit)")
        try folder.write(file, patch)
        try solve("conflict line twenty-two X\n")
        let run = try folder.dom0kit("rebase", "--continue", "--into", "out")
        #expect(run.status == 0 && run.output.contains("d/part: merged, by resolved"), "\(run)")
        #expect(try text("out/gone.patch") == patch)
        #expect(try folder.dom0kit("verify", "--tree", "new", "--series", "out", "--strict").status == 0)
        // What was decided holds for the next version as well, as likely, not as certain.
        let next = ["rebase", "--from", "old", "--to", "new", "--series", "s", "--into", "next"]
        let again = try folder.json(next + ["--resolutions", "out/resolutions", "--format", "json"])
        #expect(again["verdict"] as? String == "warn" && verdicts(again) == ["merged", "fits", "merged", "moved"])
        #expect(try text("next/gone.patch") == patch && text("next/conflict.patch") == text("out/conflict.patch"))
    }

    @Test("resolutions are found by what is in conflict: beside the series, in folders, in other trees")
    func remembered() throws {
        try folder.write("s/series", "conflict.patch\n")
        #expect(try folder.dom0kit(Self.begin + ["--resolutions", "kept"]).status == 10)
        try solve("conflict line twenty-two X\n")
        #expect(try folder.dom0kit("rebase", "--continue", "--into", "out").status == 0)
        #expect(try Files.list(folder.path.appending("kept")) == Files.list(folder.path.appending("out/resolutions")))
        // Another tree, in which the file has more lines, and is another file.
        #expect(
            shell(
                """
                mv out/resolutions s/; cp -r new newer; sed -i '1i top' newer/d/conflict; sed -i '$a end' newer/d/conflict
                """, in: folder.path) == 0)
        let arguments = ["rebase", "--from", "old", "--to", "newer", "--series", "s", "--into", "more"]
        let json = try folder.json(arguments + ["--format", "json"])
        let used = (json["patches"] as? [[String: Any]])?.first?["files"] as? [[String: Any]]
        #expect(json["verdict"] as? String == "warn" && used?.first?["rules"] as? [String] == ["remembered"])
        let source = ((used?.first?["resolutions"] as? [[String: Any]])?.first?["file"] as? String) ?? ""
        #expect(source.contains("s/resolutions/"), "\(used ?? [])")
        #expect(
            shell(
                "cp -r newer t; patch -d t -p1 < more/conflict.patch && grep -qx 'conflict line twenty-two X' t/d/conflict",
                in: folder.path) == 0)
        // Taken for this patch, or for all.
        for accepted in ["conflict.patch", "derived"] {
            _ = shell("rm -r more", in: folder.path)
            #expect(try folder.dom0kit(arguments + ["--accept", accepted, "--strict"]).status == 0)
        }
        _ = shell("rm -r more", in: folder.path)
        #expect(try folder.dom0kit(arguments + ["--accept", "other.patch", "--strict"]).status == 64)
    }

    @Test(
        "a resolution from elsewhere is judged, not trusted",
        arguments: [
            ("s/^answer$/anser/", "'answer' is missing"), ("s/^= .*/= <<<<<<< x/", "has the marks of a conflict"),
            ("1s/1/2/", "its first line is not"), ("s/^kind: lines/kind: magic/", "this kind is not known"),
            ("$a more", "this line is not expected here"),
        ])
    func judged(change: String, said: String) throws {
        try folder.write("s/series", "conflict.patch\n")
        #expect(try folder.dom0kit(Self.begin).status == 10)
        try solve("conflict line twenty-two X\n")
        #expect(try folder.dom0kit("rebase", "--continue", "--into", "out").status == 0)
        #expect(shell("mv out/resolutions kept && rm -r out && sed -i '\(change)' kept/*", in: folder.path) == 0)
        let run = try folder.dom0kit(Self.begin + ["--resolutions", "kept"])
        #expect(run.status == 10 && run.output.contains("not used") && run.output.contains(said), "\(run)")
        #expect(try folder.json(["rebase", "--status", "--into", "out", "--format", "json"])["refused"] != nil)
    }

    @Test("two files with different answers to one conflict: neither is used")
    func contradicting() throws {
        try folder.write("s/series", "conflict.patch\n")
        #expect(try folder.dom0kit(Self.begin).status == 10)
        try solve("conflict line twenty-two X\n")
        #expect(try folder.dom0kit("rebase", "--continue", "--into", "out").status == 0)
        #expect(
            shell(
                "mv out/resolutions kept; rm -r out; mkdir other; for f in kept/*; do sed 's/^= .*/= something else/' $f > other/x.resolution; done",
                in: folder.path) == 0)
        let both = Self.begin + ["--resolutions", "kept", "--resolutions", "other"]
        let run = try folder.dom0kit(both)
        #expect(run.status == 10 && run.output.contains("says something else than"), "\(run)")
        _ = shell("rm -r out", in: folder.path)
        #expect(try folder.dom0kit(Self.begin).status == 10)
        // One that somebody puts into the folder of the series meanwhile is not taken for a decision made here.
        _ = shell("mkdir -p out/resolutions; cp other/x.resolution out/resolutions/", in: folder.path)
        let json = try folder.json(["rebase", "--status", "--into", "out", "--format", "json"])
        let rules = ((json["patches"] as? [[String: Any]])?.first?["files"] as? [[String: Any]])?.first?["rules"]
        #expect(rules as? [String] == ["remembered"], "\(json)")
        #expect((json["summary"] as? [String: Any])?["decided"] as? Int == 0)
    }

    @Test("work that cannot be used yet stays where it is, and changes of other files are refused")
    func nothingLost() throws {
        // Two conflicts in one file, far apart.
        #expect(
            shell(
                """
                sed -i 's/^conflict line 5$/conflict line Y/' new/d/conflict
                cp -r old w; sed -i 's/^conflict line 22$/a/;s/^conflict line 5$/b/' w/d/conflict
                diff -pu --label a/d/conflict --label b/d/conflict old/d/conflict w/d/conflict > s/conflict.patch; rm -r w
                """, in: folder.path) == 0)
        #expect(try folder.dom0kit(Self.begin).status == 10)
        // One is solved: it is kept, the other one is still open.
        try solve("solved\n")
        let run = try folder.json(["rebase", "--continue", "--into", "out", "--format", "json"])
        let file = ((run["patches"] as? [[String: Any]])?.first?["files"] as? [[String: Any]])?.first
        #expect(file?["conflicts"] as? Int == 1, "\(run)")
        #expect(try text(Self.file).contains("\nsolved\n"))
        // A line elsewhere is changed while marks are left.
        let begun = try text(Self.file).replacingOccurrences(of: "conflict line 40", with: "mine")
        try folder.write(Self.file, begun)
        #expect(try folder.dom0kit("rebase", "--continue", "--into", "out").status == 10)
        #expect(try text(Self.file) == begun)
        // And then solved: the whole file counts.
        try solve("solved too\n")
        #expect(try folder.dom0kit("rebase", "--skip", "--patch", "gone.patch", "--into", "out").status == 0)
        let patch = try text("out/conflict.patch")
        #expect(patch.contains("+solved\n") && patch.contains("+solved too\n") && patch.contains("+mine\n"))
        #expect(try folder.dom0kit("verify", "--tree", "new", "--series", "out", "--strict").status == 0)
    }

    @Test("what is not the folder's any more is said: an edited list, other trees, another series, a damaged state")
    func others() throws {
        #expect(try folder.dom0kit(Self.begin).status == 10)
        let proceed = ["rebase", "--continue", "--into", "out"]
        try folder.write("out/series", try text("out/series") + "more.patch\n")
        let edited = try folder.dom0kit(proceed)
        #expect(edited.status == 64 && edited.errors.contains("out/series was changed"), "\(edited)")
        try folder.write("out/series", try text("out/series").replacingOccurrences(of: "more.patch\n", with: ""))
        #expect(shell("cp -r new keep; sed -i 's/line X/line Z/' new/d/conflict", in: folder.path) == 0)
        let tree = try folder.dom0kit(proceed)
        #expect(tree.status == 64 && tree.errors.contains("a tree changed since"), "\(tree)")
        #expect(shell("rm -r new; mv keep new; echo '# x' >> s/gone.patch", in: folder.path) == 0)
        let series = try folder.dom0kit(proceed)
        #expect(series.status == 64 && series.errors.contains("the series changed since"), "\(series)")
        try folder.write("out/.rebase.json", "{\"version\": 1}")
        #expect(try folder.dom0kit(proceed).status == 65)
        #expect(try folder.dom0kit("rebase", "--continue", "--into", "new").status == 66)
        #expect(try folder.dom0kit(proceed + ["--from", "old"]).status == 64)
    }

    @Test("given up: what was written goes, what is not the kit's stays")
    func aborted() throws {
        #expect(try folder.dom0kit(Self.begin).status == 10)
        let run = try folder.dom0kit("rebase", "--abort", "--into", "out")
        #expect(run.status == 0 && !Files.exists(folder.path.appending("out")), "\(run)")
        #expect(try folder.dom0kit(Self.begin).status == 10)
        try folder.write("out/notes.txt", "mine\n")
        let json = try folder.json(["rebase", "--abort", "--into", "out", "--format", "json"])
        #expect((json["left"] as? [String])?.first?.hasSuffix("out/notes.txt") == true)
        #expect(shell("test \"$(find out -type f)\" = out/notes.txt", in: folder.path) == 0)
        #expect(try folder.dom0kit("rebase", "--abort", "--into", "out").status == 66)
    }

    @Test("the history says who changed the lines, what brought what is upstream, and what is missing")
    func history() throws {
        #expect(
            shell(
                """
                \(CommandFolder.author)
                git init -q r; cd r; cp -r ../old/* .; git add .; git commit -qm start
                git branch base; git checkout -q -b side; sed -i 's/^conflict line 22$/only old/' d/conflict; git commit -qam 'only here'; git tag old
                git checkout -q base; sed -i 's/^conflict line 22$/conflict line X/' d/conflict; git commit -qam 'take the X'
                sed -i 's/^upstream line 22$/upstream line twenty-two/' d/upstream; git commit -qam 'say it in words'
                sed -i '1i top' d/conflict; git commit -qam 'something else'; git tag new
                cd ..; sed -i 's/^-conflict line 22$/-only old/' s/conflict.patch
                """, in: folder.path) == 0)
        try folder.write("s/series", "conflict.patch\nupstream.patch\n")
        let json = try folder.json([
            "rebase", "--from", "git:r@old", "--to", "git:r@new", "--series", "s", "--into", "out", "--format", "json",
        ])
        let patches = json["patches"] as? [[String: Any]] ?? []
        func subjects(_ index: Int) -> [String] {
            ((patches[index]["files"] as? [[String: Any]])?.first?["commits"] as? [[String: Any]])?.compactMap {
                $0["subject"] as? String
            } ?? []
        }
        try #require(patches.count == 2)
        #expect(subjects(0) == ["take the X"] && subjects(1) == ["say it in words"])
        let missing = patches[0]["prerequisites"] as? [String] ?? []
        #expect(missing.count == 1 && missing[0].hasSuffix("2020-02-03 Up: only here"), "\(missing)")
        let about = try text("out/conflicts/conflict.patch/about")
        #expect(about.contains("2020-02-03 Up: take the X\n") && about.contains("only here"), "\(about)")
        #expect(try text("out/series").contains("# upstream: upstream.patch"))
    }

    @Test("trees that have nothing to do with each other are told")
    func unrelated() throws {
        try folder.write("s/series", "fits.patch\nmoved.patch\nmerged.patch\n")
        #expect(shell("mkdir -p alien/x; echo hello > alien/x/readme", in: folder.path) == 0)
        let run = try folder.dom0kit("rebase", "--from", "old", "--to", "alien", "--series", "s", "--into", "out")
        #expect(
            run.status == 10 && run.output.contains("of 3 files that the series changes the new tree has 0"), "\(run)")
    }

    @Test("a kill at any time leaves the folder as it was or as it is to be; the next run clears up")
    func killed() throws {
        #expect(try folder.dom0kit(Self.begin).status == 10)
        try solve("conflict line twenty-two X\n")
        try folder.write("out/notes.txt", "mine\n")
        let solved = try text(Self.file)
        for delay in stride(from: 2_000, to: 80_000, by: 3_000) {
            let process = Process()
            process.executableURL = CommandFolder.program
            process.arguments = ["rebase", "--continue", "--into", "out"]
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path.string)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            usleep(UInt32(delay))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let isBefore = try Files.exists(folder.path.pushing(FilePath(Self.file))) && text(Self.file) == solved
            let isAfter =
                try Files.exists(folder.path.appending("out/conflict.patch"))
                && !Files.list(folder.path.appending("out/resolutions")).isEmpty
            #expect(isBefore != isAfter, "killed after \(delay)")
            #expect(try text("out/notes.txt") == "mine\n")
        }
        #expect(try folder.dom0kit("rebase", "--skip", "--into", "out").status != 70)
        #expect(try Files.list(folder.path).filter { $0.contains(".rebase-") } == [])
    }

    @Test("what was solved in one patch is likely in another, not certain, and said")
    func solvedElsewhere() throws {
        try folder.write("s/series", "conflict.patch\nother.patch\n")
        #expect(
            shell(
                """
                for t in old new; do sed '1i first' $t/d/conflict > $t/d/other; done
                sed 's,d/conflict,d/other,g; s/^@@ -19,7 +19,7/@@ -20,7 +20,7/' s/conflict.patch > s/other.patch
                """, in: folder.path) == 0)
        #expect(try folder.dom0kit(Self.begin).status == 10)
        try solve("conflict line twenty-two X\n")
        let run = try folder.dom0kit("rebase", "--continue", "--into", "out", "--strict")
        #expect(run.status == 11 && run.output.contains("as it was solved in conflict.patch, d/conflict"), "\(run)")
        #expect(run.output.contains("d/conflict: merged, by resolved"), "\(run)")
    }

    @Test("nothing outside of the folder is removed or read, whatever lies in it")
    func confined() throws {
        #expect(shell("mkdir -p victim/deep; echo v > victim/deep/f; echo secret > hidden", in: folder.path) == 0)
        #expect(try folder.dom0kit(Self.begin).status == 10)
        try folder.write("out/notes.txt", "mine\n")
        // A state that names what is not in the folder.
        #expect(
            shell(
                "cp out/.rebase.json kept; sed -i 's#\"conflicts[^\"]*about\"#\"../victim\"#' out/.rebase.json",
                in: folder.path) == 0)
        #expect(try folder.dom0kit("rebase", "--abort", "--into", "out").status == 65)
        // Links in the place of what was written.
        #expect(
            shell(
                """
                cp kept out/.rebase.json; rm out/conflicts/conflict.patch/files/d/conflict
                ln -s ../../../../../hidden out/conflicts/conflict.patch/files/d/conflict
                """, in: folder.path) == 0)
        #expect(try folder.dom0kit("rebase", "--continue", "--into", "out").status == 10)
        #expect(try !text("out/series").contains("\nconflict.patch\n"))
        #expect(shell("mv out/conflicts elsewhere; ln -s ../elsewhere out/conflicts", in: folder.path) == 0)
        #expect(try folder.dom0kit("rebase", "--abort", "--into", "out").status == 0)
        #expect(Files.exists(folder.path.appending("elsewhere/conflict.patch/about")))
        #expect(try text("victim/deep/f") == "v\n")
    }

    @Test("one's own file where a patch is to be stops it; a patch that does not fit stays where it can be mended")
    func ownFiles() throws {
        try folder.write("s/series", "conflict.patch\n")
        #expect(try folder.dom0kit(Self.begin).status == 10)
        try folder.write("out/conflict.patch", "my work\n")
        try solve("conflict line twenty-two X\n")
        let stopped = try folder.dom0kit("rebase", "--continue", "--into", "out")
        #expect(stopped.status == 73 && stopped.errors.contains("out/conflict.patch"), "\(stopped)")
        #expect(try text("out/conflict.patch") == "my work\n")
        #expect(shell("rm -r out", in: folder.path) == 0)
        #expect(try folder.dom0kit(Self.begin).status == 10)
        let mine = try text("s/conflict.patch").replacingOccurrences(
            of: "-conflict line 22\n", with: "-conflict line X\n")
        try folder.write("out/conflicts/conflict.patch/patch", mine.replacingOccurrences(of: "@@ -19", with: "@@ -17"))
        let unfit = try folder.dom0kit("rebase", "--continue", "--into", "out")
        #expect(unfit.status == 10 && unfit.output.contains("hunk 1 does not fit at the very line"), "\(unfit)")
        #expect(try text("out/conflicts/conflict.patch/patch").contains("@@ -17"))
        #expect(Files.exists(folder.path.appending(Self.file)), "the file with both sides stays")
        try folder.write("out/conflicts/conflict.patch/patch", mine)
        #expect(try folder.dom0kit("rebase", "--continue", "--into", "out").status == 0)
        #expect(try text("out/conflict.patch") == mine)
    }

    @Test("files of one name: a patch listed again with another text, one left out, and another series of a stack")
    func equalNames() throws {
        // Under a guard that is not given, and then again: only the second is moved, and both files are kept.
        try folder.write("s/series.conf", "\t-xen moved.patch\n\tmoved.patch\n")
        #expect(shell("rm s/series", in: folder.path) == 0)
        let arguments = ["rebase", "--from", "old", "--to", "new", "--series", "s/series.conf", "--guards", "xen"]
        #expect(try folder.dom0kit(arguments + ["--into", "out"]).status == 0)
        #expect(try text("out/series.conf").contains("moved-2.patch"))
        #expect(
            try folder.dom0kit(
                "verify", "--tree", "new", "--series", "out/series.conf", "--guards", "xen", "--strict"
            ).status == 0)
        // Two series of a stack have a file of one name each.
        #expect(
            shell(
                "mkdir a b; cp s/moved.patch a/p.patch; cp s/fits.patch b/p.patch; for d in a b; do echo p.patch > $d/series; done",
                in: folder.path) == 0)
        let run = try folder.dom0kit("refresh", "--tree", "new", "--series", "a", "--series", "b")
        #expect(run.status == 0, "\(run)")
    }
}
