import Foundation
import Patching
import Testing

/// The engine against the real patch(1), on generated patches.
@Suite(.enabled(if: PatchTool.path != nil, "GNU patch is not on this machine: apt-get install patch"))
struct DifferentialTests {
    /// How many cases run; more in long runs.
    static let cases = Int(ProcessInfo.processInfo.environment["DOM0KIT_DIFFERENTIAL_CASES"] ?? "") ?? 150

    /// The first seed.
    static let start = UInt64(ProcessInfo.processInfo.environment["DOM0KIT_DIFFERENTIAL_SEED"] ?? "") ?? 1

    /// GNU patch 2.7.6 writes what goes behind the end of a file without a final newline onto its last line; the engine
    /// begins a line.
    private static func gluesLines(
        _ real: PatchTool.Outcome, _ result: [String: [UInt8]], _ random: RandomPatch
    ) -> Bool {
        guard random.tree.last != 10, let theirs = real.files["file"], let ours = result["file"] else { return false }
        return ours.count == theirs.count + 1 && ours.filter { $0 != 10 } == theirs.filter { $0 != 10 }
    }

    @Test(arguments: [(0, false), (1, false), (2, false), (3, false), (2, true)])
    func sameHunksAndSameTreeAsGNUPatch(fuzz: Int, reverse: Bool) throws {
        var applied = 0
        for seed in Self.start..<Self.start + UInt64(Self.cases) {
            let random = RandomPatch(seed: seed &* 31 &+ UInt64(fuzz))
            let files = ["file": random.tree]
            let arguments = ["-p1", "-F\(fuzz)"] + (reverse ? ["-R"] : [])
            let real = try PatchTool.run(files, patch: random.patch, arguments: arguments)
            let policy = PlacementPolicy(name: "test", fuzz: fuzz, appliesRepeated: true)
            let ours = try SeriesApplication.run(
                patches: [PatchInput(name: "x.patch", bytes: random.patch, reverse: reverse)], on: memoryTree(files),
                policy: policy)
            let hunks = ours.report.patches[0].files.flatMap(\.hunks)
            let said = hunks.map {
                PatchTool.Hunk(
                    applied: $0.verdict.isApplied, fuzz: $0.fuzz, offset: $0.verdict.isApplied ? $0.offset : 0)
            }
            let isApplied = ours.report.failures.isEmpty
            let comment: Comment = """
                seed \(seed), fuzz \(fuzz), reverse \(reverse)
                \(String(decoding: random.patch, as: UTF8.self))
                --- tree
                \(String(decoding: random.tree, as: UTF8.self))
                --- patch says
                \(real.output)
                """
            // A file as a whole may be refused before its hunks are looked at.
            // Some patches bring GNU patch 2.7.6 down with an assertion.
            if hunks.allSatisfy({ $0.verdict != .skipped }), !real.output.contains("Assertion") {
                #expect(said == real.hunks, comment)
            }
            #expect(isApplied == (real.status == 0), comment)
            if isApplied && real.status == 0 {
                applied += 1
                let result = ours.result(on: files)
                #expect(result == real.files || Self.gluesLines(real, result, random), comment)
            } else {
                #expect(ours.changes.isEmpty)
            }
        }
        #expect(applied > Self.cases / 10, "the generator makes too few patches that apply")
    }
}
