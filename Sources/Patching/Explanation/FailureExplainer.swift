/// Finds out why something did not apply.
struct FailureExplainer {
    /// How many failures are explained in detail; the rest get their reason only.
    static let most = 400
    /// For how many of them other files are searched.
    static let mostSearches = 60

    let parsed: [ParsedPatch]
    let reversed: [Bool]
    let groups: FileGroups
    let tree: any TreeReading
    /// The index of the file that was looked at last: the hunks of a patch that fail in one file come one after another.
    private var latest: (entry: FileGroups.Entry, index: FileIndex, earlier: EarlierLines?)?
    /// How many lines were compared so far.
    private(set) var effort = 0

    init(parsed: [ParsedPatch], reversed: [Bool], groups: FileGroups, tree: any TreeReading) {
        (self.parsed, self.reversed, self.groups, self.tree) = (parsed, reversed, groups, tree)
    }

    private mutating func index(of attempt: FailedAttempt, _ file: WorkingFile) -> FileIndex {
        if let latest, latest.entry == attempt.entry { return latest.index }
        let index = FileIndex(file.lines)
        latest = (attempt.entry, index, nil)
        return index
    }

    /// Finds out about one failure.
    /// - Parameter number: Which of the series' failures it is, from 0.
    mutating func explain(_ attempt: FailedAttempt, number: Int) -> ApplyFailure {
        let inDetail = number < Self.most
        let side = attempt.side
        var attempt = attempt
        var explanation = FailureExplanation()
        if inDetail, let index = attempt.hunk, let file = attempt.before {
            let hunk = side.patch.hunks[index]
            var lines = HunkLines()
            lines.decode(hunk, of: side.patch.source, reverse: side.reverse)
            let known = self.index(of: attempt, file)
            let before = known.effort
            defer { effort += known.effort - before }
            explanation.appliedAt = side.appliedLine(hunk, in: known.search)
            explanation.belongsBefore = belongsBefore(side, index, lines.pattern, known.search)
            attempt.reason = reason(attempt, hunk, lines.pattern, known, explanation)
            explanation.fuzzThatFits = fuzzThatFits(hunk, lines.pattern, known.search, side)
            let guess = side.reverse ? hunk.newStart : hunk.oldStart
            if attempt.reason == .noPlace {
                var finder = ClosestPlaceFinder(lines.pattern, in: known)
                explanation.closest = finder.find(near: guess)
                effort += finder.effort
                // All its lines are there, one after the other: only the edge it is tied to is elsewhere.
                if let closest = explanation.closest, closest.matching == closest.expected,
                    closest.diff.allSatisfy({ $0.kind == .same })
                {
                    attempt.reason = .tiedToEdge
                    // git apply knows no fuzz.
                    if attempt.search == .git { explanation.fuzzThatFits = nil }
                }
                explanation.changedBy = earlierChanges(attempt, lines, known, explanation.closest)
            }
        }
        if inDetail {
            switch attempt.reason {
            case .fileMissing, .sourceMissing, .nothingToDelete: explanation.goneWith = goneWith(attempt)
            case .fileExists, .targetExists: explanation.madeBy = madeBy(attempt)
            default: break
            }
            if number < Self.mostSearches, explanation.goneWith == nil,
                attempt.reason == .noPlace || attempt.reason == .fileMissing
            {
                explanation.movedTo = MovedTextFinder(groups: groups, tree: tree).find(attempt, explanation)
            }
        }
        explanation.advice =
            inDetail
            ? advice(attempt, explanation)
            : "not looked into, after \(Self.most) failures: check that the tree is the version the series was made for"
        return ApplyFailure(
            patch: parsed[attempt.entry.patch].name, patchIndex: attempt.entry.patch,
            patchLine: attempt.hunk.map { side.patch.hunks[$0].line } ?? side.patch.line, file: attempt.choice.target,
            hunk: attempt.hunk.map { $0 + 1 }, reason: attempt.reason, explanation: explanation)
    }

