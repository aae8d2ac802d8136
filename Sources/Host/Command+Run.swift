import Glibc
import Subprocess
public import SystemPackage

/// What a finished program left behind.
public struct CapturedOutput: Sendable {
    /// How it ended.
    public let termination: Termination
    /// Everything it wrote to standard output.
    public let standardOutput: [UInt8]
    /// Everything it wrote to standard error.
    public let standardError: [UInt8]
    /// Both as text for a person, standard error last.
    public var text: String {
        String(decoding: standardOutput, as: UTF8.self) + String(decoding: standardError, as: UTF8.self)
    }
}

extension Command {
    /// How long a program may take to end after SIGTERM before it is killed.
    private static let grace: Duration = .seconds(1)

    /// Runs the program and collects what it prints.
    /// - Parameter limit: The most bytes taken of each stream; more is an error.
    /// - Throws: ``HostError``. A non-zero exit status is not an error.
    public func capture(limit: Int = 64 << 20) async throws(HostError) -> CapturedOutput {
        try await guarded {
            let result = try await Subprocess.run(
                configuration(), input: .none, output: .bytes(limit: limit), error: .bytes(limit: limit))
            return CapturedOutput(
                termination: Termination(result.terminationStatus),
                standardOutput: result.standardOutput, standardError: result.standardError)
        }
    }

    /// Runs the program, handing over each line of its merged output as it comes.
    /// - Parameters:
    ///   - log: A file that receives every byte; replaced if it is there.
    ///   - onLine: Takes each line without its end, in order.
    /// - Throws: ``HostError``. A non-zero exit status is not an error.
    public func stream(
        log: FilePath? = nil, onLine: @escaping @Sendable (_ line: String) async -> Void = { _ in }
    ) async throws(HostError) -> Termination {
        try await stream(log: log, input: .none, onLine: onLine)
    }

    func stream<Input: InputProtocol>(
        log: FilePath?, input: Input, onLine: @escaping @Sendable (_ line: String) async -> Void
    ) async throws(HostError) -> Termination {
        try await guarded {
            let descriptor = try log.map {
                try FileDescriptor.open(
                    $0, .writeOnly, options: [.create, .truncate],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead])
            }
            defer { try? descriptor?.close() }
            let result = try await Subprocess.run(
                configuration(), input: input, output: .sequence, error: .combinedWithOutput
            ) { execution in
                var lines = LineSplitter()
                for try await buffer in execution.standardOutput {
                    let bytes = buffer.withUnsafeBytes { Array($0) }
                    try descriptor?.writeAll(bytes)
                    for line in lines.append(bytes) { await onLine(line) }
                }
                if let last = lines.finish() { await onLine(last) }
            }
            return Termination(result.terminationStatus)
        }
    }

    func configuration() -> Configuration {
        var options = PlatformOptions()
        // A group of its own, so that make's compilers and a script's children end with it.
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: Self.grace)
        ]
        return Configuration(
            executable: executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
            arguments: Arguments(arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
            ),
            workingDirectory: workingDirectory,
            platformOptions: options)
    }

    /// Runs `body` under the deadline and sorts what can go wrong.
    func guarded<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws(HostError) -> Value {
        do {
            guard let deadline else {
                let value = try await body()
                // A program that was ended because of the cancellation has no result of its own.
                try Task.checkCancellation()
                return value
            }
            return try await withThrowingTaskGroup(of: Value.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    try await Task.sleep(for: deadline)
                    throw HostError.deadlinePassed(tool: executable, after: deadline)
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw CancellationError() }
                try Task.checkCancellation()
                return first
            }
        } catch let error as HostError {
            throw error
        } catch {
            if Task.isCancelled || error is CancellationError { throw HostError.cancelled(tool: executable) }
            guard let failure = error as? SubprocessError else {
                throw HostError.communication(tool: executable, reason: "\(error)")
            }
            switch failure.code {
            case .executableNotFound: throw HostError.toolMissing(name: executable, package: package)
            case .spawnFailed, .failedToChangeWorkingDirectory:
                throw HostError.cannotStart(tool: executable, reason: failure.description)
            default: throw HostError.communication(tool: executable, reason: failure.description)
            }
        }
    }
}

extension Termination {
    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(code)
        case .signaled(let signal): self = .signaled(signal)
        }
    }
}

/// Splits a stream of bytes into lines. One that goes on for longer than ``longest`` bytes is cut there.
public struct LineSplitter: Sendable {
    /// The longest line in bytes: what is kept of a stream without ends of line.
    public static let longest = 1 << 16

    private var rest: [UInt8] = []

    /// Makes an empty one.
    public init() {}

    /// Takes more bytes and returns the lines they complete, without `\n` or `\r\n`.
    public mutating func append(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            let cut = min(end, start + Self.longest - rest.count)
            rest += bytes[start..<cut]
            if cut == bytes.endIndex { break }
            lines.append(Self.text(rest[...]))
            rest = []
            start = cut == end ? end + 1 : cut
        }
        return lines
    }

    /// The unfinished last line, if there is one.
    public mutating func finish() -> String? {
        defer { rest = [] }
        return rest.isEmpty ? nil : Self.text(rest[...])
    }

    private static func text(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }
}
