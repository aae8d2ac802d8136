import Bytes
import Patching
import TestSupport
import Testing

/// Files and patches so large that hunks are looked for through an index: the same places, and a bounded cost.
struct LargeFileTests {
    /// A file, a patch of many hunks for it, and the file as it has become since.
    private struct Case {
        var tree: [UInt8]
        var patch: [UInt8]
    }

    private static func text(_ lines: [String]) -> [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }

    /// Changes all over a file of some hundred lines; afterwards blocks were put in, taken out and changed.
    private func makeCase(_ seed: UInt64, context: Int, in scratch: Scratch) throws -> Case {
        var random = SeededGenerator(seed)
        let words = [3, 12, 60, 400][random.below(4)]
        func line() -> String { random.chance(10) ? "}" : "\tcall_\(random.below(words))();" }
        let old = (0..<400 + random.below(600)).map { _ in line() }
        var new = old
        for _ in 0..<40 + random.below(40) {
            let at = random.below(new.count - 4)
            switch random.below(3) {
            case 0: new.insert(contentsOf: (0...random.below(3)).map { _ in line() }, at: at)
            case 1: new.removeSubrange(at..<at + 1 + random.below(3))
            default: new[at] = "\tchanged_\(random.below(99))();"
            }
        }
        var tree = old
        for _ in 0..<random.below(4) {
            let at = random.below(tree.count - 150)
            if random.chance(60) {
                tree.insert(contentsOf: (0..<random.below(150)).map { _ in line() }, at: at)
            } else {
                tree.removeSubrange(at..<at + random.below(100))
            }
        }
        for _ in 0..<random.below(30) { tree[random.below(tree.count)] = line() }
        try scratch.file("old", Self.text(old))
        try scratch.file("new", Self.text(new))
        let status = scratch.shell("diff -U\(context) --label a/file --label b/file old new > x.patch")
        #expect(status == 1)
        return Case(tree: Self.text(tree), patch: try scratch.read("x.patch"))
    }

    @Test(
        .enabled(if: hasTools("patch", "diff"), "patch or diff is missing: apt-get install patch"), arguments: [0, 2])
    func samePlacesAsGNUPatch(fuzz: Int) throws {
        let scratch = try Scratch()
        var (applied, indexed) = (0, 0)
        for seed in DifferentialTests.start..<DifferentialTests.start + UInt64(max(DifferentialTests.cases / 5, 12)) {
            let example = try makeCase(seed &* 31, context: Int(seed % 5), in: scratch)
            let real = try PatchTool.run(["file": example.tree], patch: example.patch, arguments: ["-p1", "-F\(fuzz)"])
            let ours = try SeriesApplication.run(
                patches: [PatchInput(name: "x.patch", bytes: example.patch)], on: memoryTree(["file": example.tree]),
                policy: PlacementPolicy(name: "test", fuzz: fuzz, appliesRepeated: true))
            let hunks = ours.report.patches.flatMap(\.files).flatMap(\.hunks).map {
                PatchTool.Hunk(
                    applied: $0.verdict.isApplied, fuzz: $0.fuzz, offset: $0.verdict.isApplied ? $0.offset : 0)
            }
            let said: Comment = "seed \(seed)\n\(real.output)"
            #expect(hunks == real.hunks, said)
            #expect(ours.report.failures.isEmpty == (real.status == 0), said)
            applied += hunks.count(where: \.applied)
            if ours.effort > 10 * example.tree.count(where: { $0 == 10 }) { indexed += 1 }
            guard real.status == 0 else { continue }
            #expect(ours.result(on: ["file": example.tree]) == real.files, said)
        }
        #expect(applied > 200 && indexed > 3, "\(applied) hunks applied, \(indexed) cases with an index")
    }

