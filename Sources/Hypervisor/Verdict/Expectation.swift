/// What the running dom0 has to show.
public enum Expectation: Sendable, Hashable, Codable {
    /// A file below `/sys` or `/proc` with this content, surrounding white space aside.
    case file(path: String, content: String)
    /// A kernel log line that matches this regular expression somewhere.
    case kernelLog(matching: LogPattern)
    /// `uname -r`.
    case release(String)
}

extension Expectation {
    /// Reads `PATH=TEXT`: a file and what it must hold.
    /// - Returns: `nil` for text without a path and an equals sign.
    public init?(file text: String) {
        guard let mark = text.firstIndex(of: "="), mark != text.startIndex else { return nil }
        self = .file(path: String(text[..<mark]), content: String(text[text.index(after: mark)...]))
    }

    /// Reads a regular expression that a line of dom0's kernel log must match.
    /// - Returns: `nil` for what is not a regular expression.
    public init?(kernelLog text: String) {
        guard let pattern = LogPattern(text) else { return nil }
        self = .kernelLog(matching: pattern)
    }
}
