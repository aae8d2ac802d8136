/// How alike two texts are.
public enum Similarity {
    /// The share of the lines of the longer text that both have, counted with repetitions: 0 to 1.
    public static func ofLines(_ one: [UInt8], _ two: [UInt8]) -> Double {
        let (first, second) = (TextLines(one).lines, TextLines(two).lines)
        guard max(first.count, second.count) > 0 else { return 1 }
        var counts: [TextKey: Int] = [:]
        for line in first { counts[TextKey(line), default: 0] += 1 }
        var common = 0
        for line in second {
            let key = TextKey(line)
            guard let left = counts[key], left > 0 else { continue }
            counts[key] = left - 1
            common += 1
        }
        return Double(common) / Double(max(first.count, second.count))
    }
}
