public import Patching
public import Series

/// What becomes of series on trees.
public struct VerifyOutcome: Sendable {
    /// One series on one tree by one policy.
    public struct Cell: Sendable {
        /// The tree, as the user named it.
        public let tree: String
        /// The series, as the user named it.
        public let series: String
        /// Whose rules it was applied with.
        public let policy: PlacementPolicy
        /// What became of it.
        public let report: SeriesReport
        /// What of the series was to be applied, and what is left out.
        public let selection: SeriesSelection

        /// Describes a cell.
        package init(
            tree: String, series: String, policy: PlacementPolicy, report: SeriesReport,
            selection: SeriesSelection? = nil
        ) {
            self.tree = tree
            self.series = series
            self.policy = policy
            self.report = report
            self.selection = selection ?? SeriesSelection(selected: report.patches.count, leftOut: [])
        }
    }

    /// All combinations, in the order of the series, then of the policies, then of the trees.
    public internal(set) var cells: [Cell]
    /// The memory that the reports were made in.
    var verifiers: [SeriesVerifier] = []

    /// An outcome of these combinations.
    package init(_ cells: [Cell] = []) { self.cells = cells }
}

extension VerifyOutcome {
    /// A series and a tree on which the policies come to another verdict or another tree.
    public struct Disagreement: Sendable, Encodable {
        /// The tree, as the user named it.
        public let tree: String
        /// The series, as the user named it.
        public let series: String
        /// The names of the policies; those that come to the same result are in one group.
        public let groups: [[String]]
    }

    /// Where the policies disagree.
    public var disagreements: [Disagreement] {
        var found: [Disagreement] = []
        var seen: Set<[String]> = []
        for cell in cells where seen.insert([cell.tree, cell.series]).inserted {
            var groups: [(key: String, names: [String])] = []
            for other in cells where other.tree == cell.tree && other.series == cell.series {
                let key = other.report.failures.isEmpty ? other.report.resultDigest ?? "" : "fails"
                if let index = groups.firstIndex(where: { $0.key == key }) {
                    groups[index].names.append(other.policy.name)
                } else {
                    groups.append((key, [other.policy.name]))
                }
            }
            if groups.count > 1 {
                found.append(Disagreement(tree: cell.tree, series: cell.series, groups: groups.map(\.names)))
            }
        }
        return found
    }
}
