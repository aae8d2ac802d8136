/// A stretch between lines that all three texts have, which both sides change.
struct MergeRegion {
    let base: Range<Int>
    let ours: Range<Int>
    let theirs: Range<Int>

    /// Puts the changes together by the rules that are likely, not certain.
    /// - Parameters:
    ///   - left: For each line of the base the line of ours that it is; the same for theirs in `right`.
    ///   - counts: How often the base and ours have each line, everywhere; only asked for where it is needed.
    /// - Returns: `nil` where none of the rules allowed does.
    func resolved(
        _ text: [ArraySlice<UInt8>], _ one: [ArraySlice<UInt8>], _ two: [ArraySlice<UInt8>], _ left: [Int?],
        _ right: [Int?], _ allowed: Set<ThreeWayMerge.Rule>, counts: () -> (base: LineCounts, ours: LineCounts)
    ) -> (lines: [ArraySlice<UInt8>], rule: ThreeWayMerge.Rule)? {
        if let (lines, rule) = side(by: text, one, two, left, right), allowed.contains(rule),
            keepsBranches(lines, text, one, two)
        {
            return (lines, rule)
        }
        if allowed.contains(.words), let lines = words(text, one, two) ?? brokenWords(text, one, two) {
            return (lines, .words)
        }
        guard allowed.contains(.removedBlock), let lines = block(text, two, right, counts) else { return nil }
        return (lines, .removedBlock)
    }

    /// Whether an `else` still follows the line that it followed on one of the sides.
    private func keepsBranches(
        _ lines: [ArraySlice<UInt8>], _ text: [ArraySlice<UInt8>], _ one: [ArraySlice<UInt8>],
        _ two: [ArraySlice<UInt8>]
    ) -> Bool {
        func isElse(_ line: ArraySlice<UInt8>) -> Bool {
            Words.bare(line).drop { $0 == UInt8(ascii: "}") || $0 == 32 }.starts(with: "else".utf8)
        }
        /// Each `else` with the line before it.
        func branches(_ side: ArraySlice<ArraySlice<UInt8>>) -> [[TextKey?]] {
            side.indices.filter { isElse(side[$0]) }.map { index in
                [index == side.startIndex ? nil : TextKey(side[index - 1]), TextKey(side[index])]
            }
        }
        let known = Set([text[base], one[ours], two[theirs]].flatMap(branches))
        return known.isSuperset(of: branches(lines[...]))
    }

    /// What is left of a block that ours takes away: what the other side has put before and behind it.
    ///
    /// The block has to be recognised in the other text: it begins and ends there as it did, and most of its lines are still
    /// there. What the other side has amid them takes the place of lines of the block and begins as one of them does, or is
    /// inside a function or an entry that goes as a whole. What is added elsewhere, a brace or a line for the
    /// preprocessor is something of its own.
    private func block(
        _ text: [ArraySlice<UInt8>], _ two: [ArraySlice<UInt8>], _ right: [Int?],
        _ counts: () -> (base: LineCounts, ours: LineCounts)
    ) -> [ArraySlice<UInt8>]? {
        guard ours.isEmpty, base.count >= 3, base.count <= Self.mostLines else { return nil }
        let told = base.filter { Self.words(of: text[$0]).first != nil }
        let kept = told.compactMap { line in right[line].flatMap { theirs.contains($0) ? $0 : nil } }
        guard let first = told.first, let last = told.last, let start = right[first], let end = right[last],
            theirs.contains(start), theirs.contains(end), 4 * kept.count >= 3 * told.count
        else { return nil }
        // What ours has elsewhere was moved.
        let (before, elsewhere) = counts()
        let moved = told.count { elsewhere[text[$0]] >= before[text[$0]] }
        guard 3 * moved < told.count else { return nil }
        // What is blank or a sign at the ends is part of it where it is still there.
        let lead = base.lowerBound..<first
        guard lead.allSatisfy({ right[$0].map { $0 < start && theirs.contains($0) } ?? false }) else { return nil }
        let top = lead.lowerBound == first ? start : right[lead.lowerBound] ?? start
        let tail = (last + 1)..<base.upperBound
        guard tail.allSatisfy({ right[$0].map { $0 > end && theirs.contains($0) } ?? false }) else { return nil }
        let bottom = tail.isEmpty ? end : right[tail.upperBound - 1] ?? end
        // The lines of each gap: those that are gone, and those that have taken their place.
        var gone: [ArraySlice<UInt8>] = []
        var at = top
        for line in base {
            guard let place = right[line], theirs.contains(place) else {
                gone.append(text[line])
                continue
            }
            let amid = Array(two[at..<max(at, place)])
            guard Self.isReplaced(gone, by: amid) || line > first && isInside(first...line, amid, text) else {
                return nil
            }
            gone = []
            at = place + 1
        }
        guard gone.isEmpty else { return nil }
        return Array(two[theirs.lowerBound..<top] + two[(bottom + 1)..<theirs.upperBound])
    }

