/// What the change of a native file means for its twin: a file that began as a copy of it and has since gone its own way.
///
/// Each stretch of lines that the change replaces is looked for in the twin by the lines that both still have:
/// 1. It is inside a function that both have line by line: the change is done there. This is exact, as `lines`.
/// 2. The twin has the lines, but what is around them differs, or what changes is at the top level: `adjacent`.
/// 3. It has none of them, and nothing that is like them in their place: nothing is to be done, `absent`.
/// 4. It has lines there that differ in some words, and the change is in other words: `words`.
/// 5. It has the change already, or includes the native file, which has: `present`.
/// 6. Else both have changed the same lines, or the change would come to another function than upstream's, although the
///    twin has that function: a conflict, unless somebody has solved it before.
public struct TwinMerge: Sendable {
    public typealias Rule = ThreeWayMerge.Rule

    /// A stretch of lines that the change replaces.
    public struct Hunk: Sendable {
        /// Its first line in the old native file, from 1; the line before it where lines are only added.
        public let line: Int
        /// The lines taken away.
        public let removed: [ArraySlice<UInt8>]
        /// The lines put in their place.
        public let added: [ArraySlice<UInt8>]
        /// Why it could be carried over; `nil` for a conflict.
        public let rule: Rule?
        /// The function it is in, as diff -p finds it.
        public let section: [UInt8]
    }

    /// The stretches, in order.
    public let hunks: [Hunk]
    /// The twin with every change that could be carried over; what could not is as it was.
    public let text: [UInt8]
    /// The twin with what could not be carried over as conflicts: of the twin, the old and the new native file.
    public let merge: ThreeWayMerge

    /// Carries the change of a native file over to its twin.
    /// - Parameters:
    ///   - includesNative: Whether the twin includes the native file: then it includes what that does.
    ///   - resolver: Knows how somebody has put such lines together.
    public init(
        old: [UInt8], new: [UInt8], twin: [UInt8], includesNative: Bool = false,
        resolver: ThreeWayMerge.Resolver? = nil
    ) {
        var carrier = Carrier(
            old: TextLines(old).lines, new: TextLines(new).lines, twin: TextLines(twin).lines,
            includesNative: includesNative)
        carrier.run(resolver)
        hunks = carrier.hunks
        text = Array(carrier.text.joined())
        merge = ThreeWayMerge(parts: carrier.parts, rules: Set(carrier.hunks.compactMap(\.rule)))
    }

    /// One run.
    private struct Carrier {
        let old, new, twin: [ArraySlice<UInt8>]
        let includesNative: Bool
        /// For each line of the old native file the line of the twin that it is.
        let places: [Int?]
        /// For each line of the twin the line of the old native file that it is.
        let origins: [Int?]
        var hunks: [Hunk] = []
        /// Replacements of stretches of the twin, in order.
        var edits: [(range: Range<Int>, lines: [ArraySlice<UInt8>], conflict: ThreeWayMerge.Part?)] = []
        let changes: [(old: Range<Int>, new: Range<Int>)]

        init(
            old: [ArraySlice<UInt8>], new: [ArraySlice<UInt8>], twin: [ArraySlice<UInt8>], includesNative: Bool
        ) {
            (self.old, self.new, self.twin) = (old, new, twin)
            self.includesNative = includesNative
            var numbers = LineNumbers()
            let (first, second, third) = (numbers.of(old), numbers.of(new), numbers.of(twin))
            places = LineDiff.matches(first, third)
            var origins = [Int?](repeating: nil, count: twin.count)
            for (index, place) in places.enumerated() { if let place { origins[place] = index } }
            self.origins = origins
            changes = LineDiff.changes(LineDiff.matches(first, second), first.count, second.count)
        }

        mutating func run(_ resolver: ThreeWayMerge.Resolver?) {
            for change in changes { carry(change.old, change.new, resolver) }
        }

