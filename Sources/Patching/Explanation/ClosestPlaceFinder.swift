/// Finds where a file comes closest to what a hunk expects.
enum ClosestPlaceFinder {
    /// The place with the most expected lines at their distance from each other; near the named line on a tie.
    static func find(_ pattern: [Line], in file: [Line], near guess: Int) -> FailureExplanation.ClosestPlace? {
        guard !pattern.isEmpty, !file.isEmpty else { return nil }
        var positions: [LineKey: [Int]] = [:]
        for (index, line) in pattern.enumerated() { positions[LineKey(line), default: []].append(index) }
        var votes: [Int: Int] = [:]
        for (index, line) in file.enumerated() {
            // Blank lines and lone braces are everywhere: they only decide between equals.
            let weight = line.content.count(where: { $0 > 32 }) > 2 ? 4 : 1
            for place in positions[LineKey(line)] ?? [] { votes[index - place, default: 0] += weight }
        }
        func isBetter(_ left: (key: Int, value: Int), _ right: (key: Int, value: Int)) -> Bool {
            if left.value != right.value { return left.value > right.value }
            let distances = (abs(left.key + 1 - guess), abs(right.key + 1 - guess))
            return distances.0 != distances.1 ? distances.0 < distances.1 : left.key < right.key
        }
        guard let best = votes.min(by: isBetter), best.value >= 4 else { return nil }
        // Lines may have been put in between: look a little further than the pattern is long.
        let window = max(best.key, 0)..<min(best.key + pattern.count + 3, file.count)
        guard !window.isEmpty else { return nil }
        let diff = trimmed(difference(pattern, file, window))
        return FailureExplanation.ClosestPlace(
            line: diff.first { $0.line != nil }?.line ?? window.lowerBound + 1,
            matching: diff.count { $0.kind == .same }, expected: pattern.count, diff: diff)
    }

    /// The longest common subsequence as a diff. Both sides are a hunk long.
    private static func difference(
        _ pattern: [Line], _ file: [Line], _ window: Range<Int>
    ) -> [FailureExplanation.DiffLine] {
        let found = Array(file[window].prefix(400))
        let expected = Array(pattern.prefix(400))
        let width = found.count + 1
        var length = [Int32](repeating: 0, count: (expected.count + 1) * width)
        for left in stride(from: expected.count - 1, through: 0, by: -1) {
            for right in stride(from: found.count - 1, through: 0, by: -1) {
                length[left * width + right] =
                    expected[left] == found[right]
                    ? length[(left + 1) * width + right + 1] + 1
                    : max(length[(left + 1) * width + right], length[left * width + right + 1])
            }
        }
        var rows: [FailureExplanation.DiffLine] = []
        var left = 0
        var right = 0
        while left < expected.count || right < found.count {
            let number = window.lowerBound + right + 1
            if left < expected.count, right < found.count, expected[left] == found[right] {
                rows.append(.init(kind: .same, line: number, text: found[right].text))
                left += 1
                right += 1
            } else if left < expected.count,
                right == found.count || length[(left + 1) * width + right] >= length[left * width + right + 1]
            {
                rows.append(.init(kind: .expected, line: nil, text: expected[left].text))
                left += 1
            } else {
                rows.append(.init(kind: .found, line: number, text: found[right].text))
                right += 1
            }
        }
        return rows
    }

    /// Without the file's lines behind the last expected one.
    private static func trimmed(_ rows: [FailureExplanation.DiffLine]) -> [FailureExplanation.DiffLine] {
        var rows = rows
        // A changed last line still shows what is there instead.
        var budget = rows.last?.kind == .found && rows.last(where: { $0.kind != .found })?.kind == .expected ? 1 : 0
        guard let last = rows.lastIndex(where: { $0.kind != .found }) else { return rows }
        if rows[last].kind == .same { budget = 0 }
        rows.removeSubrange(min(last + 1 + budget, rows.count)...)
        return rows
    }
}
