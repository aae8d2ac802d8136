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

    /// Starts with a file.
    init(_ file: [Line]) {
        rows = file.enumerated().map { Row(line: $1, origin: $0 + 1, isPatched: false) }
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
        rows.replaceSubrange(found..<at, with: written)
        return origin
    }

    private func find(_ pattern: [Line], from start: Int, atStart: Bool, atEnd: Bool) -> Int? {
        for distance in 0...max(start, rows.count - start) {
            for place in distance == 0 ? [start] : [start + distance, start - distance]
            where place >= 0 && place + pattern.count <= rows.count {
                if atStart && place != 0 || atEnd && place + pattern.count != rows.count { continue }
                if pattern.indices.allSatisfy({ !rows[place + $0].isPatched && rows[place + $0].line == pattern[$0] }) {
                    return place
                }
            }
            if atStart && distance > 0 { return nil }
        }
        return nil
    }
}

extension FileGroupPatcher {
    /// Applies all hunks that fit, by git's rules; where any does not, the file keeps its lines.
    mutating func placeAsGit(
        _ side: FileSide, _ file: inout WorkingFile, _ entry: FileGroups.Entry
    ) -> [HunkReport] {
        var placement = GitPlacement(file.lines)
        var lines = HunkLines()
        var reports: [HunkReport] = []
        for (index, hunk) in side.patch.hunks.enumerated() {
            lines.decode(hunk, of: side.patch.source, reverse: side.reverse)
            let request = HunkPlacement.Request(hunk, reverse: side.reverse)
            let oldLine = side.reverse ? hunk.newStart : hunk.oldStart
            guard let line = placement.apply(hunk, reverse: side.reverse, lines) else {
                let isApplied = side.appliedLine(hunk, in: file.lines) != nil
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
                : HunkPlacement().otherPlaces(request, pattern: lines.pattern, in: file.lines, fuzz: 0, except: line)
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
