/// Reads unified hunks: the header, then exactly as many lines as it promises.
struct HunkParser {
    /// More than any file has lines: a number above it is damage or an attack.
    static let largestNumber = 1 << 40

    let blob: Blob
    let patch: String
    /// Whose rules for odd input it is.
    var reading = PatchReading.kit

    /// Reads the hunk whose header starts at `position`.
    /// - Parameters:
    ///   - position: Moved after the hunk.
    ///   - lineNumber: The line in the patch file, moved along.
    ///   - stripsReturns: Whether a carriage return before a newline does not count.
    func parse(_ position: inout Int, _ lineNumber: inout Int, stripsReturns: Bool) throws(PatchError) -> Hunk {
        let headerLine = lineNumber
        let headerEnd = blob.endOfLine(position)
        let header = try parseHeader(position..<headerEnd, line: headerLine)
        position = headerEnd
        lineNumber += 1
        let bodyStart = position
        var scanner = LineScanner(blob, from: position)
        var old = header.oldCount
        var new = header.newCount
        var context = 0
        var prefix = -1
        while old > 0 || new > 0 {
            guard position < blob.count else {
                throw error(.truncatedHunk(missingOld: old, missingNew: new), lineNumber - 1)
            }
            let kind = blob.byte(position)
            if kind == UInt8(ascii: "\t"), reading == .git { throw error(.strayLine, lineNumber) }
            switch kind {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"):
                guard old > 0, new > 0 else {
                    throw error(.truncatedHunk(missingOld: old, missingNew: new), lineNumber)
                }
                old -= 1
                new -= 1
                context += 1
            case UInt8(ascii: "-"):
                guard old > 0 else { throw error(.truncatedHunk(missingOld: old, missingNew: new), lineNumber) }
                old -= 1
                if prefix < 0 { prefix = context }
                context = 0
            case UInt8(ascii: "+"):
                guard new > 0 else { throw error(.truncatedHunk(missingOld: old, missingNew: new), lineNumber) }
                new -= 1
                if prefix < 0 { prefix = context }
                context = 0
            case UInt8(ascii: "\r") where stripsReturns && blob.byte(position + 1) == UInt8(ascii: "\n"):
                guard old > 0, new > 0 else {
                    throw error(.truncatedHunk(missingOld: old, missingNew: new), lineNumber)
                }
                old -= 1
                new -= 1
                context += 1
            case UInt8(ascii: "@"), UInt8(ascii: "d"), UInt8(ascii: "I"):
                throw error(.truncatedHunk(missingOld: old, missingNew: new), lineNumber)
            default:
                throw error(.strayLine, lineNumber)
            }
            position = scanner.endOfLine(position)
            lineNumber += 1
            if blob.byte(position) == UInt8(ascii: "\\"), position < blob.count {
                let isLast =
                    kind == UInt8(ascii: "-") ? old == 0 : kind == UInt8(ascii: "+") ? new == 0 : old == 0 && new == 0
                guard isLast else { throw error(.misplacedMarker, lineNumber) }
                position = scanner.endOfLine(position)
                lineNumber += 1
            }
        }
        guard prefix >= 0 else { throw error(.emptyHunk, headerLine) }
        return Hunk(
            line: headerLine, oldStart: header.oldStart, oldCount: header.oldCount, newStart: header.newStart,
            newCount: header.newCount, prefixContext: prefix, suffixContext: context, section: header.section,
            body: bodyStart..<position)
    }

    private struct Header {
        var oldStart = 0
        var oldCount = 1
        var newStart = 0
        var newCount = 1
        var section = 0..<0
    }

    private func parseHeader(_ range: Range<Int>, line: Int) throws(PatchError) -> Header {
        var header = Header()
        var at = range.lowerBound + 4  // "@@ -"
        header.oldStart = try number(&at, line)
        if blob.byte(at) == UInt8(ascii: ",") {
            at += 1
            header.oldCount = try number(&at, line)
        }
        if blob.byte(at) == 32 { at += 1 }
        guard blob.byte(at) == UInt8(ascii: "+") else { throw error(.malformedHunkHeader, line) }
        at += 1
        header.newStart = try number(&at, line)
        if blob.byte(at) == UInt8(ascii: ",") {
            at += 1
            header.newCount = try number(&at, line)
        }
        if blob.byte(at) == 32 { at += 1 }
        guard blob.byte(at) == UInt8(ascii: "@") else { throw error(.malformedHunkHeader, line) }
        while blob.byte(at) == UInt8(ascii: "@") { at += 1 }
        if blob.byte(at) == 32 { at += 1 }
        var end = range.upperBound
        while end > at, blob.byte(end - 1) == 10 || blob.byte(end - 1) == 13 { end -= 1 }
        header.section = min(at, end)..<end
        return header
    }

