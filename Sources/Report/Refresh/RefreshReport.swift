public import Diagnostics
public import Patching

/// What `dom0kit refresh` shows.
public struct RefreshReport: Reportable {
    public static let schema = "dom0kit.refresh/1"
    private let refresh: SeriesRefresh
    private let names: [String]
    private let written: Bool

    /// Makes the report.
    /// - Parameters:
    ///   - names: The patches of the series, in order.
    ///   - written: Whether the patch files were changed.
    public init(_ refresh: SeriesRefresh, names: [String], written: Bool) {
        self.refresh = refresh
        self.names = names
        self.written = written
    }

    /// `pass` where the series is clean now and gives the same tree.
    public var verdict: Verdict { refresh.isProven ? .pass : .fail }

    /// How many patches change, and the proof.
    public var summaryLine: String {
        if !refresh.before.failures.isEmpty { return "the series does not apply; nothing was written" }
        if !refresh.isProven {
            return "the series cannot be made clean without changing its result; nothing was written"
        }
        if refresh.patches.isEmpty { return "the series is clean already" }
        let count = "\(refresh.patches.count) of \(names.count) patches"
        return "\(count) \(written ? "were rewritten" : "would be rewritten"); the resulting tree is identical"
    }

    /// The patches that change, or why the series does not apply.
    public func text(_ style: TextStyle) -> String {
        var text = ""
        for patch in refresh.patches {
            text += "\(style.bold(names[patch.index]))  \(patch.hunks) \(patch.hunks == 1 ? "hunk" : "hunks")\n"
        }
        let details = ApplyText(style: style)
        if !refresh.before.failures.isEmpty { return text + details.failures(refresh.before) }
        return refresh.isProven ? text : text + details.patches(refresh.after) + details.failures(refresh.after)
    }

    private struct PatchJSON: Encodable {
        let name: String
        let hunks: Int
    }

    private enum CodingKeys: String, CodingKey { case patches, written, proven, result }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(
            refresh.patches.map { PatchJSON(name: names[$0.index], hunks: $0.hunks) }, forKey: .patches)
        try container.encode(written, forKey: .written)
        try container.encode(refresh.isProven, forKey: .proven)
        try container.encodeIfPresent(refresh.after.resultDigest, forKey: .result)
    }
}
