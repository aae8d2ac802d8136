import Foundation
import Patching
import TestSupport
import Testing

/// A refreshed series is clean and gives the same tree, as the real patch(1) sees it too.
@Suite(.enabled(if: PatchTool.path != nil, "GNU patch is not on this machine: apt-get install patch"))
struct RefreshTests {
    private static let cases = UInt64(ProcessInfo.processInfo.environment["DOM0KIT_REFRESH_CASES"] ?? "") ?? 160

    /// What a patch is written as.
    enum Form: String, CaseIterable { case unified, context, returns, reversed, git }

    /// The patch of a random case in another form; `nil` where the tool for it cannot make it.
    private static func form(_ form: Form, _ random: RandomPatch) throws -> [UInt8]? {
        switch form {
        case .unified, .reversed: return random.patch
        case .git:
            return Array("diff --git a/file b/file\nold mode 100644\nnew mode 100755\nindex 1111111..2222222\n".utf8)
                + random.patch
        case .returns: return Array(String(decoding: random.patch, as: UTF8.self).replacing("\n", with: "\r\n").utf8)
        case .context:
            guard random.context > 0, !random.isSkewed else { return nil }
            // What the patch was made from and makes, diffed anew.
            let scratch = try Scratch()
            try scratch.file("old", random.old)
            try scratch.file("new", random.new)
            let diff = try run(
                "diff", ["-C\(random.context)", "--label", "a/file", "--label", "b/file", "old", "new"],
                in: scratch.path)
            return diff.status == 1 ? diff.output : nil
        }
    }

    @Test(arguments: Form.allCases) func refreshedPatchesApplyExactly(_ form: Form) throws {
        var refreshed = 0
        for seed in 0..<Self.cases {
            let random = RandomPatch(seed: seed &* 17)
            guard let patch = try Self.form(form, random) else { continue }
            let reverse = form == .reversed
            let files = ["file": random.tree]
            let header = Array("From: someone\n\nWhy.\n---\n".utf8)
            let input = PatchInput(name: "x.patch", bytes: header + patch, reverse: reverse)
            let refresh = try SeriesRefresh.run(patches: [input], on: memoryTree(files), policy: .quilt)
            guard refresh.before.failures.isEmpty, let made = refresh.patches.first else { continue }
            refreshed += 1
            let text: Comment =
                "seed \(seed)\n\(String(decoding: patch, as: UTF8.self))\n--- refreshed\n\(made.blob.text(0..<made.blob.count))\n--- tree\n\(String(decoding: random.tree, as: UTF8.self))"
            #expect(refresh.isProven, text)
            #expect(made.blob.bytes.starts(with: header))
            let direction = reverse ? ["-R"] : []
            let before = try PatchTool.run(files, patch: patch, arguments: ["-p1", "-F2"] + direction)
            let after = try PatchTool.run(files, patch: made.blob.bytes, arguments: ["-p1", "-F0"] + direction)
            #expect(after.status == 0, text)
            #expect(after.files == before.files && after.executables == before.executables, text)
            #expect(after.hunks.allSatisfy { $0.offset == 0 && $0.fuzz == 0 }, text)
            // A second time there is nothing to do.
            let renewed = PatchInput(name: "x.patch", blob: made.blob, reverse: reverse)
            let again = try SeriesRefresh.run(patches: [renewed], on: memoryTree(files), policy: .quilt)
            #expect(again.isProven && again.patches.isEmpty, text)
        }
        #expect(refreshed > 15, "only \(refreshed) were refreshed")
    }

    /// Of a series only the hunks that moved change; everything else keeps its bytes.
    @Test func whatIsCleanKeepsItsBytes() throws {
        let base = (1...60).map { "\($0)\n" }.joined()
        func hunk(_ line: Int, _ new: String, at: Int? = nil) -> String {
            let start = at ?? line - 1
            return "@@ -\(start),3 +\(start),3 @@ f()\n \(line - 1)\n-\(line)\n+\(new)\n \(line + 1)\n"
        }
        let head = "--- a/f\t2009-01-01\n+++ b/f\t2009-01-02\n"
        let patches = [
            ("clean", "Subject: a\n\n# comment\n" + head + hunk(10, "ten")),
            ("half", "text\n" + head + hunk(20, "twenty") + hunk(30, "thirty", at: 35) + "-- \n2.1\n"),
            ("other", head.replacing("/f", with: "/g") + hunk(10, "ten", at: 9) + "\ntrailing words\n"),
        ].map { PatchInput(name: $0.0, bytes: Array($0.1.utf8)) }
        let tree = memoryTree(["f": Array(base.utf8), "g": Array(base.utf8)])
        let refresh = try SeriesRefresh.run(patches: patches, on: tree, policy: .quilt)
        #expect(refresh.isProven && refresh.patches.map(\.index) == [1] && refresh.patches[0].hunks == 1)
        let expected = "text\n" + head + hunk(20, "twenty") + hunk(30, "thirty") + "-- \n2.1\n"
        #expect(refresh.patches[0].blob.text(0..<10_000) == expected)
    }

    /// A second marker behind a hunk is not read with it; behind the new hunk, which goes on, it would be misplaced.
    @Test func oddTextBehindAHunkIsNoProof() throws {
        let patch =
            "--- a/f\n+++ b/f\n@@ -7,3 +7,3 @@\n 7\n 8\n-9\n+y\n\\ No newline at end of file\n\\ Odd\n"
        let tree = memoryTree(["f": Array("5\n6\n7\n8\n9\na\nb\nc\n".utf8)])
        let refresh = try SeriesRefresh.run(
            patches: [PatchInput(name: "p", bytes: Array(patch.utf8))], on: tree, policy: .quilt)
        #expect(refresh.before.failures.isEmpty && !refresh.isProven)
        #expect(refresh.after.failures.count == 1)
    }

    @Test func aSeriesThatFailsIsLeftAlone() throws {
        let patch = "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-1\n+one\n 2\n"
        let refresh = try SeriesRefresh.run(
            patches: [PatchInput(name: "p", bytes: Array(patch.utf8))], on: memoryTree(["f": Array("x\n".utf8)]),
            policy: .quilt)
        #expect(!refresh.isProven && refresh.patches.isEmpty && refresh.before.failures.count == 1)
    }

    /// What fits is made clean, without what does not; that stays as it is.
    @Test func whatDoesNotFitIsLeftOut() throws {
        func patch(_ name: String, _ old: String, _ new: String) -> PatchInput {
            PatchInput(
                name: name, bytes: Array("--- a/f\n+++ b/f\n@@ -2,3 +2,3 @@\n 2\n-\(old)\n+\(new)\n 4\n".utf8))
        }
        let tree = memoryTree(["f": Array("0\n1\n2\n3\n4\n5\n".utf8)])
        let refresh = try SeriesRefresh.run(
            patches: [patch("fits", "3", "three"), patch("fails", "x", "y"), patch("more", "three", "drei")], on: tree,
            policy: .quilt)
        #expect(refresh.isProven && refresh.unfit == [1] && refresh.patches.map(\.index) == [0, 2])
        #expect(String(decoding: refresh.patches[1].blob.bytes, as: UTF8.self).contains("@@ -3,3 +3,3 @@"))
    }
}
