/// Names that were probably meant.
enum NearNames {
    /// Up to five names near to one, nearest first: few edits away, or with the same stem up to its last number.
    static func of(_ name: String, among all: [String]) -> [String] {
        let stem = String(name.reversed().drop { !$0.isLetter }.reversed())
        let scored = all.compactMap { other -> (Int, String)? in
            if abs(other.utf8.count - name.utf8.count) <= 2 {
                let distance = edits(Array(name.utf8), Array(other.utf8))
                if distance <= 2 { return (distance, other) }
            }
            return stem.utf8.count >= 4 && other.hasPrefix(stem)
                ? (3 + abs(other.utf8.count - name.utf8.count), other) : nil
        }
        return scored.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(5).map(\.1)
    }

    /// The Levenshtein distance.
    private static func edits(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(min(above, row[j]) + 1, diagonal + (left == right ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
