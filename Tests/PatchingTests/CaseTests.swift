import Patching
import TestSupport
import Testing

/// The engine against what patch(1) and git apply made of every case of `Fixtures`.
struct CaseTests {
    @Test func thereAreCases() {
        #expect(PatchCase.all.count > 150)
        #expect(PatchCase.all.contains { $0.golden.status == 0 } && PatchCase.all.contains { $0.golden.status != 0 })
    }

    @Test(arguments: PatchCase.all)
    func comparesWithPatch(_ example: PatchCase) throws {
        let ours = try example.run(example.policy)
        let said: Comment = "patch(1): \(example.golden.status)\nours: \(ours.message)"
        switch example.expectation {
        case .applied, .warned:
            #expect(example.golden.status == 0 && ours.isApplied, said)
            #expect(ours.tree == example.golden.tree, said)
            #expect(ours.hasWarned == (example.expectation == .warned), said)
        case .refused:
            #expect(example.golden.status != 0 && !ours.isApplied, said)
            #expect(ours.applied?.changes.isEmpty ?? true, said)
        case .stricter(let code):
            #expect(example.golden.status == 0, said)
            #expect(ours.code == code, said)
        case .differs:
            #expect(example.golden.status == 0 && ours.isApplied, said)
            #expect(ours.tree == example.ours && ours.tree != example.golden.tree, said)
        }
    }

    @Test(arguments: PatchCase.all)
    func comparesWithGitApply(_ example: PatchCase) throws {
        let ours = try example.run(.git)
        let said: Comment = "git apply: \(example.git.status)\nours: \(ours.message)"
        // A difference that has gone has to go from the case as well.
        #expect((ours.isApplied == (example.git.status == 0)) == (example.gitDifference == nil), said)
        guard ours.isApplied, example.git.status == 0 else { return }
        #expect(ours.tree == example.git.tree, said)
    }

    /// The tools of this machine say what the fixtures say.
    @Test(
        .enabled(
            if: hasTools("patch", "git", "python3"),
            "patch, git or python3 is not on this machine: apt-get install patch git python3"))
    func theToolsStillSaySo() throws {
        let ended = try run(PatchCase.folder.appending("renew").string, ["--check"])
        #expect(ended.status == 0, "\(ended.text)")
    }
}
