/// Finds the names most like a given one.
enum NearestNames {
    /// At most `count` names that differ in few letters, share most parts between underscores, or contain the name.
    static func find(_ name: String, in names: some Sequence<String>, count: Int) -> [String] {
        let wanted = Array(name.uppercased().utf8)
        guard !wanted.isEmpty, wanted.count < 200 else { return [] }
        let parts = Set(wanted.split(separator: UInt8(ascii: "_")))
        var scored: [(score: Int, name: String)] = []
        for candidate in names {
            let bytes = Array(candidate.utf8)
            // Each part that only one of the two has counts as much as two letters.
            let others = Set(bytes.split(separator: UInt8(ascii: "_")))
            let partScore = 2 * parts.symmetricDifference(others).count
            let shared = !parts.isDisjoint(with: others)
            let letterLimit = max(2, wanted.count / 4)
            let letters = abs(bytes.count - wanted.count) <= letterLimit ? distance(wanted, bytes, letterLimit) : nil
            let score = min(letters.map { $0 * 2 - 1 } ?? .max, shared ? partScore : .max)
            if score <= 2 * max(2, parts.count) { scored.append((score, candidate)) }
        }
        scored.sort { ($0.score, $0.name) < ($1.score, $1.name) }
        return scored.prefix(count).map(\.name)
    }

    /// The number of letters to insert, delete, replace or swap; `nil` if more than `limit`.
    static func distance(_ one: [UInt8], _ two: [UInt8], _ limit: Int) -> Int? {
        var before: [Int] = []
        var last = Array(0...two.count)
        for i in 0..<one.count {
            var current = [i + 1] + [Int](repeating: 0, count: two.count)
            for j in 0..<two.count {
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
