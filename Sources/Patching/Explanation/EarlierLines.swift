/// What the patches before one have removed and added in its file: made once for all hunks that fail there.
struct EarlierLines {
    /// A line that an earlier hunk removed or added.
    struct Change {
        let entry: FileGroups.Entry
        /// The hunk's number in its file, from 0.
        let hunk: Int
        /// Which of the hunk's lines it is, from 0.
        let number: Int
        let line: Line
        let removed: Bool
    }

    /// How many places of a line are kept, the latest ones: one that changes all the time explains nothing.
    private static let mostPlaces = 64

    private var removed: [LineKey: [Change]] = [:]
    private var added: [LineKey: [Change]] = [:]

    /// Reads the hunks of the entries before one, all of one owner.
    init(_ entries: ArraySlice<FileGroups.Entry>, before last: FileGroups.Entry, _ parsed: [ParsedPatch]) {
        var lines = HunkLines()
        for entry in entries.reversed() where entry < last {
            let patch = parsed[entry.patch].files[entry.file]
            for (hunk, description) in patch.hunks.enumerated() {
                lines.decode(description, of: patch.source, reverse: false)
                for (number, (operation, line)) in lines.operations.enumerated() where operation != .keep {
                    let change = Change(
                        entry: entry, hunk: hunk, number: number, line: line, removed: operation == .delete)
                    if operation == .delete {
                        Self.add(change, to: &removed)
                    } else {
                        Self.add(change, to: &added)
                    }
                }
            }
        }
    }

    private static func add(_ change: Change, to changes: inout [LineKey: [Change]]) {
        if changes[LineKey(change.line), default: []].count < mostPlaces {
            changes[LineKey(change.line), default: []].append(change)
        }
    }

    /// The hunks that removed one of some lines or added one of others, the latest patch first; of each its first such line.
    func changes(missing: Set<LineKey>, intruders: Set<LineKey>, limit: Int) -> [Change] {
        let all =
            missing.flatMap { removed[$0]?.prefix(Self.mostPlaces) ?? [] }
            + intruders.flatMap { added[$0]?.prefix(Self.mostPlaces) ?? [] }
        let sorted = all.sorted {
            if $0.entry != $1.entry { return $1.entry < $0.entry }
            return ($0.hunk, $0.number) < ($1.hunk, $1.number)
        }
        var chosen: [Change] = []
        for change in sorted where chosen.last.map({ $0.entry != change.entry || $0.hunk != change.hunk }) ?? true {
            chosen.append(change)
            if chosen.count == limit { break }
        }
        return chosen
    }
}
