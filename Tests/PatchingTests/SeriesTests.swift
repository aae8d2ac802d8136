import Foundation
import Patching
import Testing

/// Series of patches: what the report says, and what does not depend on how the work is done.
struct SeriesTests {
    private static let base = (1...30).map { "\($0)\n" }.joined()

    private static func patch(_ name: String, _ text: String, reverse: Bool = false) -> PatchInput {
        PatchInput(name: name, bytes: Array(text.utf8), reverse: reverse)
    }

    private static func change(_ file: String, _ line: Int, _ old: String, _ new: String, section: String = "")
        -> String
    {
        "--- a/\(file)\n+++ b/\(file)\n@@ -\(line - 3),7 +\(line - 3),7 @@\(section.isEmpty ? "" : " " + section)\n"
            + (line - 3..<line).map { " \($0)\n" }.joined() + "-\(old)\n+\(new)\n"
            + (line + 1...line + 3).map { " \($0)\n" }.joined()
    }

    private func run(
        _ patches: [PatchInput], _ files: [String: String], _ policy: PlacementPolicy = .standard
    ) throws -> AppliedSeries {
        try SeriesApplication.run(patches: patches, on: memoryTree(files.mapValues { Array($0.utf8) }), policy: policy)
    }

    @Test func anEarlierPatchIsNamed() throws {
        let applied = try run(
            [
                Self.patch("one.patch", Self.change("f", 10, "10", "ten")),
                Self.patch("two.patch", Self.change("f", 10, "10", "TEN")),
                Self.patch("three.patch", Self.change("f", 20, "20", "twenty")),
            ], ["f": Self.base])
        let failure = try #require(applied.report.failure)
        #expect(failure.patch == "two.patch" && failure.hunk == 1 && failure.patchLine == 3)
        #expect(failure.explanation.changedBy.map(\.patch) == ["one.patch"])
        #expect(failure.explanation.closest?.line == 7 && failure.explanation.closest?.matching == 6)
        #expect(failure.explanation.advice.contains("one.patch"))
        #expect(applied.report.patches.map(\.verdict) == [.clean, .failed, .skipped])
        #expect(applied.changes.isEmpty)
        #expect(applied.report.verdict == .fail)
    }

    @Test func whatIsInTheTreeAlreadyIsSaid() throws {
        let done = Self.base.replacing("10\n", with: "ten\n")
        let applied = try run([Self.patch("one.patch", Self.change("f", 10, "10", "ten"))], ["f": done])
        #expect(applied.report.patches[0].verdict == .alreadyApplied)
        #expect(applied.report.failure?.explanation.appliedAt == 7)
        #expect(applied.report.summary.alreadyApplied == 1)
    }

    @Test func aMovedFileIsFound() throws {
        let applied = try run(
            [
                Self.patch("move.patch", "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n"),
                Self.patch("late.patch", Self.change("f", 10, "10", "ten")),
            ], ["f": Self.base])
        #expect(applied.report.failure?.explanation.goneWith?.patch == "move.patch")
        #expect(applied.report.failure?.explanation.goneWith?.to?.string == "g")
        let elsewhere = try run(
            [
                Self.patch("a.patch", Self.change("d/g", 20, "20", "twenty")),
                Self.patch("b.patch", Self.change("d/f", 10, "10", "ten")),
            ], ["d/g": Self.base, "d/f": "nothing\nlike\nit\n"])
        #expect(elsewhere.report.failure?.explanation.movedTo?.path.string == "d/g")
        #expect(elsewhere.report.failure?.explanation.movedTo?.line == 7)
    }

    @Test func fuzzThatWouldHaveWorkedIsSaid() throws {
        let moved = Self.base.replacing("7\n8\n", with: "seven\n8\n")
        let applied = try run([Self.patch("one.patch", Self.change("f", 10, "10", "ten"))], ["f": moved])
        let fits = try #require(applied.report.failure?.explanation.fuzzThatFits)
        #expect(fits.fuzz == 1 && fits.line == 7)
    }

    @Test func fuzzIntoAnotherFunctionIsSeen() throws {
        let one = "int one(void)\n{\n\ta();\n\tb();\n\treturn 0;\n}\n\n"
        let two = one.replacing("one", with: "two")
        let patch =
            "--- a/f\n+++ b/f\n@@ -3,5 +3,6 @@ int one(void)\n \told();\n \ta();\n \tb();\n+\tc();\n \treturn 0;\n }\n"
        let applied = try run([Self.patch("p", patch)], ["f": two + one.replacing("b();", with: "x();")], .gnu)
        let hunk = try #require(applied.report.patches[0].files[0].hunks.first)
        #expect(hunk.fuzz > 0)
        #expect(hunk.landedIn == "int two(void)")
        #expect(applied.report.verdict == .warn)
    }

    @Test func anAmbiguousPlaceIsSaid() throws {
        let block = "{\n\tx();\n}\n;\n"
        let patch = "--- a/f\n+++ b/f\n@@ -30,4 +30,5 @@\n {\n \tx();\n+\ty();\n }\n ;\n"
        let applied = try run([Self.patch("p", patch)], ["f": block + "1\n2\n" + block + "3\n4\n5\n"])
        let hunk = try #require(applied.report.patches[0].files[0].hunks.first)
        #expect(hunk.verdict == .ambiguous)
        #expect(hunk.line == 7 && hunk.alsoFits == [1])
    }

