/// Reads a patch file: unified diffs with or without git's extended header, one message or many.
///
/// 1. Outside of hunks, line by line, a header is collected: `diff --git` and its extension, `---`/`+++`, `Index:`.
/// 2. `@@ -` after a header begins hunks, which are read by their counts, one after another without gaps.
/// 3. Everything else is description before the first change of a message and ignored text after it.
/// 4. Every byte ends up in exactly one region.
struct PatchParser {
    let blob: Blob
    let strip: Int
    let reading: PatchReading
    var result: ParsedPatch
    var position = 0
    var lineNumber: Int
    /// Whether the current message has had a header or change yet.
    var isInDescription = true
    var isInSignature = false
    var git: GitHeader?
    var names = Names()
    /// `---` and `+++` lines that stand alone: where the names are, until a hunk or another header follows.
    var loose = LooseNames()
    /// The first line of an indented header, until a hunk or another header follows.
    var indented: (position: Int, line: Int)?

    /// What `---`, `+++` and `Index:` lines have said.
    struct Names {
        var line = 0
        var old: SideName?
        var new: SideName?
        var index: RelativePath?
        var tooShort: (name: String, line: Int)?
        /// Whether the last of these lines ends with a carriage return: then those of the hunks do not count.
        var hasReturn = false
    }

    struct LooseNames {
        var old: (range: Range<Int>, line: Int)?
        var new: (range: Range<Int>, line: Int)?
        var hasReturn = false
    }

    struct SideName {
        var path: RelativePath?
        /// Where the text after the name is; `nil` for `/dev/null`.
        var stamp: Range<Int>?

        /// Whether the name or its time stamp says that there is no file.
        func isEpoch(_ blob: Blob) -> Bool { stamp.map { TimeStamp.isEpoch(blob.text($0)) } ?? true }
    }

    init(name: String, blob: Blob, strip: Int, reading: PatchReading, firstLine: Int = 1) {
        self.blob = blob
        self.strip = strip
        self.reading = reading
        lineNumber = firstLine
        result = ParsedPatch(name: name, blob: blob)
    }

    /// Takes a patch file apart.
    /// - Parameters:
    ///   - name: How the patch is called in errors and reports.
    ///   - strip: How many leading folders file names lose (`-p`).
    ///   - reading: Whose rules for odd input it is.
    ///   - firstLine: The number of the first line.
    static func parse(
        _ blob: Blob, name: String, strip: Int, reading: PatchReading, firstLine: Int = 1
    ) throws(PatchError) -> ParsedPatch {
        var parser = PatchParser(name: name, blob: blob, strip: strip, reading: reading, firstLine: firstLine)
        while parser.position < blob.count { try parser.takeLine() }
        try parser.endHeader()
        if parser.result.files.isEmpty && (blob.count > 0 || reading == .git) {
            throw parser.error(.noPatch, firstLine)
        }
        return parser.result
    }

    func error(_ problem: PatchError.Problem, _ line: Int) -> PatchError {
        PatchError(patch: result.name, line: line, problem: problem)
    }

    // MARK: - Lines outside of hunks

    mutating func takeLine() throws(PatchError) {
        let end = blob.endOfLine(position)
        let content = position..<contentEnd(end)
        switch blob.byte(position) {
        case UInt8(ascii: "d") where blob.matches("diff --git ", at: position):
            try endHeader()
            var header = GitHeader(line: lineNumber, namesRange: position + 11..<content.upperBound)
            header.names = HeaderName.gitPair(blob, header.namesRange)
            git = header
            names.hasReturn = hasReturn(end)
            return advance(.header, end)
        case UInt8(ascii: "d") where blob.matches("diff ", at: position):
            try endHeader()
            return advance(.header, end)
        case UInt8(ascii: "-") where blob.matches("--- ", at: position) && blob.matches("+++ ", at: end):
            return try takeNames(end)
        case UInt8(ascii: "-") where git == nil && blob.matches("--- ", at: position):
            loose.old = (position + 4..<content.upperBound, lineNumber)
            loose.hasReturn = hasReturn(end)
        case UInt8(ascii: "+") where git == nil && blob.matches("+++ ", at: position):
            loose.new = (position + 4..<content.upperBound, lineNumber)
            loose.hasReturn = hasReturn(end)
        case UInt8(ascii: "*")
        where blob.matches("*** ", at: position) && blob.matches("--- ", at: end)
            && blob.matches("***************", at: blob.endOfLine(end)):
            return try takeContextDiff(end)
        case UInt8(ascii: "G") where git != nil && blob.matches("GIT binary patch", at: position):
            return try takeBinary(end)
        case UInt8(ascii: "@") where blob.matches("@@ -", at: position):
            try takeLooseNames()
            if git != nil || names.old != nil || names.new != nil || names.index != nil { return try takeHunks() }
            if reading == .git { throw error(.missingName, lineNumber) }
        case UInt8(ascii: "I") where blob.matches("Index: ", at: position):
            try endHeader()
            names.line = lineNumber
            names.index = try path(position + 7..<content.upperBound).path
            names.hasReturn = hasReturn(end)
            return advance(.header, end)
        case UInt8(ascii: "=") where names.index != nil && blob.matches("=====", at: position):
            return advance(.header, end)
        case UInt8(ascii: "F") where isMessageStart(content):
            try endHeader()
            isInDescription = true
            isInSignature = false
        case UInt8(ascii: "B") where isBinaryNotice(content):
            try takeBinaryNotice()
            return advance(.header, end)
        case UInt8(ascii: "-") where !isInDescription && content.count <= 3 && blob.matches("--", at: position):
            if content.count == 2 || blob.byte(position + 2) == 32 { isInSignature = true }
        default:
            if git != nil, try git?.take(blob, content, patch: result.name, line: lineNumber) == true {
                return advance(.header, end)
            }
        }
        try refuseOtherFormats(content, end)
        if try takeIndentedPatch(content) { return }
        takeText(content, end)
    }

