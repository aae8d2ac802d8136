/// Reads the hunks of a context diff and writes them down as unified ones.
///
/// A hunk is a line of asterisks, `*** FIRST,LAST ****` with the old lines and `--- FIRST,LAST ----` with the new
/// ones, each line after two characters of which the first is space, `-`, `+` or `!`. A side without changes of its
/// own leaves its lines out.
struct ContextDiffParser {
    let blob: Blob
    let patch: String
    /// Whether a carriage return before a newline does not count.
    let stripsReturns: Bool
    /// The hunks as unified text.
    private(set) var unified: [UInt8] = []
    /// The hunks, with ranges of ``unified``.
    private(set) var hunks: [Hunk] = []

    init(blob: Blob, patch: String, stripsReturns: Bool = false) {
        self.blob = blob
        self.patch = patch
        self.stripsReturns = stripsReturns
    }

    private struct Row {
        var kind: UInt8
        var text: ArraySlice<UInt8>
    }

    private struct Half {
        var first = 0
        var last = 0
        var rows: [Row] = []
        /// How many lines its header says it has.
        var count: Int { first == 0 ? 0 : last - first + 1 }
        /// Whether it was left out and stands for the other half's context.
        var isImplied = false

        mutating func take(contextOf other: Half) {
            rows = other.rows.filter { $0.kind == UInt8(ascii: " ") }
            isImplied = true
        }

        /// How many runs of lines marked `!` there are.
        var changedRuns: Int {
            rows.indices.count { rows[$0].kind == UInt8(ascii: "!") && ($0 == 0 || rows[$0 - 1].kind != rows[$0].kind) }
        }
    }

    /// Reads hunks as long as lines of asterisks follow.
    mutating func parse(_ position: inout Int, _ lineNumber: inout Int) throws(PatchError) {
        while blob.matches("***************", at: position) { try parseHunk(&position, &lineNumber) }
    }

    /// Reads one hunk, from its line of asterisks on.
    mutating func parseHunk(_ position: inout Int, _ lineNumber: inout Int) throws(PatchError) {
        let line = lineNumber
        let end = blob.endOfLine(position)
        let section = text(position + 15, end)
        position = end
        lineNumber += 1
        var old = try half(&position, &lineNumber, "*** ", changes: [UInt8(ascii: "-"), UInt8(ascii: "!")])
        let isRemoval = !old.rows.isEmpty && !old.rows.contains { $0.kind == UInt8(ascii: "!") }
        var new = try half(
            &position, &lineNumber, "--- ", changes: [UInt8(ascii: "+"), UInt8(ascii: "!")], mayBeLeftOut: isRemoval)
        if old.rows.isEmpty { old.take(contextOf: new) } else if new.rows.isEmpty { new.take(contextOf: old) }
        guard old.rows.count == old.count, new.rows.count == new.count else {
            throw error(
                .truncatedHunk(missingOld: old.count - old.rows.count, missingNew: new.count - new.rows.count), line)
        }
        try merge(old, new, line: line, section: section)
    }

    private func text(_ start: Int, _ end: Int) -> [UInt8] {
        var end = end
        while end > start, blob.byte(end - 1) == 10 || blob.byte(end - 1) == 13 { end -= 1 }
        var start = start
        while start < end, blob.byte(start) == 32 { start += 1 }
        return HeaderName.slice(blob, start..<end)
    }

    /// A line of a file; one that the end of the patch has cut is completed (GNU patch).
    private func line(_ range: Range<Int>) -> ArraySlice<UInt8> {
        var text = HeaderName.slice(blob, range)[...]
        if text.last != 10 { text.append(10) }
        if stripsReturns, text.count > 1, text[text.endIndex - 2] == 13 { text.remove(at: text.endIndex - 2) }
        return text
    }

