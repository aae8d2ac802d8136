/// Why a merge in which no line was in question may still not be what is meant.
///
/// Upstream often takes over what a patch does, but in another place or form. Lines then go together without touching, and
/// what comes of that has something twice, or uses what upstream has just taken out.
public enum MergeDoubt: Sendable, Equatable {
    /// Upstream has added this line of the patch as well, in another place: now it is there twice.
    case twice(ArraySlice<UInt8>)
    /// The patch adds a use of a name, and upstream has taken out all that the file had.
    case gone(ArraySlice<UInt8>)
    /// The patch changes something in the function that begins with this line, and upstream still has that function: but
    /// what comes of them has the change in another one, of lines that are alike.
    case elsewhere(ArraySlice<UInt8>)
    /// The patch takes the only such line away, and upstream has it still, or again: it has moved it.
    case stillThere(ArraySlice<UInt8>)

    /// The rule it makes the merge depend on.
    public var rule: ThreeWayMerge.Rule {
        switch self {
        case .twice: .addedTwice
        case .gone: .goneName
        case .elsewhere: .otherFunction
        case .stillThere: .stillThere
        }
    }

    /// The first of each kind.
    /// - Parameters:
    ///   - base: What both changes began with.
    ///   - ours: The patch's result.
    ///   - theirs: Upstream's.
    ///   - result: What they give together.
    public static func all(base: [UInt8], ours: [UInt8], theirs: [UInt8], result: [UInt8]) -> [MergeDoubt] {
        guard result != ours else { return [] }
        var doubts: [MergeDoubt] = []
        if let line = leftOver(base: base, ours: ours, result: result) { doubts.append(.stillThere(line)) }
        guard result != theirs else { return doubts }
        if let heading = lost(base: base, ours: ours, theirs: theirs, result: result) {
            doubts.append(.elsewhere(heading))
        }
        let added = TextLines(OwnLines(from: theirs, to: result).added).lines
        guard !added.isEmpty else { return doubts }
        let words = added.map { line in MergeRegion.parts(line).filter(Words.isIdentifier).map(TextKey.init) }
        let asked = Set(words.joined())
        let (old, new) = (Words.found(asked, in: base), Words.found(asked, in: theirs))
        // A line that both add, and that is then there more often than on either side. Lines of words that were there
        // before, `goto out;` and the like, are no sign of anything.
        let telling = zip(added, words).filter { $1.contains { !old.contains($0) && new.contains($0) } }
        if !telling.isEmpty {
            let (one, two, both) = (LineCounts(ours), LineCounts(theirs), LineCounts(result))
            let line = telling.map(\.0).first { one[$0] > 0 && two[$0] > 0 && both[$0] > max(one[$0], two[$0]) }
            if let line { doubts.append(.twice(Words.bare(line))) }
        }
        let gone = words.joined().first { Words.isName($0.text) && old.contains($0) && !new.contains($0) }
        if let gone { doubts.append(.gone(gone.text)) }
        return doubts
    }

    /// The first line that the patch takes away, that was there once, and that is there nevertheless; of those that say
    /// something: a call, or a name.
    private static func leftOver(base: [UInt8], ours: [UInt8], result: [UInt8]) -> ArraySlice<UInt8>? {
        let removed = OwnLines(from: ours, to: base).added
        guard !removed.isEmpty else { return nil }
        let (one, two, both) = (LineCounts(base), LineCounts(ours), LineCounts(result))
        let line = TextLines(removed).lines.first { line in
            guard one[line] == 1, two[line] == 0, both[line] > 0 else { return false }
            let words = MergeRegion.parts(line).filter(Words.isIdentifier)
            if words.contains(where: Words.isName) { return true }
            return line.contains(UInt8(ascii: "("))
                && words.contains { word in !keywords.contains { word.elementsEqual($0.utf8) } }
        }
        return line.map(Words.bare)
    }

    private static let keywords = ["if", "while", "for", "switch", "return", "sizeof", "void", "int"]

    /// The first line of a function that the patch changes and upstream has, where the result has no change in it but one
    /// in another.
    private static func lost(
        base: [UInt8], ours: [UInt8], theirs: [UInt8], result: [UInt8]
    ) -> ArraySlice<UInt8>? {
        let (wanted, got) = (headings(from: base, to: ours), headings(from: theirs, to: result))
        guard !got.isSubset(of: wanted) else { return nil }
        let missing = wanted.subtracting(got).compactMap(\.self)
        guard !missing.isEmpty else { return nil }
        let there = LineCounts(theirs)
        return missing.map(\.text).filter { there[$0] > 0 }.min { $0.startIndex < $1.startIndex }.map(Words.bare)
    }

    /// The first lines of the functions in which two texts differ; `nil` among them for a change that is in none.
    private static func headings(from old: [UInt8], to new: [UInt8]) -> Set<TextKey?> {
        let (before, after) = (TextLines(old).lines, TextLines(new).lines)
        var numbers = LineNumbers()
        let matches = LineDiff.matches(numbers.of(before), numbers.of(after))
        var found: Set<TextKey?> = []
        for change in LineDiff.changes(matches, before.count, after.count) {
            found.insert(FunctionHeading.around(change.old.lowerBound, in: before).map(TextKey.init))
        }
        return found
    }
}

/// The first line of a function, a structure or an entry of Kconfig: of what stands at the top level and has a body.
enum FunctionHeading {
    /// The one around a place of a text; `nil` at the top level.
    static func around(_ place: Int, in lines: [ArraySlice<UInt8>]) -> ArraySlice<UInt8>? {
        let line = lines[..<place].last { isEnd($0) || isHeading($0) }
        return line.flatMap { isHeading($0) ? $0 : nil }
    }

    /// Whether a line ends a function, and not the loop of a macro.
    private static func isEnd(_ line: ArraySlice<UInt8>) -> Bool {
        line.first == UInt8(ascii: "}") && !Words.bare(line.dropFirst()).starts(with: "while".utf8)
    }

    /// Whether a line begins one, and is no label and no declaration.
    private static func isHeading(_ line: ArraySlice<UInt8>) -> Bool {
        guard UnifiedDiff.isSection(line), let last = line.last(where: { $0 > 32 }) else { return false }
        return last != UInt8(ascii: ":") && last != UInt8(ascii: ";")
    }
}
