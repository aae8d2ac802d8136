import Foundation
import Glibc
public import SystemPackage

/// Whether a tool is on this machine.
public func hasTool(_ name: String) -> Bool { system("command -v '\(name)' >/dev/null 2>&1") == 0 }

/// Whether all of these tools are on this machine.
public func hasTools(_ names: String...) -> Bool { names.allSatisfy(hasTool) }

/// Runs a shell script in a folder, without its output; its exit status.
public func shell(_ script: String, in folder: FilePath) -> Int32 {
    let status = system("exec >/dev/null 2>&1; cd '\(folder)' || exit 1; \(script)")
    return status & 0x7F == 0 ? status >> 8 & 0xFF : status
}

/// How a program ended, and everything it said.
public struct ToolRun: Sendable {
    /// The exit status; the signal where it was killed.
    public let status: Int32
    /// Standard output.
    public let output: [UInt8]
    /// Standard error.
    public let errors: String

    /// Both outputs, for a test's comment.
    public var text: String { String(decoding: output, as: UTF8.self) + errors }
}

/// Runs a program with a plain environment (`LC_ALL=C`, `TZ=UTC`). A JSON result of the kit's own program is held against
/// its schema.
/// - Throws: ``JSONSchemas/Mismatch``, or what starting a process throws.
public func run(
    _ program: String, _ arguments: [String], in folder: FilePath? = nil, input: [UInt8]? = nil,
    environment: [String: String] = [:]
) throws -> ToolRun {
    let ended = try start(program, arguments, in: folder, input: input, environment: environment)
    if FilePath(program).lastComponent?.string == "dom0kit" {
        try JSONSchemas.check(ended.output, of: arguments, status: ended.status)
    }
    return ended
}

func start(
    _ program: String, _ arguments: [String], in folder: FilePath?, input: [UInt8]?, environment: [String: String]
) throws -> ToolRun {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let own = [
        "LC_ALL": "C", "TZ": "UTC", "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        "HOME": folder?.string ?? "/nonexistent",
    ]
    process.environment = own.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder.string) }
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("dom0kit-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    // Files instead of pipes: nothing can fill up.
    let errors = scratch.appendingPathComponent("errors")
    try Data().write(to: errors)
    process.standardError = try FileHandle(forWritingTo: errors)
    if let input {
        let file = scratch.appendingPathComponent("input")
        try Data(input).write(to: file)
        process.standardInput = try FileHandle(forReadingFrom: file)
    } else {
        process.standardInput = FileHandle.nullDevice
    }
    let out = Pipe()
    process.standardOutput = out
    try process.run()
    let data = out.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return ToolRun(
        status: process.terminationStatus, output: Array(data),
        errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
}

/// Runs a program and returns what it prints; `nil` if it is not there or fails.
public func output(_ program: String, _ arguments: [String], input: [UInt8]? = nil, in folder: String? = nil)
    -> [UInt8]?
{
    guard let ended = try? run(program, arguments, in: folder.map { FilePath($0) }, input: input) else { return nil }
    return ended.status == 0 ? ended.output : nil
}
