/// Places the hunks of a file as git apply does, one after the other in the file as the earlier ones have left it
/// (git, `apply.c`).
///
/// 1. A hunk that names line 0 or 1 must be at the start of the file, one without trailing context at its end.
/// 2. Otherwise the line it names on the new side is tried, then one line after and before it, two lines, and so on.
/// 3. No line that an earlier hunk has written, its context included, comes into question; earlier hunks may lie behind.
/// 4. There is no fuzz, and an offset does not carry over.
struct GitPlacement {
    private struct Row {
        var line: Line
        /// The line of the old file, from 1.
        var origin: Int
        var isPatched: Bool
    }

    private var rows: [Row]
    /// The file before the first hunk.
    private let file: LineSearch
    /// By how much hunks have moved the lines from one of the old file (from 1) on, in the order of the hunks.
    private var shifts: [(origin: Int, by: Int)] = []
    /// Whether a hunk has left nothing where it was: lines are neighbours that were not.
    private var hasSeams = false

    /// Starts with a file.
    init(_ file: LineSearch) {
        self.file = file
        rows = file.lines.enumerated().map { Row(line: $1, origin: $0 + 1, isPatched: false) }
    }

    /// The file as it is now.
    var lines: [Line] { rows.map(\.line) }

    /// Applies a hunk.
    /// - Returns: The line of the old file where it was found, from 1; `nil` where it has no place.
    mutating func apply(_ hunk: Hunk, reverse: Bool, _ decoded: HunkLines) -> Int? {
        let named = reverse ? (old: hunk.newStart, new: hunk.oldStart) : (old: hunk.oldStart, new: hunk.newStart)
        let pattern = decoded.pattern
        let atStart = named.old <= 1
        let atEnd = hunk.suffixContext == 0
        guard pattern.count <= rows.count else { return nil }
        let start = atStart ? 0 : atEnd ? rows.count - pattern.count : min(max(named.new - 1, 0), rows.count)
        guard let found = find(pattern, from: start, atStart: atStart, atEnd: atEnd) else { return nil }
        let origin = rows[found...].first { $0.origin > 0 }?.origin ?? (rows.last { $0.origin > 0 }?.origin ?? 0) + 1
        var written: [Row] = []
        var at = found
        for (operation, line) in decoded.operations {
            switch operation {
            case .keep:
                written.append(Row(line: rows[at].line, origin: rows[at].origin, isPatched: true))
                at += 1
            case .delete: at += 1
            case .insert: written.append(Row(line: line, origin: 0, isPatched: true))
            }
        }
        if let next = rows[at...].first(where: { $0.origin > 0 }) {
            shifts.append((next.origin, written.count - (at - found)))
        }
        hasSeams = hasSeams || written.isEmpty
        rows.replaceSubrange(found..<at, with: written)
        return origin
    }

    private func find(_ pattern: [Line], from start: Int, atStart: Bool, atEnd: Bool) -> Int? {
        let last = rows.count - pattern.count
        // The only place is where it starts to look.
        if atStart || atEnd { return start == (atEnd ? last : 0) && isFree(pattern, at: start) ? start : nil }
        for distance in 0...max(start, rows.count - start) {
            if distance % 64 == 63, !hasSeams, file.prefersIndex(for: rows.count - distance) {
                return indexed(pattern, from: start)
            }
            file.count(2)
            if start + distance <= last, isFree(pattern, at: start + distance) { return start + distance }
            if distance > 0, start >= distance, start - distance <= last, isFree(pattern, at: start - distance) {
                return start - distance
            }
        }
        return nil
    }

    /// Whether lines that no hunk has written are what a hunk expects.
    private func isFree(_ pattern: [Line], at place: Int) -> Bool {
        var index = 0
        while index < pattern.count {
            if rows[place + index].isPatched || rows[place + index].line != pattern[index] { return false }
            index += 1
        }
        return true
    }

    /// The same place found through the index of the old file. What is not written yet lies there as it does here.
    private func indexed(_ pattern: [Line], from start: Int) -> Int? {
        guard !pattern.isEmpty else { return nil }
        let places = file.places(of: pattern[...]).compactMap { origin -> Int? in
            let place = shifts.reduce(origin - 1) { $1.origin <= origin ? $0 + $1.by : $0 }
            guard rows.indices.contains(place), place + pattern.count <= rows.count, rows[place].origin == origin else {
                return nil
            }
            return rows[place..<place + pattern.count].contains(where: \.isPatched) ? nil : place
        }
        return places.min { left, right in
            let distances = (abs(left - start), abs(right - start))
            return distances.0 != distances.1 ? distances.0 < distances.1 : left > right
        }
    }
}

extension FileGroupPatcher {
    /// Applies all hunks that fit, by git's rules; where any does not, the file keeps its lines.
    mutating func placeAsGit(
        _ side: FileSide, _ file: inout WorkingFile, _ entry: FileGroups.Entry
    ) -> [HunkReport] {
        let search = LineSearch(file.lines)
        defer { result.effort += search.effort }
        var placement = GitPlacement(search)
        var lines = HunkLines()
        var reports: [HunkReport] = []
        for (index, hunk) in side.patch.hunks.enumerated() {
            lines.decode(hunk, of: side.patch.source, reverse: side.reverse)
            let request = HunkPlacement.Request(hunk, reverse: side.reverse)
            let oldLine = side.reverse ? hunk.newStart : hunk.oldStart
            guard let line = placement.apply(hunk, reverse: side.reverse, lines) else {
                let isApplied = side.appliedLine(hunk, in: search) != nil
                reports.append(
                    HunkReport(
                        number: index + 1, verdict: isApplied ? .alreadyApplied : .failed, hunk: hunk,
                        of: side.patch.source, oldLine: oldLine, line: nil))
                continue
            }
            let offset = line - request.first
            let others =
                offset == 0
                ? []
                : HunkPlacement().otherPlaces(request, pattern: lines.pattern, in: search, fuzz: 0, except: line)
            let verdict: PlacementVerdict = offset == 0 ? .clean : others.isEmpty ? .offset : .ambiguous
            reports.append(
                HunkReport(
                    number: index + 1, verdict: verdict, hunk: hunk, of: side.patch.source, oldLine: oldLine,
                    line: line, offset: offset, alsoFits: others,
                    landedIn: offset == 0
                        ? nil : EnclosingFunction.other(than: hunk, of: side.patch.source, at: line, in: file.lines),
                    isUnchecked: lines.pattern.isEmpty && !file.lines.isEmpty))
        }
        guard reports.allSatisfy(\.verdict.isApplied) else { return reports }
        if options.refreshes, reports.contains(where: { $0.verdict != .clean }) {
            result.rewritten += HunkRewriter(
                side: side, entry: entry, patch: parsed[entry.patch].blob, file: file.lines
            ).rewrite(reports)
        }
        file.lines = placement.lines
        file.keep(side.patch.source)
        return reports
    }
}
