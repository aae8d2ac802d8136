/// Which lines of two texts are the same lines.
///
/// 1. What both begin and end with is the same.
/// 2. In between, lines that each text has exactly once, and that both have in the same order, part the texts (patience).
/// 3. Where there are none, the shortest edit decides (Myers), up to a bound; beyond it nothing is taken for the same.
/// 4. Lines added or removed that could as well be some further down stand as far down as they can, as git has them: what
///    two changes add in one place then is in one place.
enum LineDiff {
    /// The most insertions and deletions that are looked for between two lines that are surely the same.
    private static let mostEdits = 1000
    /// How often all lines are looked at for such that are there once; texts that need more are parted by rule 3.
    private static let mostLooks = 64

    /// For each line of the old text the line of the new one that it is; `nil` for one that is gone. In ascending order.
    static func matches(_ old: [Int], _ new: [Int]) -> [Int?] {
        var result = [Int?](repeating: nil, count: old.count)
        var looks = mostLooks * (old.count + new.count)
        // Ranges that are still to be compared.
        var pending = [(old: old.indices, new: new.indices)]
        while let (oldRange, newRange) = pending.popLast() {
            var (a, b) = (oldRange, newRange)
            while let first = a.first, let other = b.first, old[first] == new[other] {
                result[first] = other
                (a, b) = (a.dropFirst(), b.dropFirst())
            }
            while let last = a.last, let other = b.last, old[last] == new[other] {
                result[last] = other
                (a, b) = (a.dropLast(), b.dropLast())
            }
            if a.isEmpty || b.isEmpty { continue }
            looks -= a.count + b.count
            let anchors = looks > 0 ? anchors(old, a, new, b) : []
            if anchors.isEmpty {
                for (one, two) in shortest(old, a, new, b) { result[one] = two }
                continue
            }
            var (i, j) = (a.lowerBound, b.lowerBound)
            for (one, two) in anchors {
                result[one] = two
                pending.append((i..<one, j..<two))
                (i, j) = (one + 1, two + 1)
            }
            pending.append((i..<a.upperBound, j..<b.upperBound))
        }
        slide(&result, old, new)
        return result
    }

    /// Moves lines that are only added, or only removed, down past lines that are the same as their first ones.
    private static func slide(_ matches: inout [Int?], _ old: [Int], _ new: [Int]) {
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if i < old.count, matches[i] == j {
                (i, j) = (i + 1, j + 1)
                continue
            }
            // The lines from here that are gone, and those that are there instead.
            let start = (old: i, new: j)
            while i < old.count, matches[i] == nil { i += 1 }
            j = i < old.count ? matches[i] ?? new.count : new.count
            if i == start.old {
                var first = start.new
                while i < old.count, matches[i] == j, new[first] == new[j] {
                    matches[i] = first
                    (i, j, first) = (i + 1, j + 1, first + 1)
                }
            } else if j == start.new {
                var first = start.old
                while i < old.count, matches[i] == j, old[first] == old[i] {
                    (matches[first], matches[i]) = (j, nil)
                    (i, j, first) = (i + 1, j + 1, first + 1)
                }
            }
        }
    }

    /// The stretches that differ: the lines removed, and those that take their place.
    static func changes(_ matches: [Int?], _ old: Int, _ new: Int) -> [(old: Range<Int>, new: Range<Int>)] {
        var changes: [(old: Range<Int>, new: Range<Int>)] = []
        var (i, j) = (0, 0)
        for (index, match) in matches.enumerated() {
            guard let place = match else { continue }
            if index > i || place > j { changes.append((i..<index, j..<place)) }
            (i, j) = (index + 1, place + 1)
        }
        if i < old || j < new { changes.append((i..<old, j..<new)) }
        return changes
    }

    /// Lines that are there once on either side, in the longest order that both have.
    private static func anchors(_ old: [Int], _ a: Range<Int>, _ new: [Int], _ b: Range<Int>) -> [(Int, Int)] {
        func once(_ lines: [Int], _ range: Range<Int>) -> [Int: Int] {
            var places: [Int: Int] = [:]
            for index in range { places[lines[index]] = places[lines[index]] == nil ? index : -1 }
            return places.filter { $0.value >= 0 }
        }
        let (left, right) = (once(old, a), once(new, b))
        let pairs = left.compactMap { line, place in right[line].map { (place, $0) } }.sorted { $0.0 < $1.0 }
        // The longest ascending sequence of the second places.
        var piles: [Int] = []
        var before = [Int](repeating: -1, count: pairs.count)
        for (index, pair) in pairs.enumerated() {
            var (low, high) = (0, piles.count)
            while low < high {
                let middle = (low + high) / 2
                if pairs[piles[middle]].1 < pair.1 { low = middle + 1 } else { high = middle }
            }
            if low > 0 { before[index] = piles[low - 1] }
            if low == piles.count { piles.append(index) } else { piles[low] = index }
        }
        var found: [(Int, Int)] = []
        var index = piles.last ?? -1
        while index >= 0 {
            found.append(pairs[index])
            index = before[index]
        }
        return found.reversed()
    }

    /// The lines that stay in the shortest edit.
    private static func shortest(_ old: [Int], _ a: Range<Int>, _ new: [Int], _ b: Range<Int>) -> [(Int, Int)] {
        let (n, m) = (a.count, b.count)
        let most = min(n + m, mostEdits)
        var reach = [Int](repeating: 0, count: 2 * most + 3)
        let middle = most + 1
        var trace: [[Int]] = []
        for edits in 0...most {
            trace.append(Array(reach[(middle - edits - 1)...(middle + edits + 1)]))
            for diagonal in stride(from: -edits, through: edits, by: 2) {
                let down =
                    diagonal == -edits
                    || diagonal != edits && reach[middle + diagonal - 1] < reach[middle + diagonal + 1]
                var x = down ? reach[middle + diagonal + 1] : reach[middle + diagonal - 1] + 1
                while x < n, x - diagonal < m, old[a.lowerBound + x] == new[b.lowerBound + x - diagonal] { x += 1 }
                reach[middle + diagonal] = x
                if x >= n, x - diagonal >= m { return path(trace, edits, n, m, a.lowerBound, b.lowerBound) }
            }
        }
        return []
    }

    /// Walks back from the end of both texts.
    private static func path(
        _ trace: [[Int]], _ edits: Int, _ n: Int, _ m: Int, _ a: Int, _ b: Int
    ) -> [(Int, Int)] {
        var found: [(Int, Int)] = []
        var (x, y) = (n, m)
        for step in stride(from: edits, through: 0, by: -1) {
            // What was reached with one edit less; the middle of the slice is the diagonal 0.
            let reach = trace[step]
            let middle = step + 1
            let diagonal = x - y
            let down =
                diagonal == -step || diagonal != step && reach[middle + diagonal - 1] < reach[middle + diagonal + 1]
            let previous = down ? diagonal + 1 : diagonal - 1
            let startX = step == 0 ? 0 : reach[middle + previous]
            let startY = step == 0 ? 0 : startX - previous
            let afterX = step == 0 ? 0 : down ? startX : startX + 1
            while x > afterX, y > (step == 0 ? 0 : down ? startY + 1 : startY) {
                (x, y) = (x - 1, y - 1)
                found.append((a + x, b + y))
            }
            (x, y) = (startX, startY)
        }
        return found.reversed()
    }
}