    /// Whether some lines are inside a function, a table or an entry of Kconfig that begins and ends in the block.
    /// - Parameter lines: The block's lines up to the one before which they are.
    private func isInside(
        _ lines: ClosedRange<Int>, _ amid: [ArraySlice<UInt8>], _ text: [ArraySlice<UInt8>]
    ) -> Bool {
        func ends(_ line: Int) -> Bool { text[line].first == UInt8(ascii: "}") || UnifiedDiff.isSection(text[line]) }
        let signs = [UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "#")]
        guard let start = lines.dropLast().last(where: ends), UnifiedDiff.isSection(text[start]),
            !amid.contains(where: { line in UnifiedDiff.isSection(line) || line.contains(where: signs.contains) })
        else { return false }
        let behind = base.upperBound
        return (lines.upperBound..<behind).contains(where: ends) || behind == text.count
            || UnifiedDiff.isSection(text[behind]) || !text[behind].contains(where: Words.isPart)
    }

    /// Whether some lines do no more than take the place of others.
    private static func isReplaced(_ old: [ArraySlice<UInt8>], by new: [ArraySlice<UInt8>]) -> Bool {
        guard new.count <= old.count else { return false }
        let starts = Set(old.compactMap { words(of: $0).first.map(TextKey.init) })
        return new.allSatisfy { line in
            let bare = Words.bare(line)
            let signs: [UInt8] = [UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "#")]
            guard let word = words(of: line).first, starts.contains(TextKey(word)), bare.last != UInt8(ascii: ":")
            else {
                return false
            }
            return !bare.contains(where: signs.contains)
        }
    }

    /// What one side adds before each line of the base, and which of those lines it keeps.
    private func edits(_ lines: [ArraySlice<UInt8>], _ range: Range<Int>, _ matches: [Int?]) -> (
        added: [[ArraySlice<UInt8>]], keeps: [Bool]
    ) {
        var added = [[ArraySlice<UInt8>]](repeating: [], count: base.count + 1)
        var keeps = [Bool](repeating: false, count: base.count)
        var at = range.lowerBound
        // The first line of the run of removed lines that is being looked at: what takes its place is put there.
        var gap = 0
        for (index, line) in base.enumerated() {
            guard let place = matches[line], range.contains(place) else { continue }
            added[gap] += lines[at..<place]
            keeps[index] = true
            at = place + 1
            gap = index + 1
        }
        added[gap] += lines[at..<range.upperBound]
        return (added, keeps)
    }

    /// Changes of neighbouring lines, none of which both remove. What one side adds amid lines that the other one removes
    /// has lost its place.
    private func side(
        by text: [ArraySlice<UInt8>], _ one: [ArraySlice<UInt8>], _ two: [ArraySlice<UInt8>], _ left: [Int?],
        _ right: [Int?]
    ) -> (lines: [ArraySlice<UInt8>], rule: ThreeWayMerge.Rule)? {
        let (ours, theirs) = (edits(one, self.ours, left), edits(two, self.theirs, right))
        var lines: [ArraySlice<UInt8>] = []
        var rule = ThreeWayMerge.Rule.adjacent
        func isAmid(_ index: Int, _ keeps: [Bool]) -> Bool {
            index > 0 && index < base.count && !keeps[index - 1] && !keeps[index]
        }
        for index in 0...base.count {
            let (mine, other) = (ours.added[index], theirs.added[index])
            if !mine.isEmpty, isAmid(index, theirs.keeps) { return nil }
            if !other.isEmpty, isAmid(index, ours.keeps) { return nil }
            if !mine.isEmpty, !other.isEmpty {
                if mine == other {
                    lines += mine
                } else if index < base.count, !ours.keeps[index] {
                    // A line that one side replaces stays behind what the other one has put in front of it.
                    lines += other + mine
                } else if index < base.count, !theirs.keeps[index] {
                    lines += mine + other
                } else {
                    rule = .addedBesideAdded
                    lines += other + mine
                }
            } else {
                lines += mine + other
            }
            guard index < base.count else { break }
            guard ours.keeps[index] || theirs.keeps[index] else { return nil }
            if ours.keeps[index], theirs.keeps[index] { lines.append(text[base.lowerBound + index]) }
        }
        return (lines, rule)
    }

    /// Different words of the same lines.
    func words(
        _ text: [ArraySlice<UInt8>], _ one: [ArraySlice<UInt8>], _ two: [ArraySlice<UInt8>]
    ) -> [ArraySlice<UInt8>]? {
        guard base.count == ours.count, base.count == theirs.count, !base.isEmpty, base.count <= 40 else { return nil }
        var lines: [ArraySlice<UInt8>] = []
        for index in 0..<base.count {
            let before = text[base.lowerBound + index]
            let (mine, other) = (one[ours.lowerBound + index], two[theirs.lowerBound + index])
            if mine == other || other == before {
                lines.append(mine)
            } else if mine == before {
                lines.append(other)
            } else {
                guard max(before.count, mine.count, other.count) <= Self.mostBytes else { return nil }
                let merged = ThreeWayMerge(
                    base: Self.parts(before), ours: Self.parts(mine), theirs: Self.parts(other), rules: [])
                // Where nothing of a line stays, it is another line.
                guard merged.conflicts.isEmpty, Self.isKin(before, mine), Self.isKin(before, other),
                    Self.isIndependent(before, mine, other)
                else { return nil }
                var line: [UInt8] = []
                for case .text(let words) in merged.parts { for word in words { line += word } }
                lines.append(line[...])
            }
        }
        return lines
    }

    /// Different words of a stretch of lines that one side has broken otherwise. Between a change of ours and one of the other
    /// side at least one word has to stay.
    private func brokenWords(
        _ text: [ArraySlice<UInt8>], _ one: [ArraySlice<UInt8>], _ two: [ArraySlice<UInt8>]
    ) -> [ArraySlice<UInt8>]? {
        guard base.count != ours.count || base.count != theirs.count,
            [base, ours, theirs].allSatisfy({ !$0.isEmpty && $0.count <= 12 }),
            [text[base], one[ours], two[theirs]].allSatisfy({ $0.reduce(0) { $0 + $1.count } <= Self.mostBytes })
        else { return nil }
        let sides = [text[base], one[ours], two[theirs]].map { Array($0.joined()) }
        let words = sides.map { side in Self.words(of: side[...]) }
        let tokens = words.enumerated().map { index, words in
            // Each word with the signs and blanks behind it.
            let ends = words.dropFirst().map(\.startIndex) + [sides[index].count]
            var tokens = zip(words, ends).map { sides[index][$0.startIndex..<$1] }
            if let start = words.first?.startIndex, start > 0 { tokens.insert(sides[index][..<start], at: 0) }
            return tokens
        }
        let merged = ThreeWayMerge(base: tokens[0], ours: tokens[1], theirs: tokens[2], rules: [])
        guard merged.conflicts.isEmpty, Self.isMostly(words[0], in: words[1]), Self.isMostly(words[0], in: words[2]),
            Self.isIndependent(sides[0][...], sides[1][...], sides[2][...]),
            sides.dropFirst().allSatisfy({ Self.branches($0) == Self.branches(sides[0]) })
        else { return nil }
        var result: [UInt8] = []
        for case .text(let tokens) in merged.parts { for token in tokens { result += token } }
        return TextLines(result).lines
    }

    /// A block of more lines is no function and no entry.
    private static let mostLines = 1000

    /// Lines that are longer are data, and no text of which the words say something.
    private static let mostBytes = 1 << 14

    /// Whether two changes have nothing to do with each other, as far as their words tell: neither brings in again what the
    /// other one replaces, they do not both bring the same, nor both turn a condition around.
    private static func isIndependent(
        _ base: ArraySlice<UInt8>, _ one: ArraySlice<UInt8>, _ two: ArraySlice<UInt8>
    ) -> Bool {
        func counts(_ text: ArraySlice<UInt8>) -> [TextKey: Int] {
            var counts: [TextKey: Int] = [:]
            for part in parts(text) where Words.isPart(part[part.startIndex]) || part.elementsEqual("!".utf8) {
                counts[TextKey(part), default: 0] += 1
            }
            return counts
        }
        let (before, mine, other) = (counts(base), counts(one), counts(two))
        return Set(before.keys).union(mine.keys).union(other.keys).allSatisfy { word in
            let (was, first, second) = (before[word] ?? 0, mine[word] ?? 0, other[word] ?? 0)
            // One has more of it than there was, and the other has not just as many.
            if first > was, second != was { return false }
            if second > was, first != was { return false }
            return !word.text.elementsEqual("!".utf8) || first == was || second == was
        }
    }

    /// The words that steer what is done; those of the preprocessor and of make are none.
    private static func branches(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        words(of: text[...]).filter { word in
            let former = text[..<word.startIndex].last { $0 != 32 && $0 != 9 }
            let isMakes = former == UInt8(ascii: "(") && text[..<(word.startIndex - 1)].last == UInt8(ascii: "$")
            guard former != UInt8(ascii: "#"), !isMakes else { return false }
            return ["if", "else", "for", "while", "do", "switch", "case", "return", "goto", "break"].contains {
                word.elementsEqual($0.utf8)
            }
        }
    }

    /// The words of a text.
    private static func words(of text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        parts(text).filter { Words.isPart($0[$0.startIndex]) }
    }

    /// Whether half of some words are still there.
    private static func isMostly(_ words: [ArraySlice<UInt8>], in others: [ArraySlice<UInt8>]) -> Bool {
        var counts = LineCounts(others)
        return !words.isEmpty && 2 * words.count { counts.take($0) } >= words.count
    }

    /// The words, signs and blanks of a line.
    static func parts(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        func kind(_ byte: UInt8) -> Int { Words.isPart(byte) ? 0 : byte == 9 || byte == 32 ? 1 : 2 }
        var parts: [ArraySlice<UInt8>] = []
        var start = line.startIndex
        while start < line.endIndex {
            var end = start + 1
            if kind(line[start]) != 2 {
                while end < line.endIndex, kind(line[end]) == kind(line[start]) { end += 1 }
            }
            parts.append(line[start..<end])
            start = end
        }
        return parts
    }

    /// Whether half of a line's words are still there.
    private static func isKin(_ one: ArraySlice<UInt8>, _ two: ArraySlice<UInt8>) -> Bool {
        let (first, second) = (Set(parts(one)), Set(parts(two)))
        return 2 * first.intersection(second).count >= first.count
    }
}
