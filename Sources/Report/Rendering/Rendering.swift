public import Diagnostics

/// A result a command shows: one JSON object, or text that ends with one verdict line.
///
/// The type's own `Encodable` fields become the JSON object's fields, beside `schema` and `verdict`.
public protocol Reportable: Encodable, Sendable {
    /// The name and version of the JSON contract, such as `dom0kit.apply/1`.
    static var schema: String { get }
    /// The outcome.
    var verdict: Verdict { get }
    /// One line that sums the result up, shown after the verdict.
    var summaryLine: String { get }
    /// The text above the verdict line; empty where the verdict line says it all.
    func text(_ style: TextStyle) -> String
}

/// How a result is written.
public enum OutputFormat: String, Sendable, CaseIterable {
    /// For display.
    case text
    /// For programs: a JSON object with sorted keys.
    case json
}

/// Turns results into bytes.
public enum Rendering {
    /// The result in a format, ending with a newline. Nothing in it steers a terminal but `style`.
    public static func render(_ result: some Reportable, as format: OutputFormat, style: TextStyle) throws -> String {
        var bytes: [UInt8] = []
        try write(result, as: format, style: style) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same in pieces, as they are made.
    public static func write(
        _ result: some Reportable, as format: OutputFormat, style: TextStyle,
        to write: @escaping ([UInt8]) throws -> Void
    ) throws {
        switch format {
        case .json: try JSONStream.write(Envelope(result: result), to: write)
        case .text:
            // The verdict is the last line, whatever the names in the summary hold.
            let summary = SafeText.inLine(result.summaryLine)
            let text = body(of: result, style) + style.verdict(result.verdict) + ": " + summary + "\n"
            try write(Array(SafeText.rendered(text, colored: style.colored).utf8))
        }
    }

    private static func body(of result: some Reportable, _ style: TextStyle) -> String {
        let text = result.text(style)
        return text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
    }
}

/// A result with the two fields that every JSON result has.
private struct Envelope<Result: Reportable>: Encodable {
    let result: Result

    private enum CodingKeys: String, CodingKey { case schema, verdict }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Result.schema, forKey: .schema)
        try container.encode(result.verdict, forKey: .verdict)
        try result.encode(to: encoder)
    }
}
