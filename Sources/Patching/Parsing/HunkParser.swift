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

    /// The lines the file must have.
    var pattern: [Line] = []
    /// Every line with what is done with it, in the order of the patch.
    var operations: [(operation: Operation, line: Line)] = []

    /// Decodes a hunk that ``HunkParser`` has read before.
    mutating func decode(_ hunk: Hunk, of source: Blob, reverse: Bool) {
        pattern.removeAll(keepingCapacity: true)
        operations.removeAll(keepingCapacity: true)
        if operations.capacity == 0 {
            pattern.reserveCapacity(64)
            operations.reserveCapacity(128)
        }
        let minus: Operation = reverse ? .insert : .delete
        let plus: Operation = reverse ? .delete : .insert
        var at = hunk.body.lowerBound
        var scanner = LineScanner(source, from: at)
        while at < hunk.body.upperBound {
            let end = scanner.endOfLine(at)
            let kind = source.byte(at)
            // A blank or tab at the start of the line: the leading space got lost on the way.
            let isBare = kind == UInt8(ascii: "\n") || kind == UInt8(ascii: "\t")
            var line = source.line(isBare ? at : at + 1, end)
            at = end
            if at < hunk.body.upperBound, source.byte(at) == UInt8(ascii: "\\") {
                if line.isComplete { line.count -= 1 }
                at = scanner.endOfLine(at)
            }
            let operation: Operation =
                switch kind {
                case UInt8(ascii: "-"): minus
                case UInt8(ascii: "+"): plus
                default: .keep
                }
            if operation != .insert { pattern.append(line) }
            operations.append((operation, line))
        }
    }
}
