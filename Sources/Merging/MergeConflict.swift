/// Lines that two changes of a text cannot both have.
public struct MergeConflict: Sendable, Hashable {
    /// What both began with.
    public let base: [UInt8]
    /// What the patch makes of it.
    public let ours: [UInt8]
    /// What upstream has made of it.
    public let theirs: [UInt8]

    /// States a conflict.
    public init(base: [UInt8], ours: [UInt8], theirs: [UInt8]) {
        self.base = base
        self.ours = ours
        self.theirs = theirs
    }

    /// The lines of a text that none of the three sides has, blank ones aside: what somebody has added.
    public func ownLines(of text: [UInt8]) -> Int {
        let known = Set([base, ours, theirs].flatMap { TextLines($0).lines })
        return TextLines(text).lines.count { line in
            !known.contains(line) && !line.allSatisfy { $0 == 32 || (9...13).contains($0) }
        }
    }
}

/// The lines that part the sides of a conflict.
enum MergeMarks {
    static let signs = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]

    static func line(_ sign: String, _ name: String) -> [UInt8] {
        Array((sign + (name.isEmpty ? "" : " " + name) + "\n").utf8)
    }

    /// Whether a line is one of them, whatever it names.
    static func isMark(_ line: ArraySlice<UInt8>) -> Bool { sign(of: line) != nil }

    /// Which of the signs a line is, by its place among them.
    private static func sign(of line: ArraySlice<UInt8>) -> Int? {
        signs.firstIndex { sign in
            guard line.starts(with: sign.utf8) else { return false }
            let rest = line.dropFirst(sign.utf8.count)
            return rest.isEmpty || rest.first == 10 || rest.elementsEqual([13, 10])
                || sign != "=======" && rest.first == 32
        }
    }

    /// How many lines of each sign there are.
    static func counts(_ lines: some Sequence<ArraySlice<UInt8>>) -> [Int] {
        var counts = signs.map { _ in 0 }
        for line in lines { if let sign = sign(of: line) { counts[sign] += 1 } }
        return counts
    }
}

/// What somebody has made of a file with marks.
public enum MergeSolution: Sendable, Equatable {
    /// Nothing yet.
    case open
    /// These conflicts are solved; others may be left.
    case conflicts([MergeConflict: [UInt8]], left: Int)
    /// All are, and lines beside them are changed as well: only the whole file says what is meant.
    case wholeFile
    /// Marks are left, and lines beside the conflicts are changed, or one of two conflicts that are alike is solved: it
    /// cannot be told what belongs to what.
    case unclear

    /// Whether a text has lines that part the sides of a conflict: more of one kind than any of the sides has, of which
    /// one may be a text in which such a line is an underlined title.
    public static func hasMarks(_ text: [UInt8], beyond conflict: MergeConflict) -> Bool {
        let sides = [conflict.base, conflict.ours, conflict.theirs].map { MergeMarks.counts(TextLines($0).lines) }
        return MergeMarks.counts(TextLines(text).lines).enumerated().contains { sign, count in
            sides.allSatisfy { count > $0[sign] }
        }
    }
}

extension ThreeWayMerge {
    /// Reads what somebody has made of the file that ``marked(ours:base:theirs:)`` has given.
    ///
    /// The lines between two conflicts have to be as they were, one after the other: what lies between them then is the
    /// answer to the conflict.
    public func solution(in edited: [UInt8], ours: String, base: String, theirs: String) -> MergeSolution {
        let original = marked(ours: ours, base: base, theirs: theirs)
        if edited == original { return .open }
        let whole = MergeConflict(
            base: side { base, _, _ in base }, ours: side { _, ours, _ in ours },
            theirs: side { _, _, theirs in theirs })
        let hasMarks = MergeSolution.hasMarks(edited, beyond: whole)
        let other: MergeSolution = hasMarks ? .unclear : .wholeFile
        var numbers = LineNumbers()
        let (before, after) = (TextLines(original).lines, TextLines(edited).lines)
        let matches = LineDiff.matches(numbers.of(before), numbers.of(after))
        var solved: [MergeConflict: [UInt8]] = [:]
        var left: [MergeConflict] = []
        // Where the next lines are in both texts, and the conflict before them.
        var (old, new) = (0, 0)
        var pending: (conflict: MergeConflict, marked: Range<Int>)?
        func close(at end: Int) -> Bool {
            guard let (conflict, marked) = pending else { return end == new }
            guard end >= new else { return false }
            pending = nil
            let answer = after[new..<end]
            if answer.elementsEqual(before[marked]) {
                left.append(conflict)
                return true
            }
            let text = Array(answer.joined())
            guard !MergeSolution.hasMarks(text, beyond: conflict) else { return false }
            // The same conflict twice with two answers: neither is remembered for both.
            if let known = solved[conflict], known != text { return false }
            solved[conflict] = text
            return true
        }
        for part in parts {
            switch part {
            case .text(let lines):
                let places = matches[old..<(old + lines.count)]
                guard let first = places.first ?? nil,
                    places.elementsEqual((first..<(first + lines.count)).map(Optional.some)),
                    close(at: first)
                else { return other }
                old += lines.count
                new = first + lines.count
            case .conflict(let base, let ours, let theirs):
                guard pending == nil else { return other }
                let count = base.count + ours.count + theirs.count + MergeMarks.signs.count
                pending = (
                    MergeConflict(
                        base: Array(base.joined()), ours: Array(ours.joined()), theirs: Array(theirs.joined())),
                    old..<(old + count)
                )
                old += count
            }
        }
        guard close(at: after.count) else { return other }
        // The same conflict in another place is still open: its answer must not be given there unseen.
        if left.contains(where: { solved[$0] != nil }) { return .unclear }
        return .conflicts(solved, left: left.count)
    }

    /// The text with one side of each conflict.
    private func side(
        _ choose: ([ArraySlice<UInt8>], [ArraySlice<UInt8>], [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>]
    ) -> [UInt8] {
        var text: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let lines): for line in lines { text += line }
            case .conflict(let base, let ours, let theirs): for line in choose(base, ours, theirs) { text += line }
            }
        }
        return text
    }
}
