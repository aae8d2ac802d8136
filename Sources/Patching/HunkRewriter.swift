/// A hunk written anew for the place where it was found.
struct RewrittenHunk: Sendable {
    let entry: FileGroups.Entry
    /// Header and lines in the patch file.
    let range: Range<Int>
    /// What takes their place.
    let text: [UInt8]
}

/// Writes the hunks of a file patch anew: the line numbers where they were found, the context as the file has it.
struct HunkRewriter {
    let side: FileSide
    let entry: FileGroups.Entry
    /// The file before the patch.
    let file: [Line]

    /// The hunks whose text changes; empty for patches that are taken back or that are no plain unified diffs.
    func rewrite(_ reports: [HunkReport]) -> [RewrittenHunk] {
        guard !side.reverse else { return [] }
        var rewritten: [RewrittenHunk] = []
        var growth = 0
        for (hunk, report) in zip(side.patch.hunks, reports) {
            guard let line = report.line, let start = headerStart(hunk) else { return [] }
            let range = start..<hunk.body.upperBound
            var text = self.text(hunk, at: line, &growth)
            let old = side.patch.source.line(range.lowerBound, range.upperBound)
            // Nothing but the numbers of a clean hunk's new side may differ: they are left as they are.
            if report.verdict == .clean { text = Array(UnsafeBufferPointer(start: old.start, count: old.count)) }
            if !text.elementsEqual(UnsafeBufferPointer(start: old.start, count: old.count)) {
                rewritten.append(RewrittenHunk(entry: entry, range: range, text: text))
            }
        }
        return rewritten
    }

    /// Where the line with the `@@` begins.
    private func headerStart(_ hunk: Hunk) -> Int? {
        let source = side.patch.source
        var at = hunk.section.lowerBound
        while at > 0, source.byte(at - 1) != 10 { at -= 1 }
        return source.matches("@@ -", at: at) ? at : nil
    }

    private func text(_ hunk: Hunk, at line: Int, _ growth: inout Int) -> [UInt8] {
        var lines = HunkLines()
        lines.decode(hunk, of: side.patch.source, reverse: false)
        var body: [UInt8] = []
        var position = line - 1
        var (old, new) = (0, 0)
        var first: Int?
        // Lines of context before the first change, and after the last one.
        var prefix: Int?
        var context = 0
        func write(_ kind: UInt8, _ line: Line) {
            body.append(kind)
            body += line.content
            body.append(10)
            if !line.isComplete { body += Array("\\ No newline at end of file\n".utf8) }
        }
        for (operation, line) in lines.operations {
            switch operation {
            case .keep:
                // Context that fuzz has ignored may lie outside of the file.
                if file.indices.contains(position) {
                    write(UInt8(ascii: " "), file[position])
                    first = first ?? position
                    old += 1
                    new += 1
                    context += 1
                }
                position += 1
            case .delete:
                prefix = prefix ?? context
                context = 0
                write(UInt8(ascii: "-"), line)
                first = first ?? position
                position += 1
                old += 1
            case .insert:
                prefix = prefix ?? context
                context = 0
                write(UInt8(ascii: "+"), line)
                first = first ?? position
                new += 1
            }
        }
        // With less context behind than before, the hunk would belong to the end of the file and nowhere else.
        while context < prefix ?? 0, file.indices.contains(position) {
            write(UInt8(ascii: " "), file[position])
            position += 1
            context += 1
            old += 1
            new += 1
        }
        let begin = (first ?? line - 1) + 1
        let oldStart = old == 0 ? begin - 1 : begin
        let newStart = new == 0 ? begin + growth - 1 : begin + growth
        growth += new - old
        var header =
            "@@ -\(oldStart)" + (old == 1 ? "" : ",\(old)") + " +\(newStart)" + (new == 1 ? "" : ",\(new)") + " @@"
        if !hunk.section.isEmpty { header += " " }
        let section = side.patch.source.line(hunk.section.lowerBound, hunk.section.upperBound)
        return Array(header.utf8) + Array(UnsafeBufferPointer(start: section.start, count: section.count)) + [10] + body
    }
}
