public import Diagnostics
public import Patching
public import Porting

/// What `dom0kit apply` shows.
public struct ApplyReport: Reportable {
    public static let schema = "dom0kit.apply/1"
    private let outcome: SeriesOutcome
    private let tree: String
    private let policy: PlacementPolicy
    private let written: Bool
    private let strict: Bool
    private let explainsAll: Bool
    private let workers: Int
    private let appliedBefore: Int
    private let unrestorable: [RelativePath]

    /// Makes the report.
    /// - Parameters:
    ///   - outcome: What became of the series.
    ///   - tree: The tree, as the user named it.
    ///   - policy: How exact placement had to be.
    ///   - strict: Whether everything but a clean fit is outside of the policy.
    ///   - explainsAll: Whether the text explains every failure and names everything left out, not only the first ones.
    ///   - allowsEmpty: Whether a series that selects no patch is taken as it is.
    ///   - workers: How many threads put the text together.
    public init(
        _ outcome: ApplyOutcome, tree: String, policy: PlacementPolicy, strict: Bool, explainsAll: Bool = false,
        allowsEmpty: Bool = false, workers: Int = 1
    ) {
        self.workers = workers
        self.outcome = SeriesOutcome(outcome.report, outcome.selection, allowsEmpty: allowsEmpty)
        self.tree = tree
        self.policy = policy
        self.strict = strict
        self.explainsAll = explainsAll
        written = outcome.written
        appliedBefore = outcome.appliedBefore
        unrestorable = outcome.unrestorable
    }

    /// The exit code.
    public var status: ExitStatus { outcome.status(strict: strict) }

    /// With `strict`, anything but clean hunks fails.
    public var verdict: Verdict { outcome.verdict(strict: strict) }

    /// Numbers, and whether the tree was changed.
    public var summaryLine: String {
        let done =
            outcome.report.failures.isEmpty
            ? written ? "\(tree) is patched" : "nothing was written" : "\(tree) is as it was"
        let leftOut = SelectionText(selection: outcome.selection).summary.map { "; left out: \($0)" } ?? ""
        return outcome.report.summary.line + leftOut + "; " + done
    }

    /// The patches that are not clean, and why the series fails.
    public func text(_ style: TextStyle) -> String {
        let text = ApplyText(style: style, explainsAll: explainsAll, workers: workers)
        var lines = ""
        if appliedBefore > 0 { lines += "\(appliedBefore) patches are applied already, by .pc/applied-patches\n" }
        for path in unrestorable {
            lines += "\(style.yellow("note")): \(path) was there and empty; quilt will remove it with the patch\n"
        }
        lines += SelectionText(selection: outcome.selection, namesAll: explainsAll).text(style)
        return lines + text.patches(outcome.report) + text.failures(outcome.report)
    }

    private enum CodingKeys: String, CodingKey { case tree, policy, written, appliedBefore, unrestorable }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(tree, forKey: .tree)
        try container.encode(PolicyJSON(policy), forKey: .policy)
        try container.encode(written, forKey: .written)
        if appliedBefore > 0 { try container.encode(appliedBefore, forKey: .appliedBefore) }
        if !unrestorable.isEmpty { try container.encode(unrestorable.map(\.string), forKey: .unrestorable) }
        try outcome.encode(to: encoder)
    }
}

extension ApplySummary {
    /// `12 patches, 40 hunks in 31 files: 10 clean, 2 offset`.
    var line: String {
        let counts = [
            (clean, "clean"), (offset, "offset"), (fuzz, "fuzz"), (ambiguous, "ambiguous"),
            (alreadyApplied, "already applied"), (failed, "failed"), (skipped, "not tried"),
        ]
        let parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let size = "\(Self.count(patches, "patch", "patches")), \(Self.count(hunks, "hunk", "hunks"))"
        return size + " in \(Self.count(files, "file", "files"))"
            + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }
}
