/// A file name as a patch header writes it, and what follows it.
enum HeaderName {
    /// The bytes of a name in a `---`, `+++` or `Index:` line, and where it ends.
    ///
    /// A name ends at white space, unless a tab follows later in the line: then spaces belong to the name and
    /// the tab ends it (GNU patch). A name in double quotes is a C string (git, GNU diff).
    /// - Parameters:
    ///   - range: The line after its keyword, without the newline.
    ///   - endsAtTab: Whether only a tab ends the name, or a time stamp (git).
    static func parse(
        _ blob: Blob, _ range: Range<Int>, patch: String, line: Int, endsAtTab: Bool = false
    ) throws(PatchError) -> (name: [UInt8], end: Int) {
        var at = range.lowerBound
        while at < range.upperBound, isSpace(blob.byte(at)) { at += 1 }
        if blob.byte(at) == UInt8(ascii: "\""), at < range.upperBound {
            guard let (name, end) = quoted(blob, at..<range.upperBound) else {
                throw PatchError(
                    patch: patch, line: line, problem: .malformedName(blob.text(at..<range.upperBound)))
            }
            return (name, end)
        }
        if endsAtTab {
            let end = (range.lowerBound..<range.upperBound).first { blob.byte($0) == UInt8(ascii: "\t") }
            let name = range.lowerBound..<(end ?? range.upperBound)
            let stamp = end == nil ? TimeStamp.length(atEndOf: slice(blob, name)) : 0
            return (slice(blob, name.lowerBound..<(name.upperBound - stamp)), name.upperBound - stamp)
        }
        var end = at
        scan: while end < range.upperBound {
            if isSpace(blob.byte(end)) {
                var probe = end
                while probe + 1 < range.upperBound, blob.byte(probe) != UInt8(ascii: "\t"),
                    isSpace(blob.byte(probe + 1))
                {
                    probe += 1
                }
                if blob.byte(probe) == UInt8(ascii: "\t")
                    || !contains(blob, UInt8(ascii: "\t"), probe + 1..<range.upperBound)
                {
                    break scan
                }
                end = probe
            }
            end += 1
        }
        return (slice(blob, at..<end), end)
    }

    /// The name without its first folders, as `patch -pN` does it; `nil` where it has too few.
    static func strip(_ name: [UInt8], _ count: Int) -> ArraySlice<UInt8>? {
        var left = count
        var start = 0
        var index = 0
        while index < name.count {
            if name[index] == UInt8(ascii: "/") {
                while index + 1 < name.count, name[index + 1] == UInt8(ascii: "/") { index += 1 }
                left -= 1
                if left >= 0 { start = index + 1 }
            }
            index += 1
        }
        return left <= 0 && start < name.count ? name[start...] : nil
    }

    /// A C string in double quotes at the start of the range, and where it ends.
    static func quoted(_ blob: Blob, _ range: Range<Int>) -> (name: [UInt8], end: Int)? {
        var at = range.lowerBound + 1
        var name: [UInt8] = []
        while at < range.upperBound {
            let byte = blob.byte(at)
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return (name, at)
            case UInt8(ascii: "\\"):
                guard at < range.upperBound else { return nil }
                let escape = blob.byte(at)
                at += 1
                switch escape {
                case UInt8(ascii: "a"): name.append(7)
                case UInt8(ascii: "b"): name.append(8)
                case UInt8(ascii: "f"): name.append(12)
                case UInt8(ascii: "n"): name.append(10)
                case UInt8(ascii: "r"): name.append(13)
                case UInt8(ascii: "t"): name.append(9)
                case UInt8(ascii: "v"): name.append(11)
                case UInt8(ascii: "\\"), UInt8(ascii: "\""): name.append(escape)
                case UInt8(ascii: "0")...UInt8(ascii: "3"):
                    var value = Int(escape) - 48
                    for _ in 0..<2 {
                        guard at < range.upperBound, (48...55).contains(blob.byte(at)) else { return nil }
                        value = value * 8 + Int(blob.byte(at)) - 48
                        at += 1
                    }
                    name.append(UInt8(truncatingIfNeeded: value))
                default: return nil
                }
            default: name.append(byte)
            }
        }
        return nil
    }

    /// Whether a `diff --git` line has more than two words, quoted names aside.
    static func hasBlankName(_ blob: Blob, _ range: Range<Int>) -> Bool {
        var (at, words) = (range.lowerBound, 0)
        while at < range.upperBound {
            if isSpace(blob.byte(at)) {
                at += 1
                continue
            }
            words += 1
            if blob.byte(at) == UInt8(ascii: "\""), let (_, end) = quoted(blob, at..<range.upperBound) {
                at = end
            } else {
                while at < range.upperBound, !isSpace(blob.byte(at)) { at += 1 }
            }
        }
        return words > 2
    }

    /// The two names of a `diff --git` line: quoted, or split where both are the same after their first folder.
    static func gitPair(_ blob: Blob, _ range: Range<Int>) -> (old: [UInt8], new: [UInt8])? {
        if blob.byte(range.lowerBound) == UInt8(ascii: "\"") {
            guard let (old, end) = quoted(blob, range), blob.byte(end) == 32, end + 1 < range.upperBound else {
                return nil
            }
            let rest = end + 1..<range.upperBound
            if blob.byte(rest.lowerBound) == UInt8(ascii: "\"") {
                guard let (new, stop) = quoted(blob, rest), stop == rest.upperBound else { return nil }
                return (old, new)
            }
            return (old, slice(blob, rest))
        }
        var fallback: (old: [UInt8], new: [UInt8])?
        for at in range where blob.byte(at) == 32 && at > range.lowerBound && at + 1 < range.upperBound {
            let old = slice(blob, range.lowerBound..<at)
            let rest = at + 1..<range.upperBound
            if blob.byte(rest.lowerBound) == UInt8(ascii: "\"") {
                guard let (new, stop) = quoted(blob, rest), stop == rest.upperBound else { continue }
                return (old, new)
            }
            let new = slice(blob, rest)
            if let left = strip(old, 1), let right = strip(new, 1), left == right { return (old, new) }
            if old == new { return (old, new) }
            if fallback == nil { fallback = (old, new) }
        }
        return fallback
    }

    static func slice(_ blob: Blob, _ range: Range<Int>) -> [UInt8] {
        let line = blob.line(range.lowerBound, range.upperBound)
        return Array(UnsafeBufferPointer(start: line.start, count: line.count))
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func contains(_ blob: Blob, _ byte: UInt8, _ range: Range<Int>) -> Bool {
        range.contains { blob.byte($0) == byte }
    }
}
