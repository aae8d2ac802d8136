/// Something about a hunk that was applied which has to be looked at: nothing in the file shows that it is where it belongs.
public enum HunkWarning: String, Sendable, CaseIterable {
    /// It was placed with some of its context ignored.
    case fuzz
    /// It would have fitted elsewhere just as well.
    case ambiguous
    /// It only adds lines and shows none around them.
    case withoutContext = "without-context"
    /// It landed in another function than it was made in.
    case otherFunction = "other-function"
}

/// What became of one hunk.
public struct HunkReport: Sendable {
    /// Its number in the file, from 1.
    public let number: Int
    /// How it went.
    public let verdict: PlacementVerdict
    /// The line its header names on the old side.
    public let oldLine: Int
    /// The line of the old file where its old lines were found; `nil` where it failed.
    public let line: Int?
    /// How far that is from the line it names: `line - oldLine`.
    public let offset: Int
    /// How many lines of context were ignored at the longer end.
    public let fuzz: Int
    /// Other lines where it would have fitted with the same fuzz (at most 8); only looked for where it was moved or fuzzed.
    public let alsoFits: [Int]
    /// The function (or Kconfig entry) it landed in, where that is another than the patch was made in; only looked
    /// for where it needed fuzz or was moved against the hunk before it.
    public let landedIn: String?
    /// Whether it only adds lines and shows none around them, to a file that has lines: it would have been made anywhere,
    /// and also a second time, so that nothing says that it belongs there.
    public let isUnchecked: Bool
    /// The line of its header in the patch file.
    public let patchLine: Int
    private let source: Blob
    private let sectionRange: Range<Int>

    init(
        number: Int, verdict: PlacementVerdict, hunk: Hunk, of source: Blob, oldLine: Int, line: Int?, offset: Int = 0,
        fuzz: Int = 0, alsoFits: [Int] = [], landedIn: String? = nil, isUnchecked: Bool = false
    ) {
        self.init(
            number: number, verdict: verdict, oldLine: oldLine, line: line, offset: offset, fuzz: fuzz,
            alsoFits: alsoFits, landedIn: landedIn, isUnchecked: isUnchecked, patchLine: hunk.line, source: source,
            section: hunk.section)
    }

    /// A hunk's report as it was in another run.
    init(
        number: Int, verdict: PlacementVerdict, oldLine: Int, line: Int?, offset: Int, fuzz: Int, alsoFits: [Int],
        landedIn: String?, isUnchecked: Bool, patchLine: Int, source: Blob, section: Range<Int>
    ) {
        self.number = number
        self.verdict = verdict
        self.oldLine = oldLine
        self.line = line
        self.offset = offset
        self.fuzz = fuzz
        self.alsoFits = alsoFits
        self.landedIn = landedIn
        self.isUnchecked = isUnchecked
        self.patchLine = patchLine
        self.source = source
        sectionRange = section
    }

    /// What has to be looked at about it; nothing for a hunk that was not applied.
    public var warnings: [HunkWarning] {
        guard verdict.isApplied else { return [] }
        var warnings: [HunkWarning] = []
        if fuzz > 0 { warnings.append(.fuzz) }
        if verdict == .ambiguous { warnings.append(.ambiguous) }
        if isUnchecked { warnings.append(.withoutContext) }
        if landedIn != nil { warnings.append(.otherFunction) }
        return warnings
    }

    /// Lends the bytes of ``section``.
    func withSection(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        let line = source.line(sectionRange.lowerBound, sectionRange.upperBound)
        body(UnsafeBufferPointer(start: line.start, count: line.count))
    }

    /// The text after the second `@@`: the function the hunk is in, as diff saw it.
    public var section: String { source.text(sectionRange) }
}