    @Test(.enabled(if: hasTools("git", "diff"), "git or diff is missing: apt-get install git diffutils"))
    func samePlacesAsGitApply() throws {
        let scratch = try Scratch()
        var indexed = 0
        for seed in DifferentialTests.start..<DifferentialTests.start + UInt64(max(DifferentialTests.cases / 5, 12)) {
            let example = try makeCase(seed &* 53, context: 1 + Int(seed % 4), in: scratch)
            try Files.remove(scratch.path.appending("tree"))
            try scratch.file("tree/file", example.tree)
            let real = scratch.shell(
                "cd tree && GIT_CEILING_DIRECTORIES='\(scratch.path)' git apply --reject ../x.patch > ../said 2>&1")
            let ours = try SeriesApplication.run(
                patches: [PatchInput(name: "x.patch", bytes: example.patch)], on: memoryTree(["file": example.tree]),
                policy: .git)
            let report = try scratch.text("said")
            let said: Comment = "seed \(seed), git \(real)\n\(report)"
            #expect(ours.report.failures.isEmpty == (real == 0), said)
            if ours.effort > 10 * example.tree.count(where: { $0 == 10 }) { indexed += 1 }
            // git tells of every hunk only where some are rejected.
            let hunks = ours.report.patches.flatMap(\.files).flatMap(\.hunks)
            let rejected = report.split(separator: "\n").compactMap { line -> Int? in
                line.hasPrefix("Rejected hunk #") ? Int(line.dropFirst(15).dropLast()) : nil
            }
            #expect(hunks.filter { !$0.verdict.isApplied }.map(\.number) == rejected, said)
            guard real == 0 else { continue }
            #expect(ours.result(on: ["file": example.tree])["file"] == (try scratch.read("tree/file")), said)
        }
        #expect(indexed > 3, "\(indexed) cases with an index")
    }

    /// What many hunks without a place cost is counted, not timed: a few looks at each line of the file and the patch.
    @Test(arguments: [PlacementPolicy.standard, .git, Consumer.gnu.policy], [40, 4000])
    func whatFailuresCost(policy: PlacementPolicy, words: Int) throws {
        var random = SeededGenerator(7)
        let lines = (0..<20_000).map { _ in "\tcall_\(random.below(words))(\(random.below(3)));" }
        var patch = "--- a/file\n+++ b/file\n"
        for number in 0..<100 {
            let at = 100 + number * 150
            var context = lines[at..<at + 100].map { " \($0)\n" }
            context.insert("-\tgone_\(number)();\n+\tnew();\n", at: 50)
            for _ in 0..<4 { context[random.below(50)] = " \tmoved_\(random.below(90))();\n" }
            patch += "@@ -\(at + 1),101 +\(at + 1),101 @@\n" + context.joined()
        }
        let applied = try SeriesApplication.run(
            patches: [PatchInput(name: "x.patch", bytes: Array(patch.utf8))],
            on: memoryTree(["file": Self.text(lines)]), policy: policy)
        #expect(applied.report.failures.count == 100)
        for failure in applied.report.failures {
            let hunk = try #require(failure.hunk)
            let closest = try #require(failure.explanation.closest)
            // Equal lines before the place may stand for those of the hunk that have changed.
            let distance = abs(closest.line - (100 + (hunk - 1) * 150))
            #expect(
                closest.matching >= 94 && distance <= 60,
                "hunk \(hunk): line \(closest.line), \(closest.matching) lines")
        }
        // Searching line by line takes 20,000 lines for each of 100 hunks several times over: 10,000,000 and more. Of each
        // hunk, an alignment of 101 lines with 160 is worth 16,000.
        #expect(applied.effort < 100 * 16_160 * (words > 100 ? 2 : 8) + 20 * 20_000, "\(applied.effort)")
    }

    /// Lines that are all the same make every place a candidate.
    @Test(arguments: [PlacementPolicy.standard, .git, Consumer.gnu.policy]) func whatRepeatedLinesCost(
        policy: PlacementPolicy
    ) throws {
        let lines = [String](repeating: "x", count: 20_000)
        var patch = "--- a/file\n+++ b/file\n"
        for number in 0..<100 {
            let context = String(repeating: " x\n", count: 50)
            patch += "@@ -\(number * 150 + 1),101 +\(number * 150 + 1),101 @@\n\(context)-gone\n+new\n\(context)"
        }
        let applied = try SeriesApplication.run(
            patches: [PatchInput(name: "x.patch", bytes: Array(patch.utf8))],
            on: memoryTree(["file": Self.text(lines)]), policy: policy)
        #expect(applied.report.failures.count == 100)
        #expect(applied.report.failures.allSatisfy { $0.explanation.closest?.matching == 100 })
        #expect(applied.effort < 100 * 16_160 * 8 + 30 * 20_000, "\(applied.effort)")
    }
}
