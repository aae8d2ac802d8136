import Host
import SystemPackage

/// What stopped a build: the first error, with what the compiler said around it.
public struct BuildFailure: Sendable, Codable, Equatable {
    /// The first error: `file:line:column: error: text`, a linker's complaint, or make's own.
    public let message: String
    /// The file the error is in, as the tool named it, where it named one.
    public let file: String?
    /// The line in that file, counted from 1.
    public let line: Int?
    /// The lines the tool printed before (`In function …`, `In file included from …`) and after it.
    public let context: [String]
    /// The command that was run.
    public let command: String
    /// How make ended.
    public let termination: String
    /// The file with the whole output.
    public let log: String
}

/// Finds the first error in a build's output while it goes by.
struct ErrorWatch: Sendable {
    /// Lines kept before the error.
    private static let before = 4
    /// Lines kept from the error on.
    private static let after = 14

    private var recent: [String] = []
    private var error: (message: String, file: String?, line: Int?)?
    private var context: [String] = []
    private var remaining = 0
    private var lastMakeError: String?
    /// What of the machine failed, where it was not the kernel, and the line that says so.
    private(set) var machineTrouble: (trouble: MachineTrouble, line: String)?

    /// Takes the next line.
    mutating func take(_ line: String) {
        if error == nil, let found = Self.compilerError(line) {
            error = found
            context = recent.filter { KbuildStep(line: $0) == nil } + [line]
            remaining = Self.after
        } else if remaining > 0 {
            // Steps of other jobs come in between; make's own line ends what belongs to the error.
            if line.hasPrefix("make[") || line.hasPrefix("make:") {
                remaining = 0
            } else if KbuildStep(line: line) == nil {
                context.append(line)
                remaining -= 1
            }
        }
        if machineTrouble == nil { machineTrouble = MachineTrouble(line: line).map { ($0, line) } }
        if lastMakeError == nil, line.contains("***"), line.hasPrefix("make") { lastMakeError = line }
        recent.append(line)
        if recent.count > Self.before { recent.removeFirst() }
    }

    /// The failure, once make has ended.
    func failure(command: String, termination: Termination, log: FilePath) -> BuildFailure {
        BuildFailure(
            message: error?.message ?? lastMakeError ?? recent.last
                ?? "make ended with \(termination) and said nothing",
            file: error?.file, line: error?.line, context: context.isEmpty ? recent : context, command: command,
            termination: termination.description, log: log.string)
    }

    /// `file:line:column: error: text`, `file:line: fatal error: text`, `ld: undefined reference to …`,
    /// `ERROR: modpost: …`, `/bin/sh: 1: flex: not found`.
    private static func compilerError(_ line: String) -> (message: String, file: String?, line: Int?)? {
        for mark in [": error: ", ": fatal error: ", ": Error: "] {
            guard let range = line.firstRange(of: mark) else { continue }
            let fields = line[..<range.lowerBound].split(separator: ":", omittingEmptySubsequences: false)
            let number = fields.count > 1 ? Int(fields[1]) : nil
            return (line, fields.first.map(String.init), number)
        }
        let marks = [
            ": undefined reference to ", "ERROR: modpost:", ": not found", ": command not found",
            "No rule to make target",
        ]
        guard marks.contains(where: { line.contains($0) }) else { return nil }
        return (line, nil, nil)
    }
}
