import SystemPackage

/// What a compiler says of a file.
public struct CompilerMessage: Sendable, Hashable, Codable {
    /// How bad it is.
    public enum Severity: String, Sendable, Codable, CaseIterable {
        case warning, error
    }

    /// How bad it is.
    public let severity: Severity
    /// The file, relative to the source tree where it is in it.
    public let file: String
    /// The line, from 1; messages are compared without it.
    public let line: Int?
    /// The text, with the name of the option that asks for it.
    public let text: String

    /// States a message.
    public init(severity: Severity, file: String, line: Int?, text: String) {
        self.severity = severity
        self.file = file
        self.line = line
        self.text = text
    }

    /// Reads a line of make's output: `FILE:LINE:COLUMN: warning: TEXT`; `nil` for any other.
    /// - Parameter tree: The source tree, as make was told.
    init?(line: String, tree: FilePath) {
        let marks: [(String, Severity)] = [
            (": warning: ", .warning), (": error: ", .error), (": fatal error: ", .error), (": Warning: ", .warning),
            (": Error: ", .error),
        ]
        let found = marks.compactMap { mark, severity in line.firstRange(of: mark).map { ($0, severity) } }
        guard let (range, severity) = found.min(by: { $0.0.lowerBound < $1.0.lowerBound }) else { return nil }
        let fields = line[..<range.lowerBound].split(separator: ":", omittingEmptySubsequences: false)
        guard let name = fields.first, !name.isEmpty, fields.count <= 3,
            fields.dropFirst().allSatisfy({ Int($0) != nil })
        else { return nil }
        let above = tree.string + "/"
        file = name.hasPrefix(above) ? String(name.dropFirst(above.count)) : String(name)
        self.line = fields.count > 1 ? Int(fields[1]) : nil
        self.severity = severity
        text = String(line[range.upperBound...])
    }
}
