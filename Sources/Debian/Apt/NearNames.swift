import Diagnostics

/// Names that were probably meant.
enum NearNames {
    /// Up to five names near to one, nearest first: few edits away, or with the same stem up to its last number.
    static func of(_ name: String, among all: [String]) -> [String] {
        let stem = String(name.reversed().drop { !$0.isLetter }.reversed())
        let scored = all.compactMap { other -> (Int, String)? in
            if let distance = EditDistance.between(Array(name.utf8), Array(other.utf8), limit: 2) {
                return (distance, other)
            }
            return stem.utf8.count >= 4 && other.hasPrefix(stem)
                ? (3 + abs(other.utf8.count - name.utf8.count), other) : nil
        }
        return scored.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(5).map(\.1)
    }
}
