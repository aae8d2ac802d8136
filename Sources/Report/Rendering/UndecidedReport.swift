public import Diagnostics

/// What a command shows in the place of its result where it has found that it cannot give one.
public struct UndecidedReport: Sendable {
    /// The contract of the result that it stands for.
    public let schema: String
    /// Where what is not understood lies.
    public let gaps: [Gap]
    /// Why there is no verdict.
    public let reason: String
    /// What to do about it: the error's remedy, and which option or command helps.
    public let remedies: [String]

    /// Says that an error leaves a command without a verdict.
    /// - Parameters:
    ///   - schema: The contract of the command's result.
    ///   - hint: Which option or command helps.
    public init(_ error: any DiagnosedError, schema: String, hint: String?) {
        self.schema = schema
        gaps = (error as? any UndecidedError)?.gaps ?? []
        reason = error.message
        remedies = [error.remedy, hint].compactMap { $0 }
    }

    /// The report as bytes, ending with a newline.
    public func rendered(as format: OutputFormat, style: TextStyle) throws -> [UInt8] {
        switch format {
        case .json:
            var bytes: [UInt8] = []
            try JSONStream.write(Contract(report: self)) { bytes += $0 }
            return bytes
        case .text:
            let lines = gaps.map { gap in
                "\(SafeText.inLine(gap.file)):\(gap.line): \(style.verdict(.unknown)): \(SafeText.inLine(gap.text))\n"
            }
            let advice = remedies.map { "  \(SafeText.inLine($0))\n" }
            let summary =
                switch gaps.count {
                case 0: reason
                case 1: "not decided: \(gaps[0].file):\(gaps[0].line) is not understood"
                default: "not decided: \(gaps.count) lines are not understood"
                }
            let verdict = style.verdict(.unknown) + ": " + SafeText.inLine(summary) + "\n"
            return Array(SafeText.rendered((lines + advice).joined() + verdict, colored: style.colored).utf8)
        }
    }
}

/// The fields of the JSON contract.
private struct Contract: Encodable {
    let report: UndecidedReport

    private enum CodingKeys: String, CodingKey { case schema, verdict, gaps, reason, remedies }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(report.schema, forKey: .schema)
        try container.encode(Verdict.unknown, forKey: .verdict)
        try container.encode(report.gaps, forKey: .gaps)
        try container.encode(report.reason, forKey: .reason)
        if !report.remedies.isEmpty { try container.encode(report.remedies, forKey: .remedies) }
    }
}
