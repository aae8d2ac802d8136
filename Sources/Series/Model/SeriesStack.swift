public import Patching

/// Series that are applied one on top of the other, in this order: what several `--series` of one command mean.
public struct SeriesStack: Sendable {
    /// What the stack is called in results: its series as the user named them, joined by ` + `.
    public let name: String
    /// The series, from the lowest.
    public let series: [PatchSeries]

    /// Stacks series.
    public init(name: String, series: [PatchSeries]) {
        self.name = name
        self.series = series
    }

    /// Makes sure that the consumer takes each series as a list.
    /// - Throws: `PatchError` for a patch that is listed more than once, where a policy refuses that.
    public func requireList(for policy: PlacementPolicy) throws(PatchError) {
        guard policy.refusesRepeated else { return }
        for series in series where series.dialect == .quilt || series.dialect == .debian {
            var seen: Set<String> = []
            for entry in series.included where !seen.insert(entry.name).inserted {
                throw PatchError(
                    patch: entry.position.file.string, line: entry.position.line, problem: .listedTwice(entry.name))
            }
        }
    }

    /// All patches, each read when it is needed; parameters and errors as ``PatchSeries/sources(mapped:)``.
    public func sources(mapped: Bool) throws -> [PatchSource] {
        try requireReading()
        return try series.flatMap { try $0.sources(mapped: mapped) }
    }

    /// Makes sure that every series was read in full: all that was not is told at once.
    func requireReading() throws(SeriesError) {
        let gaps = series.flatMap(\.gaps)
        guard gaps.isEmpty else { throw .incomplete(gaps) }
    }

    /// All patches with where they come from; errors as ``PatchSeries/load(workers:)``.
    public func load(workers: Int) throws -> [LoadedSeries.Patch] {
        try requireReading()
        return try series.flatMap { try $0.load(workers: workers).patches }
    }
}
