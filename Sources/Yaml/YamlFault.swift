public import Diagnostics
public import SystemPackage

/// What is wrong with a YAML file of the kit: where, which key, and what would be right.
public struct YamlFault: DiagnosedError, Equatable {
    /// The file.
    public let file: FilePath
    /// The line, from 1; `nil` where the whole file is meant.
    public let line: Int?
    /// The column, from 1; only for text that is not YAML.
    public let column: Int?
    /// The key as a path, such as `boot.guests[0]`; empty for the top level.
    public let key: String
    /// What is wrong, as a sentence that names the key and the value.
    public let reason: String
    /// The values that would be right, where they can be listed.
    public let allowed: [String]
    /// What was probably meant.
    public let suggestions: [String]

    /// States a fault.
    public init(
        file: FilePath, line: Int? = nil, column: Int? = nil, key: String = "", reason: String, allowed: [String] = [],
        suggestions: [String] = []
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.reason = reason
        self.allowed = allowed
        self.suggestions = suggestions
    }

    /// Always malformed input.
    public var category: ErrorCategory { .malformedInput }

    /// `FILE:LINE: boot.dom0 is 'pvhh', which is not one of pv, pvh`.
    public var message: String {
        let place = file.string + (line.map { ":\($0)" } ?? "") + (column.map { ":\($0)" } ?? "")
        return "\(place): \(reason)"
    }

    /// `did you mean 'pvh'?`
    public var remedy: String? { Suggestions.question(suggestions) }

    /// A value as messages show it: in quotes, control characters escaped, not longer than a line.
    static func quoted(_ value: String) -> String {
        var shown = ""
        for scalar in value.unicodeScalars.prefix(80) {
            switch scalar.value {
            case 0..<32, 127..<160, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return "'\(shown)\(value.unicodeScalars.count > 80 ? "…" : "")'"
    }
}
