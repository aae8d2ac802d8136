/// Two changes of one text, put together.
///
/// Where only one side changes something, that is taken, and what both change in the same way is taken once: this is
/// certain. Where changes touch or overlap, more can be tried (``Rule``); what comes of that is likely, not certain.
public struct ThreeWayMerge: Sendable {
    /// Why two changes could be put together.
    public enum Rule: String, Sendable, CaseIterable, Comparable {
        /// They change different lines, with unchanged ones in between.
        case lines
        /// They change neighbouring lines, but none that the other one changes.
        case adjacent
        /// Both add lines in the same place: those of the new base come first.
        case addedBesideAdded = "added-beside-added"
        /// They change different words of a line, or of lines that one of them breaks otherwise.
        case words
        /// Ours takes a block of lines away in which the other side has changed some: what became of them goes with it.
        case removedBlock = "removed-block"
        /// Upstream has changed lines that a twin does not have, nor others that are like them: there is nothing to do.
        case absent
        /// Upstream has added lines that a twin has there already.
        case present
        /// Upstream has renamed identifiers or changed calls everywhere in the same way (``Replacement``).
        case learned
        /// Upstream has moved the file: it was found by its name and content.
        case renamed
        /// Upstream has moved the function, within the file or to another: it was found by its name and content.
        case movedFunction = "moved-function"
        /// Upstream has split the file: what the patch changes was found in others by its name and content.
        case split
        /// Upstream has added a line of the patch in another place as well (``MergeDoubt``).
        case addedTwice = "added-twice"
        /// The patch uses a name that upstream has taken out of the file (``MergeDoubt``).
        case goneName = "gone-name"
        /// The change has come to another function than the one it was made for (``MergeDoubt``).
        case otherFunction = "other-function"
        /// A line that the patch takes away is there nevertheless: upstream has moved it (``MergeDoubt``).
        case stillThere = "still-there"
        /// Somebody has put them together, here.
        case resolved
        /// Somebody has put the same lines together elsewhere.
        case remembered

        /// Whether nothing else could be meant, or somebody has decided it here.
        public var isExact: Bool { self == .lines || self == .resolved }

        /// Whether it does nothing, but says why the result may not be what is meant.
        public var isDoubt: Bool { [.addedTwice, .goneName, .otherFunction, .stillThere].contains(self) }

        /// In the order of certainty.
        public static func < (left: Rule, right: Rule) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// A stretch of the result.
    enum Part {
        case text([ArraySlice<UInt8>])
        case conflict(base: [ArraySlice<UInt8>], ours: [ArraySlice<UInt8>], theirs: [ArraySlice<UInt8>])
    }

    /// Asked for what could not be put together; `nil` where it has no answer.
    public typealias Resolver = (MergeConflict) -> (text: [UInt8], rule: Rule)?

    let parts: [Part]
    /// The rules that were needed.
    public let rules: Set<Rule>
    /// Whether some of our change is in the other text already.
    public let sharesChanges: Bool

    /// A result that was made otherwise.
    init(parts: [Part], rules: Set<Rule>) {
        self.parts = parts
        self.rules = rules
        sharesChanges = false
    }

    /// The places that could not be put together.
    public var conflicts: [MergeConflict] {
        parts.compactMap { part in
            guard case .conflict(let base, let ours, let theirs) = part else { return nil }
            return MergeConflict(
                base: Array(base.joined()), ours: Array(ours.joined()), theirs: Array(theirs.joined()))
        }
    }

    /// The result; `nil` where something could not be put together.
    public var text: [UInt8]? {
        var text: [UInt8] = []
        for part in parts {
            guard case .text(let lines) = part else { return nil }
            for line in lines {
                // A line without an end can only be the last.
                if let last = text.last, last != 10 { return nil }
                text += line
            }
        }
        return text
    }