    /// Why a hunk finds no place, where that can be told.
    private func reason(
        _ attempt: FailedAttempt, _ hunk: Hunk, _ pattern: [Line], _ file: FileIndex, _ explanation: FailureExplanation
    ) -> FailureReason {
        guard attempt.reason == .noPlace else { return attempt.reason }
        if explanation.belongsBefore != nil { return .misordered }
        if explanation.appliedAt != nil { return .alreadyApplied }
        let request = HunkPlacement.Request(hunk, reverse: attempt.side.reverse)
        func fits(_ pattern: [Line], _ file: LineSearch) -> Bool {
            var placement = HunkPlacement()
            return placement.place(request, pattern: pattern, in: file, fuzz: 0) != nil
        }
        // To GNU patch it would be somewhere: git ties it to the start of the file, or to its end.
        if attempt.search == .git, fits(pattern, file.search) { return .tiedToEdge }
        let bare = FileIndex.withoutReturns(pattern)
        if bare != nil || file.searchWithoutReturns != nil,
            fits(bare?.lines ?? pattern, file.searchWithoutReturns ?? file.search)
        {
            return .lineEndings
        }
        return .noPlace
    }

    /// Where the hunk would fit exactly if the earlier hunks of its patch were not there.
    private func belongsBefore(
        _ side: FileSide, _ index: Int, _ pattern: [Line], _ file: LineSearch
    ) -> (line: Int, hunk: Int)? {
        guard index > 0, !pattern.isEmpty else { return nil }
        var placement = HunkPlacement()
        let request = HunkPlacement.Request(side.patch.hunks[index], reverse: side.reverse)
        guard let place = placement.place(request, pattern: pattern, in: file, fuzz: 0) else { return nil }
        return (place.line, index)
    }

    private func fuzzThatFits(
        _ hunk: Hunk, _ pattern: [Line], _ file: LineSearch, _ side: FileSide
    ) -> (fuzz: Int, line: Int)? {
        var placement = HunkPlacement()
        let request = HunkPlacement.Request(hunk, reverse: side.reverse)
        // A pattern that is all context would fit anywhere once all of it is ignored.
        guard !pattern.isEmpty, let place = placement.place(request, pattern: pattern, in: file, fuzz: 3),
            place.fuzz > 0, request.keepsContext(withFuzz: place.fuzz)
        else { return nil }
        return (place.fuzz, place.line)
    }

    /// The hunks of earlier patches that removed a line this hunk expects, or added a line it does not expect.
    private mutating func earlierChanges(
        _ attempt: FailedAttempt, _ wanted: HunkLines, _ file: FileIndex, _ closest: FailureExplanation.ClosestPlace?
    ) -> [FailureExplanation.EarlierChange] {
        let missing = Set(wanted.pattern.filter { !$0.isBlank && !file.contains($0) }.map(LineKey.init))
        let expected = Set(wanted.pattern.map(LineKey.init))
        var intruders: Set<LineKey> = []
        if let closest {
            for row in closest.diff where row.kind == .found {
                guard let number = row.line, file.lines.indices.contains(number - 1),
                    !file.lines[number - 1].isBlank
                else { continue }
                let key = LineKey(file.lines[number - 1])
                if !expected.contains(key) { intruders.insert(key) }
            }
        }
        guard !(missing.isEmpty && intruders.isEmpty), let owner = groups.owner(of: attempt.choice.target) else {
            return []
        }
        let earlier = latest?.earlier ?? EarlierLines(groups.entries[owner], before: attempt.entry, parsed)
        latest?.earlier = earlier
        return earlier.changes(missing: missing, intruders: intruders, limit: 4).map { change in
            let patch = parsed[change.entry.patch]
            return .init(
                patch: patch.name, hunk: change.hunk + 1,
                patchLine: patch.files[change.entry.file].hunks[change.hunk].line, text: change.line.text,
                removed: change.removed)
        }
    }

    /// The earlier patch that moved or removed the file.
    private func goneWith(_ attempt: FailedAttempt) -> (patch: String, to: RelativePath?)? {
        guard let owner = groups.owner(of: attempt.choice.source) else { return nil }
        for entry in groups.entries[owner].reversed() where entry < attempt.entry {
            let side = FileSide(parsed[entry.patch].files[entry.file], reverse: reversed[entry.patch])
            guard (side.old ?? side.new) == attempt.choice.source else { continue }
            if side.patch.isRename { return (parsed[entry.patch].name, side.new) }
            if side.newAbsence == .missing { return (parsed[entry.patch].name, nil) }
        }
        return nil
    }