    /// Text that is neither header nor hunk.
    mutating func takeText(_ content: Range<Int>, _ end: Int) {
        if isInDescription && git == nil && names.old == nil {
            if looksLikePatch(content) { note(content, looksLikePatch: true) }
            return advance(.description, end)
        }
        if isInSignature { return advance(.signature, end) }
        if !blob.line(content.lowerBound, content.upperBound).isBlank {
            note(content, looksLikePatch: looksLikePatch(content))
        } else if let last = result.ignored.indices.last,
            result.ignored[last].line + result.ignored[last].count == lineNumber
        {
            result.ignored[last].count += 1
        }
        advance(.ignored, end)
    }

    mutating func note(_ content: Range<Int>, looksLikePatch: Bool) {
        if let last = result.ignored.indices.last, result.ignored[last].line + result.ignored[last].count == lineNumber
        {
            result.ignored[last].count += 1
            if looksLikePatch && !result.ignored[last].looksLikePatch {
                result.ignored[last].looksLikePatch = true
                result.ignored[last].text = blob.text(content)
            }
        } else {
            let shown = content.lowerBound..<min(content.upperBound, content.lowerBound + 400)
            result.ignored.append(
                IgnoredText(line: lineNumber, count: 1, text: blob.text(shown), looksLikePatch: looksLikePatch))
        }
    }

    /// Whether text outside of hunks may have been meant to be applied.
    func looksLikePatch(_ content: Range<Int>) -> Bool {
        let at = content.lowerBound
        switch blob.byte(at) {
        case UInt8(ascii: "@"): return blob.matches("@@ -", at: at)
        case UInt8(ascii: "+"), UInt8(ascii: " "): return !isInDescription && git == nil
        case UInt8(ascii: "-"):
            return !isInDescription && git == nil
                && !(content.count <= 3 && blob.matches("--", at: at))
        case UInt8(ascii: "O"): return blob.matches("Only in ", at: at)
        case UInt8(ascii: "*"): return blob.matches("***************", at: at)
        case UInt8(ascii: "G"): return blob.matches("GIT binary patch", at: at)
        default: return false
        }
    }

    /// `From ` and an object name: the first line of a message as git writes it.
    func isMessageStart(_ content: Range<Int>) -> Bool {
        guard blob.matches("From ", at: content.lowerBound), content.count > 46 else { return false }
        let name = content.lowerBound + 5..<content.lowerBound + 45
        return blob.byte(name.upperBound) == 32
            && name.allSatisfy { (48...57).contains(blob.byte($0)) || (97...102).contains(blob.byte($0)) }
    }

    func isBinaryNotice(_ content: Range<Int>) -> Bool {
        guard blob.matches("Binary files ", at: content.lowerBound), content.count < 8192 else { return false }
        return blob.text(content).hasSuffix(" differ")
    }

    mutating func advance(_ kind: PatchRegion.Kind, _ end: Int) {
        if let last = result.regions.indices.last, result.regions[last].kind == kind {
            result.regions[last] = PatchRegion(kind: kind, bytes: result.regions[last].bytes.lowerBound..<end)
        } else if end > position {
            result.regions.append(PatchRegion(kind: kind, bytes: position..<end))
        }
        if kind == .header {
            isInDescription = false
            isInSignature = false
        }
        position = end
        lineNumber += 1
    }

