public import Diagnostics
public import Patching
public import Porting

/// What `dom0kit verify` shows: every series on every tree.
public struct VerifyReport: Reportable {
    public static let schema = "dom0kit.verify/1"

    private let cells: [VerifyOutcome.Cell]
    private let disagreements: [VerifyOutcome.Disagreement]
    private let policies: [PlacementPolicy]
    private let strict: Bool
    private let explainsAll: Bool
    private let workers: Int
    private let allowsEmpty: Bool

    /// Makes the report.
    /// - Parameters:
    ///   - outcome: All combinations.
    ///   - policies: How exact placement had to be; with several, the cells say which one is theirs.
    ///   - strict: Whether everything but a clean fit is outside of the policy.
    ///   - explainsAll: Whether the text explains every failure and names everything left out, not only the first ones.
    ///   - allowsEmpty: Whether a series that selects no patch is taken as it is.
    ///   - workers: How many threads put the text together.
    public init(
        _ outcome: VerifyOutcome, policies: [PlacementPolicy], strict: Bool, explainsAll: Bool = false,
        allowsEmpty: Bool = false, workers: Int = 1
    ) {
        self.workers = workers
        self.allowsEmpty = allowsEmpty
        cells = outcome.cells
        disagreements = policies.count > 1 ? outcome.disagreements : []
        self.policies = policies
        self.strict = strict
        self.explainsAll = explainsAll
    }

    /// The worst of all.
    public var verdict: Verdict { cells.map(verdict(of:)).max() ?? .pass }

    private func result(of cell: VerifyOutcome.Cell) -> SeriesOutcome {
        SeriesOutcome(cell.report, cell.selection, allowsEmpty: allowsEmpty)
    }

    private func verdict(of cell: VerifyOutcome.Cell) -> Verdict { result(of: cell).verdict(strict: strict) }

    /// The exit code: that of the worst combination.
    public var status: ExitStatus {
        let all = cells.map { result(of: $0).status(strict: strict) }
        let order: [ExitStatus] = [.seriesFails, .undecided, .outsidePolicy]
        return order.first(where: all.contains) ?? .success
    }

    /// How many combinations apply.
    public var summaryLine: String {
        if cells.count == 1, let cell = cells.first {
            let leftOut = SelectionText(selection: cell.selection).summary.map { "; left out: \($0)" } ?? ""
            return "\(cell.series) on \(cell.tree): " + cell.report.summary.line + leftOut
        }
        let good = cells.count { $0.report.failures.isEmpty }
        let summary = "\(good) of \(cells.count) combinations of series and tree apply"
        if policies.count < 2 { return summary }
        return summary + (disagreements.isEmpty ? "; all consumers agree" : "; the consumers disagree")
    }

    /// A table, then the patches and failures of each combination.
    public func text(_ style: TextStyle) -> String {
        let details = ApplyText(style: style, explainsAll: explainsAll, workers: workers)
        guard cells.count > 1 else {
            return cells.map {
                SelectionText(selection: $0.selection, namesAll: explainsAll).text(style) + details.patches($0.report)
                    + details.failures($0.report)
            }.joined()
        }
        var table = Table()
        for cell in cells {
            let name = policies.count > 1 ? "\(cell.series) like \(cell.policy.name)" : cell.series
            let leftOut = SelectionText(selection: cell.selection).summary.map { "; left out: \($0)" } ?? ""
            table.add(
                style.verdict(verdict(of: cell)), style.bold(name), cell.tree, cell.report.summary.line + leftOut)
        }
        var text = table.text()
        for item in disagreements {
            let groups = item.groups.map { $0.joined(separator: ", ") }.joined(separator: " | ")
            text +=
                "\n\(style.yellow("disagreement")) on \(item.series) and \(item.tree), the same result within: \(groups)\n"
        }
        for cell in cells where !cell.report.failures.isEmpty {
            let rules = policies.count > 1 ? " like \(cell.policy.name)" : ""
            text += "\n" + style.bold("\(cell.series) on \(cell.tree)\(rules)") + "\n" + details.failures(cell.report)
        }
        return text
    }

    private enum CodingKeys: String, CodingKey { case policy, policies, results, disagreements }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if policies.count == 1, let policy = policies.first {
            try container.encode(PolicyJSON(policy), forKey: .policy)
        } else {
            try container.encode(policies.map(\.name), forKey: .policies)
            try container.encode(disagreements, forKey: .disagreements)
        }
        try container.encode(
            cells.map { CellJSON(cell: $0, verdict: verdict(of: $0), outcome: result(of: $0)) }, forKey: .results)
        // A single combination has the fields of `dom0kit.apply/1` at the top too.
        if cells.count == 1, let cell = cells.first { try result(of: cell).encode(to: encoder) }
    }
}

private struct CellJSON: Encodable {
    let cell: VerifyOutcome.Cell
    let verdict: Verdict
    let outcome: SeriesOutcome

    private enum CodingKeys: String, CodingKey { case tree, series, policy, verdict }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(cell.tree, forKey: .tree)
        try container.encode(cell.series, forKey: .series)
        try container.encode(cell.policy.name, forKey: .policy)
        try container.encode(verdict, forKey: .verdict)
        try outcome.encode(to: encoder)
    }
}
