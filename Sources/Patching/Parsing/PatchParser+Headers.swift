/// The lines before a change: names, git's extended header, and what becomes of a header that no change follows.
extension PatchParser {
    mutating func takeNames(_ firstEnd: Int, isUnified: Bool = true) throws(PatchError) {
        // A second pair of names without a new `diff --git` begins a header of its own.
        if names.old != nil { try endHeader() }
        let secondEnd = blob.endOfLine(firstEnd)
        if isUnified, reading == .git, git == nil, !blob.matches("@@ -", at: secondEnd) {
            // To git these are words, unless a hunk follows at once.
            takeText(position..<contentEnd(firstEnd), firstEnd)
            return takeText(position..<contentEnd(secondEnd), secondEnd)
        }
        names.line = lineNumber
        names.old = try path(position + 4..<contentEnd(firstEnd))
        advance(.header, firstEnd)
        names.new = try path(position + 4..<contentEnd(secondEnd))
        names.hasReturn = hasReturn(secondEnd)
        advance(.header, secondEnd)
    }

    /// Whether the line that ends here ends with a carriage return.
    func hasReturn(_ end: Int) -> Bool {
        end >= 2 && blob.byte(end - 1) == 10 && blob.byte(end - 2) == 13
    }

    /// Before a hunk without a header: `---` and `+++` lines that stood alone name its file, the last of each (GNU
    /// patch).
    mutating func takeLooseNames() throws(PatchError) {
        guard reading != .git, git == nil, names.old == nil, names.new == nil else { return }
        let (old, new) = (loose.old, loose.new)
        guard let line = [old?.line, new?.line].compactMap({ $0 }).min() else { return }
        names.line = line
        if let old { names.old = try path(old.range) }
        if let new { names.new = try path(new.range) }
        names.hasReturn = loose.hasReturn
        loose = LooseNames()
    }

    /// A name after stripping; `nil` for `/dev/null` and for a name with too few folders.
    mutating func path(_ range: Range<Int>) throws(PatchError) -> SideName {
        let (name, end) = try HeaderName.parse(
            blob, range, patch: result.name, line: lineNumber, endsAtTab: reading == .git)
        if name == Self.nullDevice { return SideName() }
        return SideName(path: try stripped(name, lineNumber), stamp: min(end, range.upperBound)..<range.upperBound)
    }

    static let nullDevice = Array("/dev/null".utf8)

    mutating func stripped(_ name: [UInt8], _ line: Int) throws(PatchError) -> RelativePath? {
        guard let rest = HeaderName.strip(name, strip) else {
            names.tooShort = (String(decoding: name, as: UTF8.self), line)
            return nil
        }
        guard let path = RelativePath(rest) else {
            throw error(.dangerousName(String(decoding: name, as: UTF8.self)), line)
        }
        guard !path.isReserved else { throw error(.reservedName(path.string), line) }
        return path
    }

    /// Ends a header that no hunk followed: a rename, a mode, an empty file; or nothing at all.
    mutating func endHeader() throws(PatchError) {
        if let header = git, header.changesSomething {
            try append(hunks: [], source: blob, payload: .text)
        } else if git != nil || names.old != nil || names.new != nil, let last = result.regions.indices.last {
            let line = git?.line ?? names.line
            if git != nil, reading == .git { throw error(.headerWithoutChange, line) }
            // The file has to be there all the same (GNU patch: "can't find file to patch").
            if git != nil { try append(hunks: [], source: blob, payload: .text) }
            let range = result.regions[last].bytes
            result.ignored.append(
                IgnoredText(
                    line: line, count: max(lineNumber - line, 1),
                    text: blob.text(range.lowerBound..<min(blob.endOfLine(range.lowerBound), range.upperBound - 1)),
                    looksLikePatch: names.old != nil || git?.losesContent == true))
        }
        endChange()
    }

    /// The names of a git header, stripped. To git `rename from` and `copy to` name the files, without a prefix to strip; to
    /// GNU patch they only say that the file moves.
    mutating func gitPaths(_ header: GitHeader) throws(PatchError) -> (old: RelativePath?, new: RelativePath?) {
        if header.isRename || header.isCopy {
            guard let from = header.from, let to = header.to else { throw error(.incompleteRename, header.line) }
            if reading != .git, strip != 1, !hasBlankName(header) {
                if let old = names.old?.path, let new = names.new?.path { return (old, new) }
                if let pair = header.names, let old = try stripped(pair.old, header.line),
                    let new = try stripped(pair.new, header.line)
                {
                    return (old, new)
                }
            }
            let level = strip > 0 ? strip - 1 : 0
            func path(_ name: [UInt8]) throws(PatchError) -> RelativePath? {
                guard let rest = HeaderName.strip(name, level), let path = RelativePath(rest) else {
                    throw error(.dangerousName(String(decoding: name, as: UTF8.self)), header.line)
                }
                guard !path.isReserved else { throw error(.reservedName(path.string), header.line) }
                return path
            }
            return (try path(from), try path(to))
        }
        guard let pair = header.names else { throw error(.missingName, header.line) }
        let paths = (try stripped(pair.old, header.line), try stripped(pair.new, header.line))
        if paths.0 == nil && paths.1 == nil, let short = names.tooShort {
            throw error(.nameTooShort(short.name, strip: strip), short.line)
        }
        return paths
    }
}
