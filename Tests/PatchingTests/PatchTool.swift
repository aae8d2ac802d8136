import Foundation
import Patching

/// The real patch(1), the oracle of these tests.
struct PatchTool {
    /// Where it is, if it is on this machine.
    static let path = ["/usr/bin/patch", "/bin/patch", "/usr/local/bin/patch"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// What it said of a hunk.
    struct Hunk: Equatable, CustomStringConvertible {
        var applied: Bool
        var fuzz = 0
        var offset = 0
        var description: String { applied ? "applied(fuzz \(fuzz), offset \(offset))" : "failed" }
    }

    struct Outcome {
        var status: Int32
        var files: [String: [UInt8]]
        var executables: Set<String> = []
        var links: [String: String] = [:]
        var hunks: [Hunk]
        var output: String
    }

    /// Runs it on files in a folder of its own.
    static func run(_ files: [String: [UInt8]], patch: [UInt8], arguments: [String]) throws -> Outcome {
        let manager = FileManager.default
        let folder = manager.temporaryDirectory.appendingPathComponent("patching-\(UUID().uuidString)")
        defer { try? manager.removeItem(at: folder) }
        let tree = folder.appendingPathComponent("tree")
        try manager.createDirectory(at: tree, withIntermediateDirectories: true)
        for (name, content) in files {
            let file = tree.appendingPathComponent(name)
            try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content).write(to: file)
            try manager.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        }
        let patchFile = folder.appendingPathComponent("x.patch")
        try Data(patch).write(to: patchFile)
        let (status, output) = try start(
            path ?? "patch",
            ["-d", tree.path, "--verbose", "-f", "--no-backup-if-mismatch", "-r", "-", "-i", patchFile.path] + arguments
        )
        var outcome = Outcome(status: status, files: [:], hunks: hunks(output), output: output)
        let names = manager.enumerator(atPath: tree.path)?.compactMap { $0 as? String } ?? []
        for name in names {
            let file = tree.appendingPathComponent(name)
            if let target = try? manager.destinationOfSymbolicLink(atPath: file.path) {
                outcome.links[name] = target
                continue
            }
            var isFolder: ObjCBool = false
            guard manager.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
            outcome.files[name] = Array(try Data(contentsOf: file))
            if manager.isExecutableFile(atPath: file.path) { outcome.executables.insert(name) }
        }
        return outcome
    }

    /// Runs a program and collects what it prints.
    static func start(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// `Hunk #1 succeeded at 7 with fuzz 1 (offset -2 lines).`
    private static func hunks(_ output: String) -> [Hunk] {
        output.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("Hunk #") else { return nil }
            let words = line.split { " ().".contains($0) }
            func number(after word: Substring) -> Int {
                guard let index = words.firstIndex(of: word), index + 1 < words.count else { return 0 }
                return Int(words[index + 1]) ?? 0
            }
            guard words.contains("succeeded") else { return Hunk(applied: false) }
            return Hunk(applied: true, fuzz: number(after: "fuzz"), offset: number(after: "offset"))
        }
    }
}

/// A tree in memory from plain names.
func memoryTree(_ files: [String: [UInt8]]) -> MemoryTree {
    var tree = MemoryTree()
    for (name, content) in files {
        if let path = RelativePath(name) { tree.files[path] = TreeFile(content: Blob(content)) }
    }
    return tree
}

extension AppliedSeries {
    /// The files of a tree after the changes.
    func result(on files: [String: [UInt8]]) -> [String: [UInt8]] {
        var files = files
        for change in changes { files[change.path.string] = change.after?.content.bytes }
        return files
    }
}
