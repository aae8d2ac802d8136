import Foundation
import Patching
import Testing

/// Context diffs and binary patches, made by the real diff and git.
struct FormatTests {
    private static func tool(_ name: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + name }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    private static func withFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("formats-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    /// Runs a tool in a folder.
    private static func output(_ name: String, _ arguments: [String], in folder: URL) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool(name) ?? name)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ["LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin", "HOME": folder.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Array(data)
    }

    @Test(
        .enabled(
            if: tool("diff") != nil && PatchTool.path != nil,
            "diff or patch is missing: apt-get install diffutils patch"))
    func contextDiffsAsGNUPatch() throws {
        for seed in DifferentialTests.start..<DifferentialTests.start + UInt64(DifferentialTests.cases) / 2 {
            // The random case's tree is what is left of an old file; here it is diffed against a damaged copy.
            let old = RandomPatch(seed: seed).tree
            let new = RandomPatch(seed: seed &+ 1000).tree
            var random = SeededGenerator(seed)
            // Without context a context diff cannot tell one line from none, and patch(1) takes it for one.
            let context = 1 + random.below(3)
            let patch = try Self.withFolder { folder in
                try Data(old).write(to: folder.appendingPathComponent("old"))
                try Data(new).write(to: folder.appendingPathComponent("new"))
                return try Self.output(
                    "diff", ["-C\(context)", "--label", "a/f", "--label", "b/f", "old", "new"], in: folder)
            }
            guard !patch.isEmpty else { continue }
            let text: Comment = "seed \(seed)\n\(String(decoding: patch, as: UTF8.self))"
            let input = PatchInput(name: "c.patch", bytes: patch)
            let clean = try SeriesApplication.run(patches: [input], on: memoryTree(["f": old]))
            #expect(clean.report.failures.isEmpty, text)
            if clean.report.failures.isEmpty { #expect(clean.result(on: ["f": old])["f"] == new, text) }
            // The same on a file that has moved on.
            let moved = Array("top\n".utf8) + old
            let real = try PatchTool.run(["f": moved], patch: patch, arguments: ["-p1", "-F2"])
            let ours = try SeriesApplication.run(patches: [input], on: memoryTree(["f": moved]), policy: .gnu)
            #expect(ours.report.failures.isEmpty == (real.status == 0), text)
            if real.status == 0 { #expect(ours.result(on: ["f": moved]) == real.files, text) }
        }
    }

    @Test(.enabled(if: tool("git") != nil, "git is missing: apt-get install git"))
    func binaryPatchesOfGit() throws {
        var random = SeededGenerator(7)
        let noise = (0..<5000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        var changed = noise
        changed.replaceSubrange(2000..<2010, with: [1, 2, 3])
        let cases: [([UInt8]?, [UInt8]?)] = [
            (noise, changed), (changed, noise), (nil, noise), (noise, nil), ([0, 1, 2], noise),
            (Array(noise.prefix(53)), [0]),
        ]
        for (old, new) in cases {
            let patch = try Self.withFolder { folder in
                _ = try Self.output("git", ["init", "-q"], in: folder)
                let file = folder.appendingPathComponent("f")
                if let old { try Data(old).write(to: file) }
                _ = try Self.output("git", ["add", "-A"], in: folder)
                if let new { try Data(new).write(to: file) } else { try FileManager.default.removeItem(at: file) }
                if old == nil { _ = try Self.output("git", ["add", "-N", "f"], in: folder) }
                return try Self.output("git", ["diff", "--binary"], in: folder)
            }
            let before = old.map { ["f": $0] } ?? [:]
            let after = new.map { ["f": $0] } ?? [:]
            let forward = try SeriesApplication.run(
                patches: [PatchInput(name: "b.patch", bytes: patch)], on: memoryTree(before))
            #expect(forward.report.failure?.message == nil)
            #expect(forward.result(on: before) == after)
            let back = try SeriesApplication.run(
                patches: [PatchInput(name: "b.patch", bytes: patch, reverse: true)], on: memoryTree(after))
            #expect(back.report.failure?.message == nil)
            #expect(back.result(on: after) == before)
            let refused = try SeriesApplication.run(
                patches: [PatchInput(name: "b.patch", bytes: patch)], on: memoryTree(before), policy: .quilt)
            #expect(refused.report.failure?.reason.code == "binary-refused")
            // On another content it must fail, not make a mixture.
            if var other = old, other.count > 60 {
                other[50] ^= 1
                let wrong = try SeriesApplication.run(
                    patches: [PatchInput(name: "b.patch", bytes: patch)], on: memoryTree(["f": other]))
                #expect(wrong.report.failure?.reason.code == "binary-mismatch")
            }
        }
    }
}
