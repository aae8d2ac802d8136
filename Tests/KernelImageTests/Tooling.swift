import Bytes
import Foundation
import SystemPackage

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let path: FilePath

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("dom0kit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = FilePath(url.path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    /// Writes a file.
    func file(_ name: String, _ content: [UInt8]) throws -> FilePath {
        let file = path.appending(name)
        try Files.write(content, to: file)
        return file
    }
}

/// Runs a program and returns what it prints; `nil` if it is not there or fails.
func output(_ program: String, _ arguments: [String], input: [UInt8]? = nil, in folder: String? = nil) -> [UInt8]? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["LC_ALL=C", program] + arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let out = Pipe()
    process.standardOutput = out
    process.standardError = FileHandle.nullDevice
    var scratch: URL?
    if let input {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("dom0kit-\(UUID().uuidString)")
        guard (try? Data(input).write(to: file)) != nil, let handle = try? FileHandle(forReadingFrom: file) else {
            return nil
        }
        process.standardInput = handle
        scratch = file
    } else {
        process.standardInput = FileHandle.nullDevice
    }
    defer { if let scratch { try? FileManager.default.removeItem(at: scratch) } }
    guard (try? process.run()) != nil else { return nil }
    let data = out.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? Array(data) : nil
}
