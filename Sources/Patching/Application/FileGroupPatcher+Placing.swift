/// Where the hunks of a file patch go, by the rules of GNU patch.
extension FileGroupPatcher {
    /// Applies all hunks that fit; where any does not, the file keeps its lines.
    mutating func place(
        _ side: FileSide, _ file: inout WorkingFile, _ entry: FileGroups.Entry
    ) -> [HunkReport] {
        guard !side.patch.hunks.isEmpty else { return [] }
        var edits = LineEdits()
        let (reports, failed) = find(side, file, &edits)
        guard !failed else { return reports }
        if options.refreshes, reports.contains(where: { $0.verdict != .clean }) {
            result.rewritten += HunkRewriter(
                side: side, entry: entry, patch: parsed[entry.patch].blob, file: file.lines
            ).rewrite(reports)
        }
        for blob in edits.apply(to: &file.lines) { file.keep(blob) }
        if side.patch.source !== parsed[message.patch].blob { file.keep(side.patch.source) }
        return reports
    }

    /// Where the hunks go, and what they change there.
    private mutating func find(
        _ side: FileSide, _ file: borrowing WorkingFile, _ edits: inout LineEdits
    ) -> (reports: [HunkReport], failed: Bool) {
        var reports: [HunkReport] = []
        reports.reserveCapacity(side.patch.hunks.count)
        // Taken out, so that nothing else is looked at for every line.
        var decoded = HunkLines()
        swap(&decoded, &hunkLines)
        defer { swap(&decoded, &hunkLines) }
        let search = LineSearch(file.lines)
        defer { result.effort += search.effort }
        var placement = HunkPlacement()
        var failed = false
        for (index, hunk) in side.patch.hunks.enumerated() {
            decoded.decode(hunk, of: side.patch.source, reverse: side.reverse)
            let request = HunkPlacement.Request(hunk, reverse: side.reverse)
            let before = placement
            let oldLine = side.reverse ? hunk.newStart : hunk.oldStart
            guard let place = placement.place(request, pattern: decoded.pattern, in: search, fuzz: policy.fuzz),
                !isRepeated(hunk, index, place.fuzz, side, search), edits.take(decoded, at: place.line)
            else {
                failed = true
                let isApplied = side.appliedLine(hunk, in: search) != nil
                reports.append(
                    HunkReport(
                        number: index + 1, verdict: isApplied ? .alreadyApplied : .failed, hunk: hunk,
                        of: side.patch.source, oldLine: oldLine, line: nil))
                continue
            }
            let shift = placement.offset - before.offset
            var verdict: PlacementVerdict = place.fuzz > 0 ? .fuzz : place.line != request.first ? .offset : .clean
            var others: [Int] = []
            var landedIn: String?
            if shift != 0 || place.fuzz > 0 {
                others = before.otherPlaces(
                    request, pattern: decoded.pattern, in: search, fuzz: place.fuzz, except: place.line)
                if !others.isEmpty { verdict = .ambiguous }
                landedIn = EnclosingFunction.other(
                    than: hunk, of: side.patch.source, at: place.line, in: search.lines)
            }
            placement.frozen = edits.consumed
            reports.append(
                HunkReport(
                    number: index + 1, verdict: verdict, hunk: hunk, of: side.patch.source, oldLine: oldLine,
                    line: place.line, offset: place.line - request.first, fuzz: place.fuzz, alsoFits: others,
                    landedIn: landedIn, isUnchecked: decoded.pattern.isEmpty && !search.lines.isEmpty))
        }
        return (reports, failed)
    }

    /// Whether the first hunk of a file is there already, found with less fuzz than it needs to be applied. GNU patch
    /// without `-f` looks for that before each try with more fuzz, and then leaves the file alone.
    private func isRepeated(_ hunk: Hunk, _ index: Int, _ fuzz: Int, _ side: FileSide, _ file: LineSearch) -> Bool {
        guard index == 0, fuzz > 0, !policy.appliesRepeated else { return false }
        return side.appliedLine(hunk, in: file, fuzz: fuzz - 1) != nil
    }
}
