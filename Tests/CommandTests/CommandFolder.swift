import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A folder in which the program is run.
final class CommandFolder: Sendable {
    let path: FilePath

    init() throws {
        path = FilePath(FileManager.default.temporaryDirectory.path).appending("dom0kit-\(UUID().uuidString)")
        try Files.createDirectories(path)
    }

    /// A folder with what a script makes in it.
    init(madeBy script: String) throws {
        path = FilePath(FileManager.default.temporaryDirectory.path).appending("dom0kit-\(UUID().uuidString)")
        try Files.createDirectories(path)
        try Files.write("set -eu\n\(Self.author)\n" + script, to: path.appending("make.sh"))
        try makeAgain()
    }

    /// Runs the script once more: what it makes anew has to be gone.
    func makeAgain() throws { try #require(shell("sh ./make.sh", in: path) == 0) }

    /// Whose commits a script's are, whenever it runs.
    static let author = """
        export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Up GIT_AUTHOR_EMAIL=u@x GIT_COMMITTER_NAME=Up GIT_COMMITTER_EMAIL=u@x
        export GIT_AUTHOR_DATE=2020-02-03T00:00:00Z GIT_COMMITTER_DATE=2020-02-03T00:00:00Z
        """

    deinit { try? Files.remove(path) }

    /// How a run ended.
    struct Run {
        let status: Int32
        let output: String
        let errors: String
    }

    /// The program, built beside the tests.
    static let program: URL = {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        while folder.path != "/",
            !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("dom0kit").path)
        {
            folder.deleteLastPathComponent()
        }
        return folder.appendingPathComponent("dom0kit")
    }()

    /// Writes a file and the folders above it.
    func write(_ name: String, _ text: String) throws {
        let file = path.pushing(FilePath(name))
        try Files.createDirectories(file.removingLastComponent())
        try Files.write(text, to: file)
    }

    /// Runs the program.
    func dom0kit(_ arguments: String...) throws -> Run { try dom0kit(arguments) }

    /// Runs the program; a JSON result is held against its schema.
    /// - Parameter environment: Variables that differ from those of the tests.
    func dom0kit(_ arguments: [String], environment: [String: String] = [:]) throws -> Run {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: path.string)
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        let errors = path.appending("stderr")
        try Files.write("", to: errors)
        let out = Pipe()
        process.standardOutput = out
        process.standardError = FileHandle(forWritingAtPath: errors.string)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = out.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try JSONSchemas.check(Array(data), of: arguments, status: process.terminationStatus)
        return Run(
            status: process.terminationStatus, output: String(decoding: data, as: UTF8.self),
            errors: String(decoding: try Files.read(errors), as: UTF8.self))
    }

    /// Runs the program and reads the JSON object it prints.
    func json(_ arguments: [String]) throws -> [String: Any] {
        let run = try dom0kit(arguments)
        return try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any] ?? [:]
    }
}
