import Foundation
import Patching
import TestSupport
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

    /// git makes the original again from a copy that is taken back, if nothing has its name; the copy stays.
    @Test(arguments: [true, false]) func copiesTakenBack(originalIsThere: Bool) throws {
        let patch =
            "diff --git a/f b/copy\nsimilarity index 60%\ncopy from f\ncopy to copy\n--- a/f\n+++ b/copy\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
            + "diff --git a/f b/moved\nsimilarity index 100%\nrename from f\nrename to moved\n"
        var files: [String: [UInt8]] = ["copy": Array("1\ntwo\n3\n".utf8), "moved": Array("1\n2\n3\n".utf8)]
        if originalIsThere { files["f"] = Array("other\n".utf8) }
        let scratch = try Scratch()
        for (name, content) in files { try scratch.file("tree/" + name, content) }
        try scratch.file("x.patch", patch)
        let real = scratch.shell(
            "cd tree && GIT_CEILING_DIRECTORIES='\(scratch.path)' git apply -R ../x.patch 2>../said")
        #expect((real == 0) == !originalIsThere)
        let ours = try SeriesApplication.run(
            patches: [PatchInput(name: "x", bytes: Array(patch.utf8), reverse: true)], on: memoryTree(files),
            policy: .git)
        #expect(ours.report.failures.isEmpty == !originalIsThere, "\(ours.report.failure?.message ?? "applied")")
        let after = ours.result(on: files)
        for name in ["f", "copy", "moved"] {
            #expect(after[name] == (try? scratch.read("tree/" + name)), "\(name)")
        }
    }
}
