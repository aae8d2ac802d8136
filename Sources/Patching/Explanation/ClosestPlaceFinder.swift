/// Finds where a file comes closest to what a hunk expects.
///
/// 1. Every telling line of the hunk votes for the places that its place in the file gives the hunk.
/// 2. Votes that lie within a few lines of each other are for one place: lines may have been put in or taken out.
/// 3. The places with the most votes are aligned with the hunk, line by line; the best alignment wins, on a tie the one
///    near the line that the hunk names.
enum ClosestPlaceFinder {
    /// How many places are aligned.
    private static let mostCandidates = 8
    /// The most lines of a hunk, and of a place in the file, that are aligned.
    private static let mostLines = 400

    /// The closest place; `nil` where no telling line of the hunk is in the file.
    static func find(_ pattern: [Line], in file: FileIndex, near guess: Int) -> FailureExplanation.ClosestPlace? {
        guard !pattern.isEmpty, !file.lines.isEmpty else { return nil }
        let slack = min(max(pattern.count / 2, 8), 60)
        let windows = candidates(pattern, file, slack, near: guess).map { start in
            max(start, 0)..<min(max(start, 0) + pattern.count + slack, file.lines.count)
        }
        let rated = windows.filter { !$0.isEmpty }.map { window -> (rows: [FailureExplanation.DiffLine], score: Int) in
            let rows = trimmed(difference(pattern, file.lines, window))
            let score = rows.reduce(0) { $0 + ($1.kind == .same ? weight($1.text.utf8) : 0) }
            return (rows, score)
        }
        func distance(_ rows: [FailureExplanation.DiffLine]) -> Int {
            abs((rows.first { $0.line != nil }?.line ?? 0) - guess)
        }
        let best = rated.min {
            $0.score != $1.score ? $0.score > $1.score : distance($0.rows) < distance($1.rows)
        }
        guard let best, best.score >= telling else { return nil }
        return FailureExplanation.ClosestPlace(
            line: best.rows.first { $0.line != nil }?.line ?? 1, matching: best.rows.count { $0.kind == .same },
            expected: pattern.count, diff: best.rows)
    }

    /// What a line counts that is not everywhere.
    private static let telling = 4

    /// Blank lines and lone braces are everywhere: they only decide between equals.
    private static func weight(_ text: some Sequence<UInt8>) -> Int {
        text.lazy.filter { $0 > 32 }.prefix(3).reduce(0) { count, _ in count + 1 } > 2 ? telling : 1
    }

    /// The first lines, from 0, that the hunk would have at the likeliest places.
    private static func candidates(_ pattern: [Line], _ file: FileIndex, _ slack: Int, near guess: Int) -> [Int] {
        var votes: [Int: Int] = [:]
        for (index, line) in pattern.enumerated() {
            let weight = weight(line.content)
            for place in file.places[LineKey(line)] ?? [] { votes[place - index, default: 0] += weight }
        }
        let sorted = votes.sorted { $0.key < $1.key }
        // The votes of all offsets from each one on, within the slack.
        var sums: [(start: Int, votes: Int)] = []
        var end = 0
        var sum = 0
        for (index, vote) in sorted.enumerated() {
            while end < sorted.count, sorted[end].key - vote.key <= slack {
                sum += sorted[end].value
                end += 1
            }
            sums.append((vote.key, sum))
            sum -= sorted[index].value
        }
        sums.sort {
            if $0.votes != $1.votes { return $0.votes > $1.votes }
            let distances = (abs($0.start + 1 - guess), abs($1.start + 1 - guess))
            return distances.0 != distances.1 ? distances.0 < distances.1 : $0.start < $1.start
        }
        var chosen: [Int] = []
        for sum in sums where chosen.allSatisfy({ abs($0 - sum.start) > slack / 2 }) {
            chosen.append(sum.start)
            if chosen.count == mostCandidates { break }
        }
        return chosen
    }

    /// The heaviest common subsequence as a diff. Both sides are about a hunk long.
    private static func difference(
        _ pattern: [Line], _ file: [Line], _ window: Range<Int>
    ) -> [FailureExplanation.DiffLine] {
        let found = Array(file[window].prefix(mostLines))
        let expected = Array(pattern.prefix(mostLines))
        let width = found.count + 1
        let weights = expected.map { Int32(weight($0.content)) }
        var value = [Int32](repeating: 0, count: (expected.count + 1) * width)
        for left in stride(from: expected.count - 1, through: 0, by: -1) {
            for right in stride(from: found.count - 1, through: 0, by: -1) {
                value[left * width + right] =
                    expected[left] == found[right]
                    ? value[(left + 1) * width + right + 1] + weights[left]
                    : max(value[(left + 1) * width + right], value[left * width + right + 1])
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
                right == found.count || value[(left + 1) * width + right] >= value[left * width + right + 1]
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

    /// Without the file's lines before the first and after the last expected one.
    private static func trimmed(_ rows: [FailureExplanation.DiffLine]) -> [FailureExplanation.DiffLine] {
        var rows = rows
        if let first = rows.firstIndex(where: { $0.kind != .found }) { rows.removeSubrange(..<first) }
        // A changed last line still shows what is there instead.
        var budget = rows.last?.kind == .found && rows.last(where: { $0.kind != .found })?.kind == .expected ? 1 : 0
        guard let last = rows.lastIndex(where: { $0.kind != .found }) else { return rows }
        if rows[last].kind == .same { budget = 0 }
        rows.removeSubrange(min(last + 1 + budget, rows.count)...)
        return rows
    }
}
