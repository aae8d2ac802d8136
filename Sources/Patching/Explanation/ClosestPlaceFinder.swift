/// Finds where a file comes closest to what a hunk expects.
///
/// 1. The hunk's rarest lines vote for the places that their place in the file gives the hunk.
/// 2. Votes that lie within a few lines of each other are for one place: lines may have been put in or taken out.
/// 3. The places with the most votes are aligned with the hunk, line by line; the best alignment wins, on a tie the one
///    near the line that the hunk names.
struct ClosestPlaceFinder {
    /// How many lines of a hunk vote, and for how many places each: more of them, or lines that are everywhere, tell nothing
    /// more about where a hunk belongs.
    private static let mostVoters = 48
    private static let mostVotes = 64
    /// How many places are aligned.
    private static let mostCandidates = 8
    /// The most lines of a hunk, and of a place in the file, that are aligned.
    private static let mostLines = 400

    let file: FileIndex
    /// The lines of the hunk, and what they are in the file's index.
    private let pattern: [Line]
    private let kinds: [LineIndex.Kind]
    /// How many lines were compared.
    private(set) var effort = 0

    /// Looks for the lines of a hunk.
    init(_ pattern: [Line], in file: FileIndex) {
        (self.pattern, self.file) = (pattern, file)
        let index = file.lineIndex
        kinds = pattern.map { index.kind(of: $0) }
    }

    /// The closest place; `nil` where no telling line of the hunk is in the file.
    mutating func find(near guess: Int) -> FailureExplanation.ClosestPlace? {
        guard !pattern.isEmpty, !file.lines.isEmpty else { return nil }
        let slack = min(max(pattern.count / 2, 8), 60)
        let windows = candidates(slack, near: guess).map { start in
            max(start, 0)..<min(max(start, 0) + pattern.count + slack, file.lines.count)
        }
        func distance(_ rows: [Row]) -> Int { abs((rows.first { $0.number != nil }?.number ?? 0) - guess) }
        var best: (rows: [Row], score: Int)?
        for window in windows where !window.isEmpty {
            // What cannot become better than the best is not aligned.
            if let best, mostScore(window) < best.score { continue }
            let rows = trimmed(difference(window))
            let score = rows.reduce(0) { $0 + ($1.kind == .same ? weight($1.line.content) : 0) }
            guard let other = best else {
                best = (rows, score)
                continue
            }
            if score > other.score || score == other.score && distance(rows) < distance(other.rows) {
                best = (rows, score)
            }
        }
        guard let best, best.score >= Self.telling else { return nil }
        return FailureExplanation.ClosestPlace(
            line: best.rows.first { $0.number != nil }?.number ?? 1, matching: best.rows.count { $0.kind == .same },
            expected: pattern.count,
            diff: best.rows.map { .init(kind: $0.kind, line: $0.number, text: $0.line.text) })
    }

    /// A line of the alignment.
    private struct Row {
        let kind: FailureExplanation.DiffLine.Kind
        /// The line in the file, from 1; `nil` for expected lines.
        let number: Int?
        let line: Line
    }

    /// What a line counts that is not everywhere.
    private static let telling = 4

    /// Blank lines and lone braces are everywhere: they only decide between equals.
    private func weight(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var count = 0
        for byte in text where byte > 32 {
            count += 1
            if count > 2 { return Self.telling }
        }
        return 1
    }

    /// What the best alignment with a place can count at most: that of the lines that are there, in any order.
    private mutating func mostScore(_ window: Range<Int>) -> Int {
        let index = file.lineIndex
        effort += pattern.count
        return zip(pattern, kinds).reduce(0) { score, line in
            let places = index.places(of: line.1)
            let first = places.partitioningIndex { $0 >= window.lowerBound }
            let isThere = first < places.endIndex && places[first] < window.upperBound
            return isThere ? score + weight(line.0.content) : score
        }
    }

    /// The first lines, from 0, that the hunk would have at the likeliest places.
    private mutating func candidates(_ slack: Int, near guess: Int) -> [Int] {
        let index = file.lineIndex
        typealias Voter = (number: Int, places: ArraySlice<Int32>, weight: Int)
        let voters = kinds.indices.map { number -> Voter in
            (number, index.places(of: kinds[number]), weight(pattern[number].content))
        }
        let rarest = voters.filter { !$0.places.isEmpty }.sorted {
            if $0.weight != $1.weight { return $0.weight > $1.weight }
            return ($0.places.count, $0.number) < ($1.places.count, $1.number)
        }.prefix(Self.mostVoters)
        var votes: [Int: Int] = [:]
        for voter in rarest {
            // Of a line that is everywhere, the places count that are near the one the hunk names.
            let behind = voter.places.partitioningIndex { $0 >= guess - 1 + voter.number }
            let first = max(
                voter.places.startIndex, min(behind, voter.places.endIndex - Self.mostVotes / 2) - Self.mostVotes / 2)
            for place in voter.places[first...].prefix(Self.mostVotes) {
                votes[Int(place) - voter.number, default: 0] += voter.weight
            }
            effort += min(voter.places.count, Self.mostVotes)
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
            if chosen.count == Self.mostCandidates { break }
        }
        return chosen
    }

    /// The heaviest common subsequence as a diff. Both sides are about a hunk long.
    private mutating func difference(_ window: Range<Int>) -> [Row] {
        let window = window.prefix(Self.mostLines)
        let all = file.lineIndex.kinds
        let expected = kinds.prefix(Self.mostLines)
        let width = window.count + 1
        let weights = pattern.prefix(Self.mostLines).map { Int32(weight($0.content)) }
        effort += expected.count * window.count
        var value = [Int32](repeating: 0, count: (expected.count + 1) * width)
        for left in stride(from: expected.count - 1, through: 0, by: -1) {
            for right in stride(from: window.count - 1, through: 0, by: -1) {
                value[left * width + right] =
                    expected[left] == all[window.lowerBound + right]
                    ? value[(left + 1) * width + right + 1] + weights[left]
                    : max(value[(left + 1) * width + right], value[left * width + right + 1])
            }
        }
        var rows: [Row] = []
        var left = 0
        var right = 0
        while left < expected.count || right < window.count {
            let place = window.lowerBound + right
            if left < expected.count, right < window.count, expected[left] == all[place] {
                rows.append(Row(kind: .same, number: place + 1, line: file.lines[place]))
                left += 1
                right += 1
            } else if left < expected.count,
                right == window.count || value[(left + 1) * width + right] >= value[left * width + right + 1]
            {
                rows.append(Row(kind: .expected, number: nil, line: pattern[left]))
                left += 1
            } else {
                rows.append(Row(kind: .found, number: place + 1, line: file.lines[place]))
                right += 1
            }
        }
        return rows
    }

    /// Without the file's lines before the first and after the last expected one.
    private func trimmed(_ rows: [Row]) -> [Row] {
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

extension Collection where Index == Int {
    /// The first place of a sorted collection from which on a condition holds.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
