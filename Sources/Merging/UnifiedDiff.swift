/// The difference of two texts as hunks of a unified diff.
public enum UnifiedDiff {
    /// The hunks with three lines of context, as diff(1) writes them, without names.
    public static func hunks(from old: [UInt8], to new: [UInt8], context: Int = 3) -> [UInt8] {
        let (before, after) = (TextLines(old).lines, TextLines(new).lines)
        var numbers = LineNumbers()
        let matches = LineDiff.matches(numbers.of(before), numbers.of(after))
        let changes = LineDiff.changes(matches, before.count, after.count)
        var text: [UInt8] = []
        var index = 0
        while index < changes.count {
            var end = index
            while end + 1 < changes.count,
                changes[end + 1].old.lowerBound - changes[end].old.upperBound <= 2 * context
            {
                end += 1
            }
            text += hunk(changes[index...end], before, after, context)
            index = end + 1
        }
        return text
    }

    private static func hunk(
        _ changes: ArraySlice<(old: Range<Int>, new: Range<Int>)>, _ before: [ArraySlice<UInt8>],
        _ after: [ArraySlice<UInt8>], _ context: Int
    ) -> [UInt8] {
        guard let first = changes.first, let last = changes.last else { return [] }
        let start = max(0, first.old.lowerBound - context)
        let end = min(before.count, last.old.upperBound + context)
        let newStart = first.new.lowerBound - (first.old.lowerBound - start)
        let newEnd = last.new.upperBound + (end - last.old.upperBound)
        func range(_ start: Int, _ count: Int) -> String {
            "\(count == 0 ? start : start + 1)" + (count == 1 ? "" : ",\(count)")
        }
        var text = Array("@@ -\(range(start, end - start)) +\(range(newStart, newEnd - newStart)) @@".utf8)
        if let section = section(before[..<start]) { text += [32] + section }
        text.append(10)
        func add(_ mark: Character, _ lines: ArraySlice<ArraySlice<UInt8>>) {
            for line in lines {
                text += Array(String(mark).utf8) + line
                if line.last != 10 { text += Array("\n\\ No newline at end of file\n".utf8) }
            }
        }
        var at = start
        for change in changes {
            add(" ", before[at..<change.old.lowerBound])
            add("-", before[change.old])
            add("+", after[change.new])
            at = change.old.upperBound
        }
        add(" ", before[at..<end])
        return text
    }

    /// The last line that begins a function, as diff -p finds it.
    static func section(_ lines: ArraySlice<ArraySlice<UInt8>>) -> ArraySlice<UInt8>? {
        guard var line = lines.last(where: isSection)?.prefix(80) else { return nil }
        while let last = line.last, last <= 32 { line = line.dropLast() }
        return line
    }

    /// Whether a line begins a function, as diff -p takes it.
    static func isSection(_ line: ArraySlice<UInt8>) -> Bool {
        guard let first = line.first else { return false }
        return (65...90).contains(first) || (97...122).contains(first) || first == UInt8(ascii: "_")
            || first == UInt8(ascii: "$")
    }
}