        private mutating func carry(
            _ range: Range<Int>, _ source: Range<Int>, _ resolver: ThreeWayMerge.Resolver?
        ) {
            let added = Array(new[source])
            var (rule, target, lines) = decide(range, source)
            // What begins before the last edit ends cannot be told apart from it.
            let begin = max(target.lowerBound, edits.last?.range.upperBound ?? 0)
            if begin > target.lowerBound, rule != .absent, rule != .present { rule = nil }
            if rule == .adjacent || rule == .words, isElsewhere(target, from: range, source) { rule = nil }
            let place = begin..<max(begin, target.upperBound)
            let mine = Array(twin[place])
            if rule == nil, let resolver {
                let conflict = MergeConflict(
                    base: Array(old[range].joined()), ours: Array(mine.joined()), theirs: Array(added.joined()))
                if let answer = resolver(conflict) { (rule, lines) = (answer.rule, TextLines(answer.text).lines) }
            }
            hunks.append(
                Hunk(
                    line: range.isEmpty ? range.lowerBound : range.lowerBound + 1, removed: Array(old[range]),
                    added: added, rule: rule, section: Array(UnifiedDiff.section(old[..<range.lowerBound]) ?? [])))
            if rule == nil {
                edits.append((place, mine, .conflict(base: Array(old[range]), ours: mine, theirs: added)))
            } else {
                edits.append((place, lines, nil))
            }
        }

        /// Where the twin has something for a stretch of the old native file, and what is to be there.
        private func decide(
            _ range: Range<Int>, _ source: Range<Int>
        ) -> (Rule?, Range<Int>, [ArraySlice<UInt8>]) {
            let added = Array(new[source])
            let gap = gap(around: range)
            let mine = Array(twin[gap])
            if range.isEmpty { return insertion(range.lowerBound, source, gap) }
            let found = range.compactMap { places[$0] }
            if found.count == range.count, let first = found.first, found.elementsEqual(first..<(first + found.count)) {
                return (isSame(range, source) ? .lines : .adjacent, first..<(first + found.count), added)
            }
            if mine == added { return (.present, gap.lowerBound..<gap.lowerBound, []) }
            if found.isEmpty {
                if mine.isEmpty || !hasKin(Array(old[range]), mine) {
                    return (.absent, gap.lowerBound..<gap.lowerBound, [])
                }
                if let lines = words(Array(old[range]), mine, added) { return (.words, gap, lines) }
                return (nil, gap, mine)
            }
            // Lines that only go away: those that are still there.
            if added.isEmpty {
                return (.adjacent, gap, gap.filter { origins[$0].map { !range.contains($0) } ?? true }.map { twin[$0] })
            }
            if let lines = words(Array(old[range]), mine, added) { return (.words, gap, lines) }
            return (nil, gap, mine)
        }

        private func insertion(
            _ at: Int, _ source: Range<Int>, _ gap: Range<Int>
        ) -> (Rule?, Range<Int>, [ArraySlice<UInt8>]) {
            let added = Array(new[source])
            let before = at > 0 ? places[at - 1] : -1
            let after = at < old.count ? places[at] : twin.count
            if includesNative, added.allSatisfy({ $0.starts(with: "#include".utf8) }) {
                return (.present, gap.lowerBound..<gap.lowerBound, [])
            }
            if let before, let after, after == before + 1 {
                return (isSame(at..<at, source) ? .lines : .adjacent, after..<after, added)
            }
            if twin[gap].count >= added.count, contains(twin[gap], added) {
                return (.present, gap.lowerBound..<gap.lowerBound, [])
            }
            if let before { return (.adjacent, (before + 1)..<(before + 1), added) }
            if let after { return (.adjacent, after..<after, added) }
            return (.absent, gap.lowerBound..<gap.lowerBound, [])
        }

        /// Whether a change that upstream makes in a function which the twin has too would come to another place.
        private func isElsewhere(_ target: Range<Int>, from range: Range<Int>, _ source: Range<Int>) -> Bool {
            guard let native = FunctionHeading.around(source.lowerBound, in: new), native.contains(UInt8(ascii: "(")),
                FunctionHeading.around(range.lowerBound, in: old) == native, twin.contains(native)
            else { return false }
            return FunctionHeading.around(target.lowerBound, in: twin) != native
        }

