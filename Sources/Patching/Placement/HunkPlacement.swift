/// Finds the place of a hunk in a file, as GNU patch 2.7.6 does.
///
/// 1. The first guess is the line the hunk names, moved by the offset of the hunks before it.
/// 2. A hunk with less leading than trailing context that starts at line 1 belongs to the start of the file; one
///    with less trailing than leading context belongs to the end. Fuzz makes up for the difference first.
/// 3. Otherwise the guess is tried, then one line after and before it, two lines, and so on. Nothing before the
///    last line that an earlier hunk has touched comes into question.
/// 4. All of this first without fuzz, then with one line less of context at the longer end, and so on.
struct HunkPlacement {
    /// Lines an earlier hunk has consumed, from the top (0 before the first hunk).
    var frozen = 0
    /// How far the hunks so far lay from where they said.
    var offset = 0

    /// A place, and how it was found.
    struct Place {
        /// The first line of the pattern in the file, from 1; with fuzz, as if the ignored context were there.
        var line: Int
        /// How many lines of context were ignored.
        var fuzz: Int
    }

    /// What a hunk asks of its place.
    struct Request {
        /// The first line of the pattern as the hunk says; after it where the old side is empty.
        let first: Int
        let prefixContext: Int
        let suffixContext: Int

        init(_ hunk: Hunk, reverse: Bool) {
            let start = reverse ? hunk.newStart : hunk.oldStart
            let count = reverse ? hunk.newCount : hunk.oldCount
            first = count == 0 ? start + 1 : start
            prefixContext = hunk.prefixContext
            suffixContext = hunk.suffixContext
        }

        /// The longer of the two contexts: no more fuzz than this makes sense.
        var context: Int { max(prefixContext, suffixContext) }

        /// Whether something of the context on each side is still compared with this fuzz. Without it nothing shows that
        /// the hunk belongs where it fits: it can end up between an `if` and its statement.
        func keepsContext(withFuzz fuzz: Int) -> Bool {
            func isKept(_ side: Int) -> Bool { side == 0 || side - max(0, fuzz + side - context) > 0 }
            return isKept(prefixContext) && isKept(suffixContext)
        }
    }

    /// The place of a hunk with at most this much fuzz; moves ``offset`` along.
    mutating func place(_ request: Request, pattern: [Line], in file: LineSearch, fuzz most: Int) -> Place? {
        for fuzz in 0...max(0, min(most, request.context)) {
            if let line = locate(request, pattern, file, fuzz) { return Place(line: line, fuzz: fuzz) }
        }
        return nil
    }

    private mutating func locate(
        _ request: Request, _ pattern: [Line], _ search: LineSearch, _ fuzz: Int
    ) -> Int? {
        let file = search.lines
        let guess = request.first + offset
        if pattern.isEmpty { return guess }
        var prefixFuzz = fuzz + request.prefixContext - request.context
        let suffixFuzz = fuzz + request.suffixContext - request.context
        let highest = file.count - (pattern.count - suffixFuzz) + 1
        let lowest = frozen + 1
        let mostForward = highest - guess
        let mostBackward = min(guess - lowest, guess - 1)

        if prefixFuzz < 0 && request.first <= 1 {
            // Only the start of the file will do, and with too little trailing context only the whole file.
            if suffixFuzz < 0 && (pattern.count != file.count || request.prefixContext < frozen) { return nil }
            guard frozen <= request.prefixContext, 1 - guess <= mostForward,
                matches(pattern, file, at: 1, prefixFuzz: 0, suffixFuzz: max(suffixFuzz, 0))
            else { return nil }
            return found(1, guess)
        }
        prefixFuzz = max(prefixFuzz, 0)
        if suffixFuzz < 0 {
            // Only the end of the file will do.
            let line = file.count - pattern.count + 1
            guard guess - line <= mostBackward, matches(pattern, file, at: line, prefixFuzz: prefixFuzz, suffixFuzz: 0)
            else { return nil }
            return found(line, guess)
        }
        // A guess outside of the range is brought back to it first. For one before the frozen lines GNU patch
        // counts from a negative distance, and so tries lines that are out of the question for it.
        let first = mostForward < 0 ? guess - highest : guess < lowest ? guess - lowest : 0
        let distances = Distances(guess: guess, first: first, mostForward: mostForward, mostBackward: mostBackward)
        return search.nearest(pattern, distances, prefixFuzz: prefixFuzz, suffixFuzz: suffixFuzz).map {
            found($0, guess)
        }
    }

    /// Which lines come into question, and in which order: both those at a distance after and before the guess, then those
    /// at the next.
    struct Distances {
        let guess: Int
        /// The first distance; it may be negative.
        let first: Int
        let mostForward: Int
        let mostBackward: Int

        /// The last distance.
        var last: Int { max(mostForward, mostBackward) }

        /// When a line's turn is: the lower the earlier; `nil` where it does not come into question.
        func turn(of line: Int) -> Int? {
            let forward = line - guess
            let backward = guess - line
            let turns = [
                forward >= first && forward <= mostForward ? forward * 2 : nil,
                backward >= first && backward <= mostBackward ? backward * 2 + 1 : nil,
            ]
            return turns.compactMap { $0 }.min()
        }
    }

    private mutating func found(_ line: Int, _ guess: Int) -> Int {
        offset += line - guess
        return line
    }

    /// Every line where the pattern fits with this fuzz, frozen lines apart, except one.
    func otherPlaces(
        _ request: Request, pattern: [Line], in file: LineSearch, fuzz: Int, except: Int, limit: Int = 8
    ) -> [Int] {
        let prefixFuzz = max(fuzz + request.prefixContext - request.context, 0)
        let suffixFuzz = max(fuzz + request.suffixContext - request.context, 0)
        let highest = file.lines.count - (pattern.count - suffixFuzz) + 1
        guard !pattern.isEmpty, prefixFuzz + suffixFuzz < pattern.count, highest > frozen else { return [] }
        return file.all(
            pattern, from: frozen + 1, to: highest, except: except, limit: limit, prefixFuzz: prefixFuzz,
            suffixFuzz: suffixFuzz)
    }

    /// Whether the pattern, less the fuzz at both ends, is what the file has at a line (from 1).
    @inline(__always) private func matches(
        _ pattern: [Line], _ file: [Line], at line: Int, prefixFuzz: Int, suffixFuzz: Int
    ) -> Bool {
        LineSearch.matches(pattern, file, at: line, prefixFuzz: prefixFuzz, suffixFuzz: suffixFuzz)
    }
}
