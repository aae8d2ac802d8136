/// The lines of a change itself: those it takes away, and those it puts in their place.
public struct OwnLines: Sendable {
    /// What it adds.
    public let added: [UInt8]
    /// What it adds and takes away, and the three lines before and behind each.
    public let around: [UInt8]

    /// Compares two texts.
    public init(from old: [UInt8], to new: [UInt8]) {
        let (before, after) = (TextLines(old).lines, TextLines(new).lines)
        var numbers = LineNumbers()
        let matches = LineDiff.matches(numbers.of(before), numbers.of(after))
        var (added, around): ([UInt8], [UInt8]) = ([], [])
        for change in LineDiff.changes(matches, before.count, after.count) {
            added += after[change.new].joined()
            let (start, end) = (max(0, change.old.lowerBound - 3), min(before.count, change.old.upperBound + 3))
            around += before[start..<end].joined()
            around += after[change.new].joined()
        }
        (self.added, self.around) = (added, around)
    }

    /// Whether a third of what it adds, of the lines with a word in them, is in a text.
    package func isMostly(in text: [UInt8]) -> Bool {
        let lines = TextLines(added).lines.filter { $0.contains(where: Words.isPart) }
        var counts = LineCounts(TextLines(text).lines)
        return !lines.isEmpty && 3 * lines.count { counts.take($0) } >= lines.count
    }

    /// The identifiers of what it adds.
    public var identifiers: Set<ArraySlice<UInt8>> { Words.identifiers(added) }
}
