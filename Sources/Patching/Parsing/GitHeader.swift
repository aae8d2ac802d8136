/// The extended header of git: everything between `diff --git` and the first hunk.
struct GitHeader {
    /// The line of `diff --git` in the patch file.
    let line: Int
    /// The names of the `diff --git` line, with their prefixes.
    var names: (old: [UInt8], new: [UInt8])?
    /// Where they are in the patch file.
    let namesRange: Range<Int>
    var oldMode: UInt32?
    var newMode: UInt32?
    var isNew = false
    var isDeleted = false
    var isRename = false
    var isCopy = false
    /// The names of `rename from` and `rename to` or `copy …`, without prefixes.
    var from: [UInt8]?
    var to: [UInt8]?
    /// The object names of the `index` line.
    var objects: (old: String, new: String)?

    /// Whether the header alone changes something.
    var changesSomething: Bool {
        isNew || isDeleted || isRename || isCopy || (newMode != nil && oldMode != newMode)
    }

    /// Whether it says that the content changes: hunks that do not follow have been lost.
    var losesContent: Bool { objects.map { $0.old != $0.new } ?? false }

    /// How sure each side is that the file is missing, before any hunk header has its say. To git only the words
    /// `new file mode` and `deleted file mode` count, to GNU patch also the names of objects.
    func absence(_ reading: PatchReading) -> (old: FilePatch.Absence, new: FilePatch.Absence) {
        if reading == .git { return (isNew ? .missing : .no, isDeleted ? .missing : .no) }
        var old = objects.map { Self.absence(ofObject: $0.old) } ?? .no
        var new = objects.map { Self.absence(ofObject: $0.new) } ?? .no
        if isNew { old = .missing }
        if isDeleted { new = .missing }
        return (old, new)
    }

    /// git's name for "no object" is all zeros; the empty content has a name of its own.
    private static func absence(ofObject name: String) -> FilePatch.Absence {
        if name.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) { return .missing }
        return "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391".hasPrefix(name) ? .emptyOrMissing : .no
    }

    /// Takes a line of the extended header.
    /// - Returns: Whether it is one.
    mutating func take(_ blob: Blob, _ range: Range<Int>, patch: String, line: Int) throws(PatchError) -> Bool {
        func rest(_ keyword: StaticString) -> Range<Int>? {
            blob.matches(keyword, at: range.lowerBound)
                ? min(range.lowerBound + keyword.utf8CodeUnitCount, range.upperBound)..<range.upperBound : nil
        }
        func mode(_ range: Range<Int>) throws(PatchError) -> UInt32 {
            guard let value = UInt32(blob.text(range), radix: 8), value <= 0o177777 else {
                throw PatchError(patch: patch, line: line, problem: .malformedMode)
            }
            return value
        }
        func name(_ range: Range<Int>) throws(PatchError) -> [UInt8] {
            guard blob.byte(range.lowerBound) == UInt8(ascii: "\"") else { return HeaderName.slice(blob, range) }
            return try HeaderName.parse(blob, range, patch: patch, line: line).name
        }
        switch blob.byte(range.lowerBound) {
        case UInt8(ascii: "o"):
            guard let value = rest("old mode ") else { return false }
            oldMode = try mode(value)
        case UInt8(ascii: "n"):
            if let value = rest("new mode ") {
                newMode = try mode(value)
            } else if let value = rest("new file mode ") {
                isNew = true
                newMode = try mode(value)
            } else {
                return false
            }
        case UInt8(ascii: "d"):
            if let value = rest("deleted file mode ") {
                isDeleted = true
                oldMode = try mode(value)
            } else {
                return blob.matches("dissimilarity index ", at: range.lowerBound)
            }
        case UInt8(ascii: "r"):
            if let value = rest("rename from ") {
                isRename = true
                from = try name(value)
            } else if let value = rest("rename to ") {
                isRename = true
                to = try name(value)
            } else {
                return false
            }
        case UInt8(ascii: "c"):
            if let value = rest("copy from ") {
                isCopy = true
                from = try name(value)
            } else if let value = rest("copy to ") {
                isCopy = true
                to = try name(value)
            } else {
                return false
            }
        case UInt8(ascii: "s"): return blob.matches("similarity index ", at: range.lowerBound)
        case UInt8(ascii: "i"):
            guard let value = rest("index ") else { return false }
            try takeIndex(blob, value, patch: patch, line: line)
        default: return false
        }
        return true
    }

    /// `OLD..NEW` with an optional mode after blanks. Other text is none of git's, and says nothing.
    private mutating func takeIndex(
        _ blob: Blob, _ range: Range<Int>, patch: String, line: Int
    ) throws(PatchError) {
        func isBlank(_ at: Int) -> Bool { at < range.upperBound && blob.byte(at) == UInt8(ascii: " ") }
        func skip(_ from: Int, while condition: (UInt8) -> Bool) -> Int {
            var at = from
            while at < range.upperBound, condition(blob.byte(at)) { at += 1 }
            return at
        }
        let start = skip(range.lowerBound) { $0 == UInt8(ascii: " ") }
        let dots = skip(start, while: Self.isHexDigit)
        let second = dots + 2
        let end = skip(second, while: Self.isHexDigit)
        guard dots > start, end > second, blob.matches("..", at: dots), end == range.upperBound || isBlank(end) else {
            return
        }
        objects = (blob.text(start..<dots), blob.text(second..<end))
        let word = skip(end) { $0 == UInt8(ascii: " ") }
        let wordEnd = skip(word) { $0 != UInt8(ascii: " ") }
        guard wordEnd > word else { return }
        guard let mode = UInt32(blob.text(word..<wordEnd), radix: 8), mode <= 0o177777 else {
            throw PatchError(patch: patch, line: line, problem: .malformedMode)
        }
        oldMode = oldMode ?? mode
        newMode = newMode ?? mode
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
