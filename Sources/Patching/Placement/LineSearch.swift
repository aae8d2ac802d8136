/// The lines of a file that hunks are looked for in: one line after another while that is cheap, through an index from then
/// on, so that many hunks without a place cost no more than a few passes over the file.
final class LineSearch {
    /// The file's lines.
    let lines: [Line]
    /// How many lines were compared so far.
    private(set) var effort = 0
    private var known: LineIndex?

    /// Looks in a file.
    init(_ lines: [Line]) { self.lines = lines }

    /// Where the lines are.
    var index: LineIndex {
        if let known { return known }
        let made = LineIndex(lines)
        effort += lines.count
        known = made
        return made
    }

    /// Whether the index is the cheaper way to look at so many more lines.
    func prefersIndex(for count: Int) -> Bool {
        guard count > 64, lines.count < Int32.max else { return false }
        // An index costs about as much as this many passes.
        return known != nil || effort + count > 8 * lines.count + 4096
    }

    /// Notes that lines were compared.
    func count(_ compared: Int) { effort += compared }

    /// Every line, from 1, where the file has a part of a hunk's lines.
    func places(of run: ArraySlice<Line>) -> [Int] {
        let index = index
        var kinds: [LineIndex.Kind] = []
        kinds.reserveCapacity(run.count)
        effort += run.count
        for line in run {
            let kind = index.kind(of: line)
            if kind == LineIndex.absent { return [] }
            kinds.append(kind)
        }
        var compared = 0
        let places = index.occurrences(of: kinds[...], effort: &compared)
        effort += compared
        return places.map { $0 + 1 }
    }

    /// The line, from 1, where a pattern less the fuzz at both ends fits and whose turn comes first.
    func nearest(
        _ pattern: [Line], _ distances: HunkPlacement.Distances, prefixFuzz: Int, suffixFuzz: Int
    ) -> Int? {
        let (guess, last) = (distances.guess, distances.last)
        let isAnywhere = prefixFuzz + suffixFuzz >= pattern.count
        var distance = distances.first
        while distance <= last {
            if !isAnywhere, distance > distances.first, prefersIndex(for: 2 * (last - distance)) {
                let places = places(of: pattern[prefixFuzz..<pattern.count - suffixFuzz])
                return places.compactMap { place in
                    distances.turn(of: place - prefixFuzz).map { (turn: $0, line: place - prefixFuzz) }
                }.min { $0.turn < $1.turn }?.line
            }
            // Most hunks are where they say, or close by.
            let stop = min(last, distance + 63)
            let start = distance
            defer { effort += 2 * (distance - start) }
            while distance <= stop {
                if distance <= distances.mostForward,
                    Self.matches(pattern, lines, at: guess + distance, prefixFuzz: prefixFuzz, suffixFuzz: suffixFuzz)
                {
                    return guess + distance
                }
                if distance <= distances.mostBackward,
                    Self.matches(pattern, lines, at: guess - distance, prefixFuzz: prefixFuzz, suffixFuzz: suffixFuzz)
                {
                    return guess - distance
                }
                distance += 1
            }
        }
        return nil
    }

    /// Every line from one to another where a pattern less the fuzz fits, up to a limit, except one.
    func all(
        _ pattern: [Line], from first: Int, to last: Int, except: Int, limit: Int, prefixFuzz: Int, suffixFuzz: Int
    ) -> [Int] {
        if prefersIndex(for: last - first) {
            let places = places(of: pattern[prefixFuzz..<pattern.count - suffixFuzz]).lazy.map { $0 - prefixFuzz }
            return Array(places.filter { $0 >= first && $0 <= last && $0 != except }.prefix(limit))
        }
        var found: [Int] = []
        effort += last - first
        for line in first...last
        where line != except
            && Self.matches(pattern, lines, at: line, prefixFuzz: prefixFuzz, suffixFuzz: suffixFuzz)
        {
            found.append(line)
            if found.count == limit { break }
        }
        return found
    }

    /// Whether a pattern, less the fuzz at both ends, is what a file has at a line (from 1).
    @inline(__always) static func matches(
        _ pattern: [Line], _ file: [Line], at line: Int, prefixFuzz: Int, suffixFuzz: Int
    ) -> Bool {
        var index = prefixFuzz
        let end = pattern.count - suffixFuzz
        guard index < end else { return true }
        let base = line - 1
        guard base + index >= 0, base + end <= file.count else { return false }
        while index < end {
            if file[base + index] != pattern[index] { return false }
            index += 1
        }
        return true
    }
}
