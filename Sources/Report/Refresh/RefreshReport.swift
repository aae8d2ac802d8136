public import Diagnostics
public import Patching

/// What `dom0kit refresh` shows.
public struct RefreshReport: Reportable {
    public static let schema = "dom0kit.refresh/1"
    private let refresh: SeriesRefresh
    private let names: [String]
    /// Whether the patch files were changed.
    public let written: Bool

    /// Makes the report.
    /// - Parameters:
    ///   - names: The patches of the series, in order.
    ///   - written: Whether the patch files were changed.
    public init(_ refresh: SeriesRefresh, names: [String], written: Bool) {
        self.refresh = refresh
        self.names = names
        self.written = written
    }

    /// `pass` where the series is clean now and gives the same tree; `warn` where fuzz decided what that tree is; `fail`
    /// where a patch does not fit, or cannot be made clean.
    public var verdict: Verdict {
        !refresh.isProven || !refresh.unfit.isEmpty ? .fail : refresh.doubtful.isEmpty ? .pass : .warn
    }

    /// The exit code.
    /// - Parameter strict: Whether a warning counts as outside of the policy.
    public func status(strict: Bool) -> ExitStatus {
        if !refresh.before.failures.isEmpty { return .seriesFails }
        return !refresh.isProven || strict && verdict == .warn ? .outsidePolicy : .success
    }

    /// How many patches change, and the proof.
    public var summaryLine: String {
        if !refresh.before.failures.isEmpty, !refresh.isProven {
            return "the series does not apply; nothing was written"
        }
        if !refresh.isProven {
            return "the series cannot be made clean without changing its result; nothing was written"
        }
        let unfit =
            refresh.unfit.isEmpty
            ? "" : "; \(Wording.count(refresh.unfit.count, "patch does", "patches do")) not fit and stay as they are"
        if refresh.patches.isEmpty {
            return (unfit.isEmpty ? "the series is clean already" : "what fits is clean already") + unfit
        }
        let count = "\(refresh.patches.count) of \(Wording.count(names.count, "patch", "patches"))"
        let doubtful = Wording.count(refresh.doubtful.count, "hunk was", "hunks were")
        let doubt = refresh.doubtful.isEmpty ? "" : "; \(doubtful) placed by fuzz or in doubt: check each of them"
        return "\(count) \(written ? "rewritten" : "to be rewritten"); the resulting tree is identical" + doubt + unfit
    }

    /// The patches that change, or why the series does not apply.
    public func text(_ style: TextStyle) -> String {
        var text = ""
        for patch in refresh.patches {
            text += "\(style.bold(names[patch.index]))  \(Wording.count(patch.hunks, "hunk"))\n"
        }
        for index in refresh.unfit {
            text += "\(style.verdict(.fail)) \(SafeText.inLine(names[index]))  does not fit\n"
        }
        let details = ApplyText(style: style)
        for hunk in refresh.doubtful {
            text += "\(style.yellow("check")) \(names[hunk.patch]): \(hunk.file): \(details.told(hunk.hunk))\n"
        }
        if !refresh.before.failures.isEmpty { return text + details.failures(refresh.before) }
        return refresh.isProven ? text : text + details.patches(refresh.after) + details.failures(refresh.after)
    }

    private struct PatchJSON: Encodable {
        let name: String
        let hunks: Int
    }

    private struct DoubtJSON: Encodable {
        let patch, file: String
        let hunk, fuzz: Int
        let line: Int?
        let warnings: [String]
    }

    private enum CodingKeys: String, CodingKey { case doubtful, patches, written, proven, result, unfit }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(
            refresh.patches.map { PatchJSON(name: names[$0.index], hunks: $0.hunks) }, forKey: .patches)
        try container.encode(
            refresh.doubtful.map {
                DoubtJSON(
                    patch: names[$0.patch], file: $0.file.string, hunk: $0.hunk.number, fuzz: $0.hunk.fuzz,
                    line: $0.hunk.line, warnings: $0.hunk.warnings.map(\.rawValue))
            }, forKey: .doubtful)
        if !refresh.unfit.isEmpty { try container.encode(refresh.unfit.map { names[$0] }, forKey: .unfit) }
        try container.encode(written, forKey: .written)
        try container.encode(refresh.isProven, forKey: .proven)
        try container.encodeIfPresent(refresh.after.resultDigest, forKey: .result)
    }
}
