import Bytes
import FoundationEssentials
import Host
import SystemPackage
import Testing

/// A folder that is gone afterwards.
enum TemporaryFolder {
    static func with<Value>(_ body: (FilePath) async throws -> Value) async throws -> Value {
        let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let folder = FilePath(base).appending("dom0kit-test-\(UInt64.random(in: .min ... .max))")
        try Files.createDirectories(folder)
        do {
            let value = try await body(folder)
            try Files.remove(folder)
            return value
        } catch {
            try? Files.remove(folder)
            throw error
        }
    }
}

/// Shell commands as oracles.
enum Tool {
    static func run(_ script: String, in folder: FilePath) async throws -> String {
        let output = try await Command(
            "/bin/sh", ["-ec", script], environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"],
            workingDirectory: folder
        ).capture()
        #expect(output.termination.succeeded, "\(output.text)")
        return String(decoding: output.standardOutput, as: UTF8.self)
    }
}