    /// The result with the other text's lines where something could not be put together.
    public var partialText: [UInt8] {
        var text: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let lines), .conflict(_, _, let lines):
                for line in lines {
                    if let last = text.last, last != 10 { text.append(10) }
                    text += line
                }
            }
        }
        return text
    }

    /// The result with both sides and their base where they could not be put together, as `git merge-file --diff3` writes
    /// it.
    public func marked(ours: String, base: String, theirs: String) -> [UInt8] {
        var text: [UInt8] = []
        func add(_ lines: [ArraySlice<UInt8>], isLast: Bool = false) {
            for line in lines { text += line }
            if !isLast, let last = text.last, last != 10 { text.append(10) }
        }
        func mark(_ sign: String, _ name: String) { text += MergeMarks.line(sign, name) }
        for (index, part) in parts.enumerated() {
            switch part {
            case .text(let lines):
                add(lines, isLast: index == parts.count - 1)
            case .conflict(let before, let one, let two):
                mark("<<<<<<<", ours)
                add(one)
                mark("|||||||", base)
                add(before)
                mark("=======", "")
                add(two)
                mark(">>>>>>>", theirs)
            }
        }
        return text
    }

    /// Puts two changes of a text together.
    /// - Parameters:
    ///   - base: What both began with.
    ///   - ours: One change's result: the patch's.
    ///   - theirs: The other's: upstream's.
    ///   - rules: What may be done beyond ``Rule/lines``.
    ///   - resolver: Knows how somebody has put such lines together.
    public init(
        base: [UInt8], ours: [UInt8], theirs: [UInt8], rules allowed: Set<Rule> = Set(Rule.allCases),
        resolver: Resolver? = nil
    ) {
        self.init(
            base: TextLines(base).lines, ours: TextLines(ours).lines, theirs: TextLines(theirs).lines, rules: allowed,
            resolver: resolver)
    }

    /// The same for lines, or for words of a line.
    init(
        base: [ArraySlice<UInt8>], ours: [ArraySlice<UInt8>], theirs: [ArraySlice<UInt8>], rules allowed: Set<Rule>,
        resolver: Resolver? = nil
    ) {
        var numbers = LineNumbers()
        let (first, second, third) = (numbers.of(base), numbers.of(ours), numbers.of(theirs))
        let left = LineDiff.matches(first, second)
        let right = LineDiff.matches(first, third)
        var parts: [Part] = []
        var used: Set<Rule> = []
        var shares = false
        var (i, j, k) = (0, 0, 0)
        // The lines since the last conflict.
        var run: [ArraySlice<UInt8>] = []
        lazy var counts = (base: LineCounts(base), ours: LineCounts(ours))
        func take(_ lines: ArraySlice<ArraySlice<UInt8>>) { run += lines }
        func endRun() {
            if !run.isEmpty { parts.append(.text(run)) }
            run = []
        }
        func close(_ p: Int, _ q: Int, _ r: Int) {
            let region = MergeRegion(base: i..<p, ours: j..<q, theirs: k..<r)
            let isOurs = !second[j..<q].elementsEqual(first[i..<p])
            let isTheirs = !third[k..<r].elementsEqual(first[i..<p])
            if !isOurs {
                take(theirs[k..<r])
            } else if !isTheirs {
                take(ours[j..<q])
                used.insert(.lines)
            } else if second[j..<q].elementsEqual(third[k..<r]) {
                take(ours[j..<q])
                shares = true
            } else if let (lines, rule) = region.resolved(
                base, ours, theirs, left, right, allowed, counts: { counts })
            {
                take(lines[...])
                used.insert(rule)
            } else if let resolver,
                let (text, rule) = resolver(
                    MergeConflict(
                        base: Array(base[i..<p].joined()), ours: Array(ours[j..<q].joined()),
                        theirs: Array(theirs[k..<r].joined())))
            {
                take(TextLines(text).lines[...])
                used.insert(rule)
            } else {
                endRun()
                parts.append(
                    .conflict(base: Array(base[i..<p]), ours: Array(ours[j..<q]), theirs: Array(theirs[k..<r])))
            }
        }
        for p in base.indices {
            guard let q = left[p], let r = right[p] else { continue }
            if p > i || q > j || r > k { close(p, q, r) }
            take(base[p...p])
            (i, j, k) = (p + 1, q + 1, r + 1)
        }
        close(base.count, ours.count, theirs.count)
        endRun()
        self.parts = parts
        self.rules = used
        sharesChanges = shares
    }
}
