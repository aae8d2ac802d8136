public import Diagnostics
public import Patching

/// What `dom0kit verify` shows: every series on every tree.
public struct VerifyReport: Reportable {
    public static let schema = "dom0kit.verify/1"

    /// One series on one tree.
    public struct Cell: Sendable {
        /// The tree, as the user named it.
        public let tree: String
        /// The series, as the user named it.
        public let series: String
        /// What became of it.
        public let report: SeriesReport

        /// Describes a cell.
        public init(tree: String, series: String, report: SeriesReport) {
            self.tree = tree
            self.series = series
            self.report = report
        }
    }

    private let cells: [Cell]
    private let policy: PlacementPolicy
    private let strict: Bool

    /// Makes the report.
    /// - Parameters:
    ///   - cells: All combinations, in the order of the trees, then of the series.
    ///   - policy: How exact placement had to be.
    ///   - strict: Whether everything but a clean fit is outside of the policy.
    public init(_ cells: [Cell], policy: PlacementPolicy, strict: Bool) {
        self.cells = cells
        self.policy = policy
        self.strict = strict
    }

    /// The worst of all.
    public var verdict: Verdict { cells.map(verdict(of:)).max() ?? .pass }

    private func verdict(of cell: Cell) -> Verdict { SeriesOutcome(cell.report).verdict(strict: strict) }

    /// How many combinations apply.
    public var summaryLine: String {
        if cells.count == 1, let cell = cells.first {
            return "\(cell.series) on \(cell.tree): " + cell.report.summary.line
        }
        let good = cells.count { $0.report.failures.isEmpty }
        return "\(good) of \(cells.count) combinations of series and tree apply"
    }

    /// A table, then the patches and failures of each combination.
    public func text(_ style: TextStyle) -> String {
        let details = ApplyText(style: style)
        guard cells.count > 1 else {
            return cells.map { details.patches($0.report) + details.failures($0.report) }.joined()
        }
        var table = Table()
        for cell in cells {
            table.add(style.verdict(verdict(of: cell)), style.bold(cell.series), cell.tree, cell.report.summary.line)
        }
        var text = table.text()
        for cell in cells where !cell.report.failures.isEmpty {
            text += "\n" + style.bold("\(cell.series) on \(cell.tree)") + "\n" + details.failures(cell.report)
        }
        return text
    }

    private enum CodingKeys: String, CodingKey { case policy, results }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(["name": policy.name, "fuzz": "\(policy.fuzz)"], forKey: .policy)
        try container.encode(
            cells.map { CellJSON(cell: $0, verdict: verdict(of: $0)) }, forKey: .results)
        // A single combination has the fields of `dom0kit.apply/1` at the top too.
        if cells.count == 1, let cell = cells.first { try SeriesOutcome(cell.report).encode(to: encoder) }
    }
}

private struct CellJSON: Encodable {
    let cell: VerifyReport.Cell
    let verdict: Verdict

    private enum CodingKeys: String, CodingKey { case tree, series, verdict }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(cell.tree, forKey: .tree)
        try container.encode(cell.series, forKey: .series)
        try container.encode(verdict, forKey: .verdict)
        try SeriesOutcome(cell.report).encode(to: encoder)
    }
}