    /// The earlier patch that made what is in the way.
    private func madeBy(_ attempt: FailedAttempt) -> (patch: String, patchLine: Int)? {
        guard let owner = groups.owner(of: attempt.choice.target) else { return nil }
        for entry in groups.entries[owner].reversed() where entry < attempt.entry {
            let side = FileSide(parsed[entry.patch].files[entry.file], reverse: reversed[entry.patch])
            guard side.new == attempt.choice.target, side.newAbsence == .no, side.moves || side.oldAbsence > .no else {
                continue
            }
            return (parsed[entry.patch].name, side.patch.line)
        }
        return nil
    }

    private func advice(_ attempt: FailedAttempt, _ explanation: FailureExplanation) -> String {
        let name = parsed[attempt.entry.patch].name
        switch attempt.reason {
        case .nothingToDelete where explanation.goneWith != nil:
            return
                "\(explanation.goneWith?.patch ?? "an earlier patch") takes the file away before: drop that part of \(name), or of the earlier patch"
        case .fileExists where explanation.madeBy != nil, .targetExists where explanation.madeBy != nil:
            return
                "\(explanation.madeBy?.patch ?? "an earlier patch") makes the file before: drop it from one of the two, or make \(name) change it"
        case .fileExists where attempt.isApplied, .nothingToDelete where attempt.isApplied:
            return "the tree already has this change: drop \(name) from the series if all of it is there"
        case .fileExists: return "remove the file from the tree, or make the patch change it instead of creating it"
        case .fileMissing where explanation.goneWith != nil, .sourceMissing where explanation.goneWith != nil:
            let gone = explanation.goneWith
            let what = gone?.to.map { "moves the file to \($0)" } ?? "removes the file"
            return
                "\(gone?.patch ?? "an earlier patch") \(what) before: change the names in \(name), or reorder the series"
        case .sourceMissing:
            return
                "drop that part of \(name) if the tree has the file under its new name, else check the tree's version"
        case .fileMissing where explanation.movedTo != nil:
            return "the lines are in \(explanation.movedTo?.path.string ?? ""): change the names in \(name)"
        case .fileMissing:
            return "check that the tree is the version the series was made for, and the strip level (-p) of the patch"
        case .binaryWithoutContent: return "make the patch again with git diff --binary"
        case .binaryRefused: return "apply it by git's rules, or ship the file in another way"
        case .formatRefused(_, let format):
            switch format {
            case .contextDiff: return "make it a unified diff (diff -u again)"
            case .emptyMove, .reversedCopy: return "write that part as files that are created and removed"
            case .blankName: return "apply it by git's rules, or ship the file in another way"
            case .submodule: return "leave the submodule out of the patch, or apply it by git's rules"
            }
        case .misordered:
            return
                "the hunks of \(name) are out of order, or the same one is there twice: sort them (diff again), or remove the second"
        case .alreadyApplied:
            return "the tree already has this change: drop the hunk, or all of \(name) if the rest is there too"
        case .lineEndings:
            return "make the line ends of \(name) those of the file (CR LF or LF), or the other way round"
        case .tiedToEdge: return "make \(name) again with context from the file as it is now"
        case .noPlace: break
        default: return "check that the tree is the version the series was made for"
        }
        if let moved = explanation.movedTo {
            return "the lines are in \(moved.path), line \(moved.line): change the names in \(name)"
        }
        if let change = explanation.changedBy.first {
            return "\(change.patch) changes the same lines before: refresh \(name) on top of it, or reorder the series"
        }
        if let fits = explanation.fuzzThatFits {
            return "look at line \(fits.line), then refresh the patch, or allow fuzz \(fits.fuzz)"
        }
        if explanation.closest == nil {
            return "nothing like it is in the file: check that the tree is the version the series was made for"
        }
        return "compare expected and found, then refresh the patch"
    }
}

/// A line as a dictionary key.
struct LineKey: Hashable {
    private let line: Line

    init(_ line: Line) { self.line = line }

    static func == (left: LineKey, right: LineKey) -> Bool { left.line == right.line }

    func hash(into hasher: inout Hasher) {
        hasher.combine(bytes: UnsafeRawBufferPointer(start: line.start, count: line.count))
    }
}
