/// Why a merge in which no line was in question may still not be what is meant.
///
/// Upstream often takes over what a patch does, but in another place or form. Lines then go together without touching, and
/// what comes of that has something twice, or uses what upstream has just taken out.
public enum MergeDoubt: Sendable, Equatable {
    /// Upstream has added this line of the patch as well, in another place: now it is there twice.
    case twice(ArraySlice<UInt8>)
    /// The patch adds a use of a name, and upstream has taken out all that the file had.
    case gone(ArraySlice<UInt8>)

    /// The rule it makes the merge depend on.
    public var rule: ThreeWayMerge.Rule {
        switch self {
        case .twice: .addedTwice
        case .gone: .goneName
        }
    }

    /// The first of each kind.
    /// - Parameters:
    ///   - base: What both changes began with.
    ///   - ours: The patch's result.
    ///   - theirs: Upstream's.
    ///   - result: What they give together.
    public static func all(base: [UInt8], ours: [UInt8], theirs: [UInt8], result: [UInt8]) -> [MergeDoubt] {
        guard result != ours, result != theirs else { return [] }
        let added = TextLines(OwnLines(from: theirs, to: result).added).lines
        guard !added.isEmpty else { return [] }
        let words = added.map { line in MergeRegion.parts(line).filter(Words.isIdentifier).map(TextKey.init) }
        let asked = Set(words.joined())
        let (old, new) = (Words.found(asked, in: base), Words.found(asked, in: theirs))
        var doubts: [MergeDoubt] = []
        // A line that both add, and that is then there more often than on either side. Lines of words that were there
        // before, `goto out;` and the like, are no sign of anything.
        let telling = zip(added, words).filter { $1.contains { !old.contains($0) && new.contains($0) } }
        if !telling.isEmpty {
            let (one, two, both) = (LineCounts(ours), LineCounts(theirs), LineCounts(result))
            let line = telling.map(\.0).first { one[$0] > 0 && two[$0] > 0 && both[$0] > max(one[$0], two[$0]) }
            if let line { doubts.append(.twice(Words.bare(line))) }
        }
        let gone = words.joined().first { isName($0.text) && old.contains($0) && !new.contains($0) }
        if let gone { doubts.append(.gone(gone.text)) }
        return doubts
    }

    /// Whether a word is a name of the program, and not perhaps one of a sentence.
    private static func isName(_ word: ArraySlice<UInt8>) -> Bool {
        word.contains(UInt8(ascii: "_")) && word.contains { $0 != UInt8(ascii: "_") }
    }
}
