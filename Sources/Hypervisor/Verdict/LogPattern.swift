/// A regular expression for lines of dom0's kernel log, known to be well formed.
public struct LogPattern: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The expression as written.
    public let text: String

    /// Takes an expression.
    /// - Returns: `nil` where it is empty or not a regular expression (Swift's syntax, that of PCRE).
    public init?(_ text: String) {
        guard !text.isEmpty, (try? Regex(text)) != nil else { return nil }
        self.text = text
    }

    /// Reads the text of an expression.
    /// - Throws: `DecodingError` for text that is not one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let pattern = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a regular expression")
        }
        self = pattern
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// The expression as written.
    public var description: String { text }

    /// The first line that it matches somewhere.
    func firstMatch(in lines: [String]) -> String? {
        guard let expression = try? Regex(text) else { return nil }
        return lines.first { $0.firstMatch(of: expression) != nil }
    }
}
