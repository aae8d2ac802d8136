/// How much two names differ: the measure behind "did you mean".
public enum EditDistance {
    /// The number of bytes to insert, delete, replace or swap with a neighbour (optimal string alignment).
    /// - Returns: `nil` if that is more than `limit`.
    public static func between(_ one: [UInt8], _ two: [UInt8], limit: Int) -> Int? {
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