        private func contains(_ lines: ArraySlice<ArraySlice<UInt8>>, _ part: [ArraySlice<UInt8>]) -> Bool {
            guard lines.count >= part.count else { return false }
            return (lines.startIndex...(lines.endIndex - part.count)).contains {
                lines[$0..<($0 + part.count)].elementsEqual(part)
            }
        }

        /// The lines of the twin between the last line before and the first line after a stretch that both have.
        private func gap(around range: Range<Int>) -> Range<Int> {
            let before = old[..<range.lowerBound].indices.last { places[$0] != nil }.flatMap { places[$0] }
            let after = old[range.upperBound...].indices.first { places[$0] != nil }.flatMap { places[$0] }
            let start = before.map { $0 + 1 } ?? 0
            return start..<max(start, after ?? twin.count)
        }

        /// Whether a stretch is inside a function that both files have line by line, and that the new native file still has.
        private func isSame(_ range: Range<Int>, _ source: Range<Int>) -> Bool {
            // What stands at the top level, such as a new function or a table, is a decision.
            guard let start = old[..<range.lowerBound].indices.last(where: { UnifiedDiff.isSection(old[$0]) }),
                let other = new[..<source.lowerBound].indices.last(where: { UnifiedDiff.isSection(new[$0]) }),
                old[start] == new[other], old[start].contains(UInt8(ascii: "(")),
                !old[start].contains(UInt8(ascii: "=")), !old[start].contains(UInt8(ascii: ";")),
                !old[start..<range.upperBound].contains(where: { $0.first == UInt8(ascii: "}") }),
                !new[other..<source.upperBound].contains(where: { $0.first == UInt8(ascii: "}") }),
                !new[source].contains(where: UnifiedDiff.isSection)
            else { return false }
            let rest = old[range.upperBound...]
            let end = rest.indices.first { rest[$0].first == UInt8(ascii: "}") || UnifiedDiff.isSection(rest[$0]) }
            // A twin may have the function twice, one for Xen and one for the rest.
            guard let first = places[start], !twin[(first + 1)...].contains(old[start]),
                !twin[..<first].contains(old[start])
            else { return false }
            return (start..<(end ?? old.count)).allSatisfy { places[$0] == first + $0 - start }
        }

        /// Whether some lines have most words in common with some others.
        private func hasKin(_ some: [ArraySlice<UInt8>], _ others: [ArraySlice<UInt8>]) -> Bool {
            some.contains { one in
                let words = Set(MergeRegion.parts(one).filter { $0.count > 2 })
                return words.count > 1
                    && others.contains {
                        2 * words.intersection(MergeRegion.parts($0)).count >= words.count
                    }
            }
        }

        private func words(
            _ base: [ArraySlice<UInt8>], _ mine: [ArraySlice<UInt8>], _ other: [ArraySlice<UInt8>]
        ) -> [ArraySlice<UInt8>]? {
            MergeRegion(base: base.indices, ours: mine.indices, theirs: other.indices).words(base, mine, other)
        }

        /// The twin with what was carried over.
        var text: [ArraySlice<UInt8>] {
            var lines: [ArraySlice<UInt8>] = []
            var at = 0
            for edit in edits {
                lines += twin[at..<edit.range.lowerBound] + edit.lines
                at = edit.range.upperBound
            }
            return lines + twin[at...]
        }

        /// The same with the conflicts by themselves.
        var parts: [ThreeWayMerge.Part] {
            var parts: [ThreeWayMerge.Part] = []
            var run: [ArraySlice<UInt8>] = []
            var at = 0
            for edit in edits {
                run += twin[at..<edit.range.lowerBound]
                at = edit.range.upperBound
                guard let conflict = edit.conflict else {
                    run += edit.lines
                    continue
                }
                if !run.isEmpty { parts.append(.text(run)) }
                run = []
                parts.append(conflict)
            }
            run += twin[at...]
            if !run.isEmpty { parts.append(.text(run)) }
            return parts
        }
    }
}
