import Foundation
import Patching
import Testing

/// The git policy against the real git apply.
@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/git"),
        "git is not on this machine: apt-get install git"))
struct GitApplyTests {
    @Test func sameTreeAsGitApply() throws {
        let start = DifferentialTests.start
        var applied = 0
        for seed in start..<start + UInt64(DifferentialTests.cases) {
            let random = RandomPatch(seed: seed &* 7)
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gitapply-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = folder.appendingPathComponent("file")
            try Data(random.tree).write(to: file)
            let patchFile = folder.appendingPathComponent("x.patch")
            try Data(random.patch).write(to: patchFile)
            let script = "cd '\(folder.path)' && GIT_CEILING_DIRECTORIES=/ git apply --whitespace=nowarn x.patch"
            let (status, output) = try PatchTool.start("/bin/sh", ["-c", script])
            let ours = try SeriesApplication.run(
                patches: [PatchInput(name: "x", bytes: random.patch)], on: memoryTree(["file": random.tree]),
                policy: .git)
            let text: Comment =
                "seed \(seed)\n\(String(decoding: random.patch, as: UTF8.self))\n--- tree\n\(String(decoding: random.tree, as: UTF8.self))\n\(output)"
            #expect(ours.report.failures.isEmpty == (status == 0), text)
            if status == 0 {
                applied += 1
                let content = try? Array(Data(contentsOf: file))
                #expect(ours.result(on: ["file": random.tree])["file"] == content, text)
            }
        }
        #expect(applied > 20)
    }
}
