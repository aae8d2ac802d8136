/// A hunk rewritten for the place where it was found.
struct RewrittenHunk: Sendable {
    let entry: FileGroups.Entry
    /// Header and lines in the patch file.
    let range: Range<Int>
    /// What takes their place.
    let text: [UInt8]
}

/// Rewrites the hunks of a file patch: the line numbers where they were found, the context as the file has it, in
/// the format and with the line ends they had.
struct HunkRewriter {
    let side: FileSide
    let entry: FileGroups.Entry
    /// The patch file.
    let patch: Blob
    /// The file before the patch.
    let file: [Line]

    /// The hunks whose text changes; empty where a hunk cannot be rewritten (an indented patch).
    func rewrite(_ reports: [HunkReport]) -> [RewrittenHunk] {
        var rewritten: [RewrittenHunk] = []
        var growth = 0
        var finder = HunkFinder(patch)
        for (hunk, report) in zip(side.patch.hunks, reports) {
            guard let line = report.line, let range = finder.range(of: hunk, in: side.patch) else { return [] }
            let text = HunkText(hunk, side, at: line, in: file)
            defer { growth += text.newCount - text.oldCount }
            // Nothing but the numbers of a clean hunk's other side may differ: they are left as they are.
            if report.verdict == .clean { continue }
            let hasReturns = side.patch.source !== patch && finder.endsWithReturn(range)
            let bytes = side.patch.isContextDiff ? text.context(growth) : text.unified(growth)
            let new = hasReturns ? HunkText.withReturns(bytes) : bytes
            let old = patch.line(range.lowerBound, range.upperBound)
            if !new.elementsEqual(UnsafeBufferPointer(start: old.start, count: old.count)) {
                rewritten.append(RewrittenHunk(entry: entry, range: range, text: new))
            }
        }
        return rewritten
    }
}

/// Finds hunks in their patch file.
struct HunkFinder {
    private let patch: Blob
    private var position = 0
    private var line = 1

    init(_ patch: Blob) { self.patch = patch }

    /// Header and lines of a hunk; `nil` where the patch file does not have it in this form. Hunks are asked for in
    /// order.
    mutating func range(of hunk: Hunk, in file: FilePatch) -> Range<Int>? {
        if file.source === patch, !file.isContextDiff {
            var at = hunk.section.lowerBound
            while at > 0, patch.byte(at - 1) != 10 { at -= 1 }
            return patch.matches("@@ -", at: at) ? at..<hunk.body.upperBound : nil
        }
        while line < hunk.line, position < patch.count {
            position = patch.endOfLine(position)
            line += 1
        }
        guard line == hunk.line else { return nil }
        let start = position
        var end = position
        var number = line
        if file.isContextDiff {
            var reader = ContextDiffParser(blob: patch, patch: "", stripsReturns: endsWithReturn(start..<patch.count))
            guard (try? reader.parseHunk(&end, &number)) != nil else { return nil }
        } else {
            let reader = HunkParser(blob: patch, patch: "")
            guard patch.matches("@@ -", at: start), (try? reader.parse(&end, &number, stripsReturns: true)) != nil
            else { return nil }
        }
        return start..<end
    }

    /// Whether the first line of a range ends with a carriage return.
    func endsWithReturn(_ range: Range<Int>) -> Bool {
        let end = patch.endOfLine(range.lowerBound)
        return end - 2 >= range.lowerBound && patch.byte(end - 1) == 10 && patch.byte(end - 2) == 13
    }
}
