import Patching
import Testing

/// The engine against the real patch(1), case by case.
@Suite(.enabled(if: PatchTool.path != nil, "GNU patch is not on this machine: apt-get install patch"))
struct CaseTests {
    @Test(arguments: PatchCase.all)
    func comparesAsExpected(_ example: PatchCase) throws {
        let files = example.tree.mapValues { Array($0.utf8) }
        let patch = Array(example.patch.utf8)
        let real = try PatchTool.run(files, patch: patch, arguments: example.arguments)
        let input = PatchInput(name: "x.patch", bytes: patch, strip: example.strip)
        var applied: AppliedSeries?
        var malformed: PatchError?
        do {
            applied = try SeriesApplication.run(patches: [input], on: memoryTree(files), policy: example.policy)
        } catch let error as PatchError {
            malformed = error
        }
        let said: Comment =
            "patch(1): \(real.status)\n\(real.output)\nours: \(malformed?.message ?? applied?.report.failure?.message ?? "applied")"
        let isApplied = applied.map { $0.report.failures.isEmpty } ?? false
        switch example.expect {
        case .applied, .appliedWithWarning:
            #expect(real.status == 0, said)
            #expect(isApplied, said)
            if let applied { compare(applied, files, real) }
            let warned = applied?.report.patches[0].ignored.contains(where: \.looksLikePatch)
            if case .appliedWithWarning = example.expect { #expect(warned == true) } else { #expect(warned == false) }
        case .refused:
            #expect(real.status != 0, said)
            #expect(!isApplied, said)
            #expect(applied?.changes.isEmpty ?? true)
        case .stricter(let reason):
            #expect(real.status == 0, said)
            #expect((applied?.report.failure?.reason.code ?? malformed.map { _ in "malformed" }) == reason, said)
        case .differs(let tree):
            #expect(real.status == 0 && isApplied, said)
            let expected = tree.mapValues { Array($0.utf8) }
            #expect(applied?.result(on: files) == expected && real.files != expected, said)
        case .better(let tree):
            #expect(real.status != 0, said)
            #expect(isApplied, said)
            #expect(applied?.result(on: files) == tree.mapValues { Array($0.utf8) })
        }
    }

    /// The same files, the same executables, the same links.
    private func compare(_ applied: AppliedSeries, _ files: [String: [UInt8]], _ real: PatchTool.Outcome) {
        var ours = applied.result(on: files)
        var executables: Set<String> = []
        for change in applied.changes {
            let name = change.path.string
            if change.after?.kind == .symbolicLink {
                #expect(ours[name].map { String(decoding: $0, as: UTF8.self) } == real.links[name])
                ours[name] = nil
            } else if let after = change.after, after.permissions & 0o111 != 0 {
                executables.insert(name)
            }
        }
        #expect(ours == real.files)
        #expect(executables == real.executables)
    }
}