    /// Made by `diff -U0`: a hunk that only adds lines fits everywhere, also a second time.
    @Test func aHunkWithoutContextIsSaid() throws {
        let patch = "--- a/f\n+++ b/f\n@@ -1,0 +2 @@\n+new\n"
        let twice = try run([Self.patch("p", patch), Self.patch("q", patch)], ["f": "1\n2\n"])
        #expect(twice.report.verdict == .warn)
        #expect(twice.report.patches.allSatisfy { $0.verdict == .clean && $0.isDoubtful })
        let made = "--- /dev/null\n+++ b/g\n@@ -0,0 +1 @@\n+new\n"
        #expect(try run([Self.patch("p", made)], [:]).report.verdict == .pass)
        #expect(try run([Self.patch("p", made.replacing("/dev/null", with: "a/g"))], ["g": ""]).report.verdict == .pass)
        let checked = "--- a/f\n+++ b/f\n@@ -2 +2 @@\n-2\n+two\n"
        #expect(try run([Self.patch("p", checked)], ["f": "1\n2\n"]).report.verdict == .pass)
    }

    @Test func workersMakeNoDifference() throws {
        var patches: [PatchInput] = []
        var files: [String: String] = [:]
        for index in 0..<40 {
            files["f\(index)"] = Self.base
            patches.append(Self.patch("a\(index)", Self.change("f\(index)", 10, "10", "ten")))
            patches.append(
                Self.patch("b\(index)", Self.change("f\(index % 7)", 20, index < 7 ? "20" : "twenty", "twenty")))
        }
        let options = ApplicationOptions(digestsResult: true)
        let tree = memoryTree(files.mapValues { Array($0.utf8) })
        let outcomes = try [1, 2, 5].map { workers in
            let applied = try SeriesApplication.run(patches: patches, on: tree, workers: workers, options: options)
            return applied.report.failures.map(\.message) + [applied.report.resultDigest ?? ""]
                + applied.report.patches.map(\.verdict.rawValue)
        }
        #expect(outcomes[0] == outcomes[1] && outcomes[0] == outcomes[2])
    }

    @Test func aSecondTreeSharesTheWork() throws {
        let names = (0..<20).map { "f\($0)" }
        let patches = names.map { Self.patch($0 + ".patch", Self.change($0, 10, "10", "ten")) }
        var files = Dictionary(uniqueKeysWithValues: names.map { ($0, Array(Self.base.utf8)) })
        let verifier = try SeriesVerifier(patches: patches)
        #expect(try verifier.verify(memoryTree(files)).verdict == .pass)
        #expect(verifier.reusedGroups == 0)
        files["f3"] = Array(Self.base.replacing("10\n", with: "x\n").utf8)
        let second = try verifier.verify(memoryTree(files))
        #expect(second.failures.map(\.patch) == ["f3.patch"])
        #expect(verifier.reusedGroups == 19)
        files["f3"] = nil
        #expect(try verifier.verify(memoryTree(files)).failure?.reason == .fileMissing)
    }

    @Test func takingASeriesBackGivesTheOldTree() throws {
        let first = Self.change("f", 10, "10", "ten")
        let second = Self.change("f", 10, "ten", "TEN") + "--- /dev/null\n+++ b/d/n\n@@ -0,0 +1 @@\n+new\n"
        let files = ["f": Array(Self.base.utf8)]
        let there = try run([Self.patch("1", first), Self.patch("2", second)], ["f": Self.base])
        let patched = there.result(on: files)
        let back = try SeriesApplication.run(
            patches: [Self.patch("2", second, reverse: true), Self.patch("1", first, reverse: true)],
            on: memoryTree(patched))
        #expect(back.result(on: patched) == files)
    }
}

/// Damaged patches never bring the engine down, and never make it lose a byte of the patch.
struct MutationTests {
    @Test func damagedPatches() throws {
        let rounds = Int(ProcessInfo.processInfo.environment["DOM0KIT_MUTATIONS"] ?? "") ?? 30
        var random = SeededGenerator(42)
        let tokens = [
            "@@ -1 +1 @@\n", "--- a/f\n", "+++ b/f\n", "diff --git a/f b/f\n", "\n", "\\ No newline\n",
            "GIT binary patch\n", "literal 9\n", "***************\n", "*** 1,2 ****\n", "--- 1 ----\n",
            "rename from f\n", "\0", "\r", "-", "+", " ", "99999999999",
        ].map { Array($0.utf8) }
        for example in PatchCase.all {
            let tree = memoryTree(example.tree)
            for _ in 0..<rounds {
                var bytes = example.patch
                for _ in 0...random.below(4) {
                    let at = random.below(bytes.count + 1)
                    switch random.below(4) {
                    case 0 where at < bytes.count: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                    case 1: bytes.insert(contentsOf: tokens[random.below(tokens.count)], at: at)
                    case 2 where at < bytes.count:
                        bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(20)))
                    default: bytes.removeSubrange(at...)
                    }
                }
                let blob = Blob(bytes)
                guard let parsed = try? ParsedPatch.parse(blob, name: "m", strip: example.strip, reading: .gnu) else {
                    continue
                }
                let end = parsed.regions.reduce(0) { at, region in
                    region.bytes.lowerBound == at ? region.bytes.upperBound : -1
                }
                #expect(end == bytes.count)
                for reverse in [false, true] {
                    let applied = try SeriesApplication.run(
                        patches: [PatchInput(name: "m", blob: blob, strip: example.strip, reverse: reverse)], on: tree,
                        policy: .gnu)
                    #expect(applied.report.patches.count == 1)
                }
            }
        }
    }
}
