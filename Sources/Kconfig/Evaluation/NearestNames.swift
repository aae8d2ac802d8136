import Diagnostics

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
            let letters =
                abs(bytes.count - wanted.count) <= letterLimit
                ? EditDistance.between(wanted, bytes, limit: letterLimit) : nil
            let score = min(letters.map { $0 * 2 - 1 } ?? .max, shared ? partScore : .max)
            if score <= 2 * max(2, parts.count) { scored.append((score, candidate)) }
        }
        scored.sort { ($0.score, $0.name) < ($1.score, $1.name) }
        return scored.prefix(count).map(\.name)
    }
}
