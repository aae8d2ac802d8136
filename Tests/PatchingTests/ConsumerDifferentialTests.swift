import Bytes
import Patching
import SystemPackage
import TestSupport
import Testing

/// Random hunks against each consumer's exact command line, on trees that have moved on, that have the patch, or half of it.
@Suite(.enabled(if: hasTools("git", "patch"), "git or patch is missing: apt-get install git patch"))
struct ConsumerDifferentialTests {
    /// What the file is when the patch comes.
    enum State: CaseIterable { case moved, applied, half }

    @Test(arguments: GitDifferentialTests.judges, State.allCases)
    func sameFile(judge: GitDifferentialTests.Judge, state: State) throws {
        let scratch = try Scratch()
        for seed in DifferentialTests.start..<DifferentialTests.start + UInt64(DifferentialTests.cases / 2) {
            let random = RandomPatch(seed: seed &* 104_729)
            // Doubled and misordered hunks have tests of their own.
            if random.isDoubled || random.isShuffled { continue }
            let content: [UInt8] =
                switch state {
                case .moved: random.tree
                case .applied: random.new
                case .half:
                    Array(random.new.prefix(random.new.count / 2)) + Array(random.tree.suffix(random.tree.count / 2))
                }
            try Files.remove(scratch.path.appending("tree"))
            let path = try scratch.file("tree/file", content)
            try path.setMode(0o644)
            try scratch.file("x.patch", random.patch)
            let real = scratch.shell(
                "cd tree && GIT_CEILING_DIRECTORIES='\(scratch.path)' \(judge.command) < ../x.patch > ../said 2>&1")
            let ours = try SeriesApplication.run(
                patches: [PatchInput(name: "x.patch", bytes: random.patch)], on: memoryTree(["file": content]),
                policy: judge.policy)
            let said: Comment =
                "seed \(seed)\n\(String(decoding: random.patch, as: UTF8.self))\n--- tree\n\(String(decoding: content, as: UTF8.self))\n--- \(judge.command): \(real)\n\(try scratch.text("said"))\nours: \(ours.report.failure?.message ?? "applied")"
            #expect(ours.report.failures.isEmpty == (real == 0), said)
            guard real == 0, ours.report.failures.isEmpty else { continue }
            let there = try? scratch.read("tree/file")
            #expect(ours.result(on: ["file": content])["file"] == there, said)
        }
    }
}
