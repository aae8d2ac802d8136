extension PatchParser {
    /// Lines right after a hunk that look like more of it: its counts are wrong.
    func refuseSurplus() throws(PatchError) {
        guard position < blob.count else { return }
        let end = blob.endOfLine(position)
        switch blob.byte(position) {
        case UInt8(ascii: "+"):
            // A lone name right before a hunk is a header.
            if blob.matches("+++ ", at: position) && blob.matches("@@ -", at: end) && reading != .git { return }
            throw error(.surplusLine, lineNumber)
        case UInt8(ascii: "-"):
            if blob.matches("--", at: position) && contentEnd(end) - position <= 3 { return }
            if blob.matches("--- ", at: position) && blob.matches("+++ ", at: end) { return }
            if blob.matches("--- ", at: position) && blob.matches("@@ -", at: end) && reading != .git { return }
            throw error(.surplusLine, lineNumber)
        default: return
        }
    }

    /// The hunks over a copy of their lines without carriage returns at the ends.
    static func withoutReturns(_ blob: Blob, _ hunks: [Hunk]) -> (Blob, [Hunk]) {
        var bytes: [UInt8] = []
        func copy(_ range: Range<Int>) -> Range<Int> {
            let start = bytes.count
            for index in range
            where !(blob.byte(index) == 13 && (blob.byte(index + 1) == 10 && index + 1 < range.upperBound)) {
                bytes.append(blob.byte(index))
            }
            return start..<bytes.count
        }
        let copies = hunks.map { hunk in
            Hunk(
                line: hunk.line, oldStart: hunk.oldStart, oldCount: hunk.oldCount, newStart: hunk.newStart,
                newCount: hunk.newCount, prefixContext: hunk.prefixContext, suffixContext: hunk.suffixContext,
                section: copy(hunk.section), body: copy(hunk.body))
        }
        return (Blob(bytes), copies)
    }

    /// The last line of the last hunk where the file ends without a newline: GNU patch adds it to a line of context,
    /// and so does this; a changed line has been cut.
    func completed(_ source: Blob, _ hunks: [Hunk]) throws(PatchError) -> (Blob, [Hunk]) {
        guard var last = hunks.last, last.body.upperBound > last.body.lowerBound,
            source.byte(last.body.upperBound - 1) != 10
        else { return (source, hunks) }
        var start = last.body.upperBound
        while start > last.body.lowerBound, source.byte(start - 1) != 10 { start -= 1 }
        switch source.byte(start) {
        case UInt8(ascii: "\\"): return (source, hunks)
        case _ where reading == .git: throw error(.unfinishedLine, lineNumber - 1)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): throw error(.unfinishedLine, lineNumber - 1)
        default: break
        }
        let body = last.body.lowerBound..<last.body.upperBound + 1
        last = Hunk(
            line: last.line, oldStart: last.oldStart, oldCount: last.oldCount, newStart: last.newStart,
            newCount: last.newCount, prefixContext: last.prefixContext, suffixContext: last.suffixContext,
            section: last.section, body: body)
        return (Blob(source.bytes + [10]), hunks.dropLast() + [last])
    }

    // MARK: - Indented patches and other formats

    /// Notices an indented header; an indented hunk after it is applied by GNU patch and left alone by git.
    /// - Returns: Whether lines were taken.
    mutating func takeIndentedPatch(_ content: Range<Int>) throws(PatchError) -> Bool {
        let first = blob.byte(position)
        guard first == 32 || first == 9, git == nil, names.old == nil, names.new == nil, reading != .git else {
            return false
        }
        var at = position
        while at < content.upperBound, blob.byte(at) == 32 || blob.byte(at) == 9 { at += 1 }
        switch blob.byte(at) {
        case UInt8(ascii: "-") where blob.matches("--- ", at: at), UInt8(ascii: "+") where blob.matches("+++ ", at: at),
            UInt8(ascii: "d") where blob.matches("diff --git ", at: at),
            UInt8(ascii: "I") where blob.matches("Index:", at: at):
            if indented == nil { indented = (position, lineNumber) }
            return false
        case UInt8(ascii: "@") where blob.matches("@@ -", at: at): break
        default: return false
        }
        guard let header = indented else { return false }
        indented = nil
        guard reading == .gnu else {
            note(content, looksLikePatch: true)
            return false
        }
        let block = IndentedPatch(blob, from: header.position, hunk: position)
        let inner = try Self.parse(
            block.unindented, name: result.name, strip: strip, reading: .gnu, firstLine: header.line)
        result.files += inner.files
        result.regions.append(PatchRegion(kind: .hunk, bytes: position..<block.end))
        lineNumber += block.lines
        position = block.end
        return true
    }

    /// Behind a header: an ed script, which nobody should run, and a normal diff.
    func refuseOtherFormats(_ content: Range<Int>, _ end: Int) throws(PatchError) {
        guard (48...57).contains(blob.byte(position)), git == nil, reading != .git,
            names.old != nil || names.new != nil || names.index != nil,
            let command = OtherDiff.command(blob, content)
        else { return }
        if command == .normal, !(blob.matches("< ", at: end) || blob.matches("> ", at: end)) { return }
        throw error(.unsupported(command == .ed ? "an ed script" : "a normal diff"), lineNumber)
    }

    mutating func takeBinaryNotice() throws(PatchError) {
        if git == nil && names.index == nil {
            let end = contentEnd(blob.endOfLine(position))
            let text = blob.text(position + 13..<end - 7)
            // "Binary files OLD and NEW": the names are only for the report.
            names.line = lineNumber
            for name in text.split(separator: " ") where name.contains("/") && !name.hasPrefix("/dev/null") {
                if let rest = HeaderName.strip(Array(name.utf8), strip), let path = RelativePath(rest) {
                    names.index = path
                }
            }
        }
        try append(hunks: [], source: blob, payload: .binaryWithoutContent)
        endChange()
    }
}

