/// Names that a mistyped one may have meant: the source of every "did you mean".
public enum Suggestions {
    /// What makes two names alike.
    public enum Likeness: Sendable {
        /// Few letters to change, in either case: the names of options, keys, values and profiles. Only the nearest ones
        /// are given.
        case letters
        /// Few letters to change, or the same name up to its last number: packages such as `linux-source-6.1`.
        case versions
        /// Few letters to change, or most parts between underscores in common: Kconfig's symbols.
        case parts
    }

    /// The names most like a given one, nearest first.
    /// - Parameters:
    ///   - name: The name that is not among them.
    ///   - known: The names that exist.
    ///   - likeness: What counts as alike.
    ///   - count: The most names returned.
    /// - Returns: Nothing where no name is like it, or where it is longer than 200 bytes.
    public static func near(
        _ name: String, among known: some Sequence<String>, by likeness: Likeness = .letters, count: Int = 3
    ) -> [String] {
        guard !name.isEmpty, name.utf8.count <= 200 else { return [] }
        let measure = measure(likeness, name)
        var scored = known.compactMap { other in measure(other).map { (score: $0, name: other) } }
        scored.sort { ($0.score, $0.name) < ($1.score, $1.name) }
        if likeness == .letters, let best = scored.first?.score { scored.removeAll { $0.score > best } }
        return scored.prefix(count).map(\.name)
    }

    /// `did you mean 'pv' or 'pvh'?`; `nil` where there is nothing to suggest.
    public static func question(_ names: [String]) -> String? {
        names.isEmpty ? nil : "did you mean \(names.map { "'\($0)'" }.joined(separator: " or "))?"
    }

    /// How far another name is from this one; `nil` for one that is not like it.
    private static func measure(_ likeness: Likeness, _ name: String) -> (String) -> Int? {
        switch likeness {
        case .letters:
            let wanted = Array(name.lowercased().utf8)
            let limit = max(2, wanted.count / 2)
            return { other in
                let bytes = Array(other.lowercased().utf8)
                // A name of which no letter is left is another name.
                return distance(wanted, bytes, limit: min(limit, max(wanted.count, bytes.count) - 1))
            }
        case .versions:
            let wanted = Array(name.utf8)
            let stem = String(name.reversed().drop { !$0.isLetter }.reversed())
            return { other in
                if let distance = distance(wanted, Array(other.utf8), limit: 2) { return distance }
                return stem.utf8.count >= 4 && other.hasPrefix(stem) ? 3 + abs(other.utf8.count - wanted.count) : nil
            }
        case .parts:
            let wanted = Array(name.uppercased().utf8)
            let parts = Set(wanted.split(separator: UInt8(ascii: "_")))
            let limit = max(2, wanted.count / 4)
            return { other in
                let bytes = Array(other.utf8)
                // Each part that only one of the two has counts as much as two letters.
                let others = Set(bytes.split(separator: UInt8(ascii: "_")))
                let partScore = parts.isDisjoint(with: others) ? Int.max : 2 * parts.symmetricDifference(others).count
                let score = min(distance(wanted, bytes, limit: limit).map { $0 * 2 - 1 } ?? .max, partScore)
                return score <= 2 * max(2, parts.count) ? score : nil
            }
        }
    }

    /// The number of bytes to insert, delete, replace or swap with a neighbour (optimal string alignment).
    /// - Returns: `nil` if that is more than `limit`.
    public static func distance(_ one: [UInt8], _ two: [UInt8], limit: Int) -> Int? {
        guard abs(one.count - two.count) <= limit else { return nil }
        var before: [Int] = []
        var last = Array(0...two.count)
        for i in one.indices {
            var current = [i + 1] + [Int](repeating: 0, count: two.count)
            for j in two.indices {
                current[j + 1] = min(last[j] + (one[i] == two[j] ? 0 : 1), last[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, one[i] == two[j - 1], one[i - 1] == two[j] {
                    current[j + 1] = min(current[j + 1], before[j - 1] + 1)
                }
            }
            if current.min() ?? 0 > limit { return nil }
            before = last
            last = current
        }
        guard let result = last.last, result <= limit else { return nil }
        return result
    }
}