    private func half(
        _ position: inout Int, _ lineNumber: inout Int, _ keyword: StaticString, changes: [UInt8],
        mayBeLeftOut: Bool = false
    ) throws(PatchError) -> Half {
        guard blob.matches(keyword, at: position) else { throw error(.malformedHunkHeader, lineNumber) }
        var half = Half()
        var at = position + 4
        half.first = try number(&at, lineNumber)
        half.last = half.first
        if blob.byte(at) == UInt8(ascii: ",") {
            at += 1
            half.last = try number(&at, lineNumber)
        }
        guard blob.byte(at) == 32, blob.byte(at + 1) == blob.byte(position) else {
            throw error(.malformedHunkHeader, lineNumber)
        }
        guard half.first == 0 ? half.last == 0 : half.last >= half.first else {
            throw error(.malformedHunkHeader, lineNumber)
        }
        let most = half.count
        position = blob.endOfLine(position)
        lineNumber += 1
        while half.rows.count < most, position < blob.count {
            let kind = blob.byte(position)
            let end = blob.endOfLine(position)
            if kind == 10 || stripsReturns && kind == 13 && blob.byte(position + 1) == 10 {
                // A blank line after a side that was left out (GNU patch).
                if mayBeLeftOut && half.rows.isEmpty { break }
                half.rows.append(Row(kind: 32, text: [10]))
            } else if kind == 32 || changes.contains(kind), !startsHeader(position) {
                // The second character is a space or tab, or got lost on the way (GNU patch).
                let second = blob.byte(position + 1)
                let hasSecond = second == 32 || second == 9
                if kind == 32 && !hasSecond && mayBeLeftOut && !half.rows.contains(where: { $0.kind != 32 }) { break }
                half.rows.append(Row(kind: kind, text: line(position + (hasSecond ? 2 : 1)..<end)))
            } else {
                break
            }
            position = end
            lineNumber += 1
            if blob.matches("\\ ", at: position) {
                let last = half.rows.count - 1
                if half.rows[last].text.last == 10 { half.rows[last].text.removeLast() }
                position = blob.endOfLine(position)
                lineNumber += 1
            }
        }
        // A side is there with all of its lines or with none.
        guard half.rows.isEmpty || half.rows.count == most else {
            let missing = most - half.rows.count
            let isOld = blob.matches("--- ", at: position)
            throw error(.truncatedHunk(missingOld: isOld ? missing : 0, missingNew: isOld ? 0 : missing), lineNumber)
        }
        return half
    }

    /// Whether the header of the second half starts here: no removed line begins with two dashes and no space.
    private func startsHeader(_ position: Int) -> Bool {
        blob.byte(position) == UInt8(ascii: "-") && blob.byte(position + 1) == UInt8(ascii: "-")
    }

    private mutating func merge(_ old: Half, _ new: Half, line: Int, section: [UInt8]) throws(PatchError) {
        let sectionStart = unified.count
        unified += section
        let bodyStart = unified.count
        var left = 0
        var right = 0
        var context = 0
        var prefix = -1
        while left < old.rows.count || right < new.rows.count {
            if left < old.rows.count, old.rows[left].kind != 32 {
                write(UInt8(ascii: "-"), old.rows[left].text)
                left += 1
            } else if right < new.rows.count, new.rows[right].kind != 32 {
                write(UInt8(ascii: "+"), new.rows[right].text)
                right += 1
            } else {
                guard left < old.rows.count, right < new.rows.count, old.rows[left].text == new.rows[right].text else {
                    throw error(.strayLine, line)
                }
                write(32, old.rows[left].text)
                left += 1
                right += 1
                context += 1
                continue
            }
            if prefix < 0 { prefix = context }
            context = 0
        }
        guard prefix >= 0 else { throw error(.emptyHunk, line) }
        // Lines marked `!` are changed into others: both sides have as many runs of them.
        guard old.changedRuns == new.changedRuns || old.isImplied || new.isImplied else {
            throw error(.strayLine, line)
        }
        hunks.append(
            Hunk(
                line: line, oldStart: old.first, oldCount: old.rows.count, newStart: new.first,
                newCount: new.rows.count, prefixContext: prefix, suffixContext: context,
                section: sectionStart..<bodyStart, body: bodyStart..<unified.count))
    }

    private mutating func write(_ kind: UInt8, _ text: ArraySlice<UInt8>) {
        unified.append(kind)
        unified += text
        if text.last != 10 { unified += Array("\n\\ No newline at end of file\n".utf8) }
    }

    private func number(_ at: inout Int, _ line: Int) throws(PatchError) -> Int {
        let start = at
        var value = 0
        while (48...57).contains(blob.byte(at)) {
            value = value * 10 + Int(blob.byte(at)) - 48
            guard value <= HunkParser.largestNumber else { throw error(.absurdNumber, line) }
            at += 1
        }
        guard at > start else { throw error(.malformedHunkHeader, line) }
        return value
    }

    private func error(_ problem: PatchError.Problem, _ line: Int) -> PatchError {
        PatchError(patch: patch, line: line, problem: problem)
    }
}
