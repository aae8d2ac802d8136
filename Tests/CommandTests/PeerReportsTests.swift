import Bytes
import SystemPackage
import TestSupport
import Testing

/// What was reported of the fastest peer, rapidquilt, with cases of our own making: none of it happens here.
@Suite struct PeerReportsTests {
    private let scratch: Scratch
    private let head = "--- a/f\n+++ b/f\n"

    init() throws {
        scratch = try Scratch()
        try scratch.file("tree/f", (1...60).map { "\($0)\n" }.joined())
    }

    private func hunk(_ line: Int, _ new: String, old: String? = nil, at: Int? = nil) -> String {
        let start = at ?? line - 3
        return "@@ -\(start),7 +\(start),7 @@\n" + (line - 3..<line).map { " \($0)\n" }.joined()
            + "-\(old ?? "\(line)")\n+\(new)\n" + (line + 1...line + 3).map { " \($0)\n" }.joined()
    }

    private func dom0kit(_ arguments: String...) throws -> ToolRun {
        try run(CommandFolder.program.path, arguments, in: scratch.path)
    }

    /// Issue 7: the next patch in line is said to be applied already and is left out.
    @Test func theNextPatchIsNotTakenForApplied() throws {
        try scratch.file("p/one", head + hunk(10, "ten"))
        try scratch.file("p/two", head + hunk(20, "twenty"))
        try scratch.file("p/series", "one\n")
        #expect(try dom0kit("apply", "--tree", "tree", "--series", "p", "--quilt-state").status == 0)
        try scratch.file("p/series", "one\ntwo\n")
        let next = try dom0kit("apply", "--tree", "tree", "--series", "p", "--quilt-state")
        #expect(next.status == 0, "\(next.text)")
        #expect(try scratch.text("tree/f").contains("\ntwenty\n"))
        #expect(try scratch.text("tree/.pc/applied-patches") == "one\ntwo\n")
        // Without a record nothing is assumed: what is there already is said, and fails.
        let again = try dom0kit("apply", "--tree", "tree", "--series", "p/two")
        #expect(again.status == 10 && again.text.contains("already has this change"))
    }

    /// Issue 25: a blank line behind a hunk ends it early, and the later hunks of the file are dropped without a word.
    @Test func hunksBehindABlankLineAreNotDroppedInSilence() throws {
        try scratch.file("x.patch", head + hunk(10, "ten") + "\n" + hunk(30, "thirty"))
        let told = try dom0kit("apply", "--tree", "tree", "--series", "x.patch", "--dry-run", "--format", "json")
        #expect(
            told.status == 0 && told.text.contains("\"verdict\" : \"warn\"")
                && told.text.contains("\"looksLikePatch\" : true"))
        let strict = try dom0kit("apply", "--tree", "tree", "--series", "x.patch", "--strict")
        #expect(
            strict.status == 11 && strict.text.contains("line 13: ignored, but looks like a patch: @@ -27,7 +27,7 @@"))
        #expect(try !scratch.text("tree/f").contains("ten"))
    }

    /// Issue 31: a patch with a hunk that fails, one that is out of order and one that fits cannot be rolled back while
    /// its failure is looked into.
    @Test func aFailingPatchIsExplainedAndLeavesNothing() throws {
        for text in [
            hunk(10, "ten", old: "nine") + hunk(40, "forty") + hunk(20, "twenty"),
            hunk(40, "forty", at: 5) + hunk(20, "x", old: "y") + hunk(50, "fifty"),
        ] {
            try scratch.file("x.patch", head + text)
            for direction in ["x.patch", "x.patch -R"] {
                try scratch.file("p/series", direction + "\n")
                try scratch.file("p/x.patch", head + text)
                let before = try scratch.text("tree/f")
                let ended = try dom0kit("apply", "--tree", "tree", "--series", "p", "--like", "quilt")
                #expect(ended.status == 10 && ended.text.contains("does not apply"), "\(ended.text)")
                #expect(try scratch.text("tree/f") == before)
            }
        }
    }

    /// Issue 43: two hunks that are the same, and one place for them: the second is dropped without a word.
    @Test func aDoubledHunkFails() throws {
        try scratch.file("x.patch", head + hunk(10, "ten") + hunk(10, "ten"))
        let ended = try dom0kit("apply", "--tree", "tree", "--series", "x.patch", "--like", "suse")
        #expect(ended.status == 10 && ended.text.contains("f: hunk 2 does not apply"))
        #expect(ended.text.contains("the same one is there twice"))
        #expect(try !scratch.text("tree/f").contains("ten"))
    }

    /// Issue 2: a dry run leaves quilt's record. Issue 32: files that may only be read.
    @Test func dryRunsAndReadOnlyFiles() throws {
        try scratch.file("p/one", head + hunk(10, "ten"))
        try scratch.file("p/series", "one\n")
        try #require(scratch.shell("chmod 444 tree/f") == 0)
        #expect(try dom0kit("apply", "--tree", "tree", "--series", "p", "--quilt-state", "--dry-run").status == 0)
        #expect(!Files.exists(scratch.path.pushing("tree/.pc")))
        #expect(try dom0kit("apply", "--tree", "tree", "--series", "p", "--quilt-state").status == 0)
        #expect(scratch.shell("test $(stat -c %a tree/f) = 444 && seq 1 60 | cmp - tree/.pc/one/f") == 0)
    }

    /// Issue 10: `---` and `+++` lines in a description.
    @Test func headersInADescription() throws {
        try scratch.file("x.patch", "Subject: x\n\n+++ b/nowhere\n--- text\n*** text\n\n---\n" + head + hunk(10, "ten"))
        #expect(try dom0kit("apply", "--tree", "tree", "--series", "x.patch").status == 0)
        #expect(try scratch.text("tree/f").contains("\nten\n"))
    }
}