    private func number(_ at: inout Int, _ line: Int) throws(PatchError) -> Int {
        let start = at
        var value = 0
        while (48...57).contains(blob.byte(at)) {
            value = value * 10 + Int(blob.byte(at)) - 48
            guard value <= Self.largestNumber else { throw error(.absurdNumber, line) }
            at += 1
        }
        guard at > start else { throw error(.malformedHunkHeader, line) }
        return value
    }

    private func error(_ problem: PatchError.Problem, _ line: Int) -> PatchError {
        PatchError(patch: patch, line: line, problem: problem)
    }
}

/// A hunk's lines, decoded for applying in one direction. Reused from hunk to hunk.
struct HunkLines {
    /// What is done with a line.
    enum Operation: UInt8 { case keep, delete, insert }

    /// Lines that are kept, then lines that are deleted, then lines that are inserted; any of them may be none.
    struct Run {
        var kept = 0
        var deleted = 0
        var inserted = 0
    }

    /// The lines the file must have: those that are kept and those that are deleted.
    private(set) var pattern: [Line] = []
    /// The lines that are put in.
    private(set) var inserted: [Line] = []
    /// The order of all of them, as in the patch.
    private(set) var runs: [Run] = []

    /// How many lines come before the first change.
    var leadingContext: Int { runs.first?.kept ?? 0 }

    /// Every line with what is done with it, in the order of the patch.
    var operations: [(operation: Operation, line: Line)] {
        var operations: [(operation: Operation, line: Line)] = []
        operations.reserveCapacity(pattern.count + inserted.count)
        var (old, new) = (0, 0)
        for run in runs {
            for line in pattern[old..<old + run.kept] { operations.append((.keep, line)) }
            old += run.kept
            for line in pattern[old..<old + run.deleted] { operations.append((.delete, line)) }
            old += run.deleted
            for line in inserted[new..<new + run.inserted] { operations.append((.insert, line)) }
            new += run.inserted
        }
        return operations
    }

    /// Decodes a hunk that ``HunkParser`` has read before.
    mutating func decode(_ hunk: Hunk, of source: Blob, reverse: Bool) {
        let (minus, plus) = reverse ? (UInt8(ascii: "+"), UInt8(ascii: "-")) : (UInt8(ascii: "-"), UInt8(ascii: "+"))
        pattern.removeAll(keepingCapacity: true)
        inserted.removeAll(keepingCapacity: true)
        runs.removeAll(keepingCapacity: true)
        var run = Run()
        var at = max(hunk.body.lowerBound, 0)
        let end = min(hunk.body.upperBound, source.count)
        let bytes = source.start
        var scanner = LineScanner(source, from: at)
        while at < end {
            let next = scanner.endOfLine(at)
            let kind = bytes[at]
            // A blank or tab at the start of the line: the leading space got lost on the way.
            let isBare = kind == UInt8(ascii: "\n") || kind == UInt8(ascii: "\t")
            let start = isBare ? at : at + 1
            var line = Line(start: bytes + start, count: next - start)
            at = next
            if at < end, bytes[at] == UInt8(ascii: "\\") {
                if line.isComplete { line.count -= 1 }
                at = scanner.endOfLine(at)
            }
            if kind == plus {
                run.inserted += 1
                inserted.append(line)
                continue
            }
            if kind == minus {
                if run.inserted > 0 {
                    runs.append(run)
                    run = Run()
                }
                run.deleted += 1
            } else {
                if run.inserted + run.deleted > 0 {
                    runs.append(run)
                    run = Run()
                }
                run.kept += 1
            }
            pattern.append(line)
        }
        runs.append(run)
    }
}
