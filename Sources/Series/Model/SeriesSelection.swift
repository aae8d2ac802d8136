/// What of a series is applied, and what is left out.
public struct SeriesSelection: Sendable, Equatable {
    /// An entry that is left out.
    public struct LeftOut: Sendable, Equatable {
        /// Its name in the series.
        public let name: String
        /// The first reason to leave it out.
        public let exclusion: Exclusion
    }

    /// How many entries are applied.
    public let selected: Int
    /// The entries that are left out, in order.
    public let leftOut: [LeftOut]

    /// States a selection.
    package init(selected: Int, leftOut: [LeftOut]) {
        self.selected = selected
        self.leftOut = leftOut
    }

    /// How many entries are left out for each kind of reason: the most frequent first.
    public var reasons: [(kind: String, count: Int)] {
        var counts: [String: Int] = [:]
        for entry in leftOut { counts[entry.exclusion.kind, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
}

extension PatchSeries {
    /// What of it is applied, and what is left out.
    public var selection: SeriesSelection {
        var selected = 0
        var leftOut: [SeriesSelection.LeftOut] = []
        for case .entry(let entry) in lines {
            if entry.isIncluded {
                selected += 1
            } else if let exclusion = entry.exclusions.first {
                leftOut.append(SeriesSelection.LeftOut(name: entry.name, exclusion: exclusion))
            }
        }
        return SeriesSelection(selected: selected, leftOut: leftOut)
    }
}

extension SeriesStack {
    /// What of all its series is applied, and what is left out.
    public var selection: SeriesSelection {
        let all = series.map(\.selection)
        return SeriesSelection(selected: all.reduce(0) { $0 + $1.selected }, leftOut: all.flatMap(\.leftOut))
    }

    /// Makes sure that something is selected.
    /// - Throws: ``SeriesError/empty(name:leftOut:)``, or ``SeriesError/incomplete(_:)`` where it is not read in full.
    public func requireSelection() throws(SeriesError) {
        try requireReading()
        let selection = selection
        if selection.selected == 0 { throw .empty(name: name, leftOut: selection.leftOut.count) }
    }
}