    /// Where a line's text ends: before its newline, and before a carriage return in front of that.
    func contentEnd(_ end: Int) -> Int {
        var end = end
        if end > position, blob.byte(end - 1) == 10 { end -= 1 }
        if end > position, blob.byte(end - 1) == 13 { end -= 1 }
        return end
    }

    mutating func takeContextDiff(_ firstEnd: Int) throws(PatchError) {
        try takeNames(firstEnd, isUnified: false)
        let start = position
        let line = lineNumber
        var reader = ContextDiffParser(blob: blob, patch: result.name, stripsReturns: stripsReturns)
        try reader.parse(&position, &lineNumber)
        result.regions.append(PatchRegion(kind: .hunk, bytes: start..<position))
        try requireName(line)
        try append(hunks: reader.hunks, source: Blob(reader.unified), payload: .text, isContextDiff: true)
        endChange()
    }

    var stripsReturns: Bool { names.hasReturn && reading != .git }

    mutating func endChange() {
        git = nil
        names = Names()
        loose = LooseNames()
        indented = nil
    }

    mutating func takeBinary(_ end: Int) throws(PatchError) {
        advance(.header, end)
        let start = position
        let reader = BinaryHunkParser(blob: blob, patch: result.name)
        guard let forward = try reader.parse(&position, &lineNumber) else {
            throw error(.malformedBinary("neither 'literal' nor 'delta' follows"), lineNumber)
        }
        let reverse = try reader.parse(&position, &lineNumber)
        result.regions.append(PatchRegion(kind: .binary, bytes: start..<position))
        try append(hunks: [], source: blob, payload: .binary(forward: forward, reverse: reverse))
        endChange()
    }

    func requireName(_ line: Int) throws(PatchError) {
        if git == nil && names.old?.path == nil && names.new?.path == nil && names.index == nil {
            guard let short = names.tooShort else { throw error(.missingName, line) }
            throw error(.nameTooShort(short.name, strip: strip), short.line)
        }
    }

    mutating func takeHunks() throws(PatchError) {
        let stripsReturns = stripsReturns
        let reader = HunkParser(blob: blob, patch: result.name, reading: reading)
        let start = position
        let firstLine = lineNumber
        var hunks: [Hunk] = []
        hunks.reserveCapacity(4)
        repeat {
            hunks.append(try reader.parse(&position, &lineNumber, stripsReturns: stripsReturns))
        } while blob.matches("@@ -", at: position)
        result.regions.append(PatchRegion(kind: .hunk, bytes: start..<position))
        try refuseSurplus()
        var source = blob
        if stripsReturns { (source, hunks) = Self.withoutReturns(blob, hunks) }
        if position == blob.count, blob.byte(position - 1) != 10 { (source, hunks) = try completed(source, hunks) }
        try requireName(firstLine)
        try append(hunks: hunks, source: source, payload: .text)
        endChange()
    }

    /// Whether a name on git's first line has a blank, and is not quoted.
    func hasBlankName(_ header: GitHeader) -> Bool { HeaderName.hasBlankName(blob, header.namesRange) }

    mutating func append(
        hunks: [Hunk], source: Blob, payload: FilePatch.Payload, isContextDiff: Bool = false
    ) throws(PatchError) {
        var absence: (old: FilePatch.Absence, new: FilePatch.Absence) = git?.absence(reading) ?? (.no, .no)
        var old = names.old?.path
        var new = names.new?.path
        if let header = git, names.old == nil || header.isRename || header.isCopy {
            let paths = try gitPaths(header)
            old = header.isNew ? nil : paths.old
            new = header.isDeleted ? nil : paths.new
        }
        if let first = hunks.first, git == nil || reading != .git {
            // What the first hunk says of an empty side outweighs the extended header (GNU patch).
            if first.oldStart == 0 { absence.old = names.old?.isEpoch(blob) == true ? .missing : .emptyOrMissing }
            if first.newStart == 0 { absence.new = names.new?.isEpoch(blob) == true ? .missing : .emptyOrMissing }
        }
        result.files.append(
            FilePatch(
                line: git?.line ?? names.line, isGit: git != nil, oldPath: old, newPath: new,
                indexPath: names.index, isRename: git?.isRename ?? false, isCopy: git?.isCopy ?? false,
                oldMode: git?.oldMode, newMode: git?.newMode, oldAbsence: absence.old, newAbsence: absence.new,
                objects: git?.objects, payload: payload, isContextDiff: isContextDiff, source: source, hunks: hunks,
                hasBlankNames: names.old == nil && names.new == nil && git.map(hasBlankName) == true))
        isInDescription = false
    }
}