/// An indented patch, taken for one by GNU patch wherever it stands, such as in a description.
struct IndentedPatch {
    /// The lines without their indentation.
    let unindented: Blob
    /// Where the lines end in the patch file.
    let end: Int
    /// How many lines there are from the hunk on.
    let lines: Int

    /// Takes lines from an indented header on, as long as they are indented like the hunk.
    /// - Parameters:
    ///   - header: Where the first line of the header begins.
    ///   - hunk: Where the line with the `@@` begins.
    init(_ blob: Blob, from header: Int, hunk: Int) {
        var bytes: [UInt8] = []
        var at = header
        while at < hunk {
            let end = blob.endOfLine(at)
            bytes += HeaderName.slice(blob, Self.text(blob, at..<end, most: .max)..<end)
            at = end
        }
        let width = Self.text(blob, hunk..<blob.count, most: .max) - hunk
        var lines = 0
        while at < blob.count {
            let end = blob.endOfLine(at)
            let text = Self.text(blob, at..<end, most: width)
            let isBlank = blob.line(at, end).isBlank
            guard text - at == width || isBlank else { break }
            bytes += isBlank && text - at < width ? [10] : HeaderName.slice(blob, text..<end)
            lines += 1
            at = end
        }
        unindented = Blob(bytes)
        self.end = at
        self.lines = lines
    }

    /// Where the text of a line begins, with at most so much white space left out.
    private static func text(_ blob: Blob, _ range: Range<Int>, most: Int) -> Int {
        var at = range.lowerBound
        while at < range.upperBound, at - range.lowerBound < most, blob.byte(at) == 32 || blob.byte(at) == 9 { at += 1 }
        return at
    }
}

/// Formats of diff(1) that are not applied.
enum OtherDiff {
    case ed, normal

    /// What a line such as `5c5` or `3,4d` is a command of.
    static func command(_ blob: Blob, _ line: Range<Int>) -> OtherDiff? {
        var at = line.lowerBound
        func numbers() -> Bool {
            let start = at
            while at < line.upperBound, (48...57).contains(blob.byte(at)) || blob.byte(at) == UInt8(ascii: ",") {
                at += 1
            }
            return at > start
        }
        guard numbers(), at < line.upperBound, Array("acd".utf8).contains(blob.byte(at)) else { return nil }
        at += 1
        if at == line.upperBound { return .ed }
        return numbers() && at == line.upperBound ? .normal : nil
    }
}

extension ParsedPatch {
    /// Takes a patch file apart.
    /// - Parameters:
    ///   - blob: The whole patch file.
    ///   - name: How the patch is called in errors and reports.
    ///   - strip: How many leading folders file names lose (`-p`).
    ///   - reading: Whose rules for odd input it is.
    /// - Throws: ``PatchError`` with the line of the patch file.
    public static func parse(
        _ blob: Blob, name: String, strip: Int = 1, reading: PatchReading = .kit
    ) throws(PatchError) -> ParsedPatch {
        try PatchParser.parse(blob, name: name, strip: strip, reading: reading)
    }
}
