/// Which function, or Kconfig entry, a place in a file belongs to, as diff shows it after the `@@`.
enum EnclosingFunction {
    /// The line that heads the function at a place, if it is not the one the hunk was made in.
    ///
    /// `nil` where they agree, and where the hunk or the file does not say. Like diff, it goes up from the line before
    /// the hunk to one that begins with a letter, `_` or `$`; labels and
    /// declarations are passed over.
    static func other(than hunk: Hunk, of source: Blob, at line: Int, in file: [Line]) -> String? {
        let expected = words(source.line(hunk.section.lowerBound, hunk.section.upperBound))
        // A label is not what the hunk is in; whoever made the patch had no better line.
        guard !expected.isEmpty, expected.last != UInt8(ascii: ":") else { return nil }
        var index = min(line - 2, file.count - 1)
        while index >= 0 {
            defer { index -= 1 }
            let candidate = file[index]
            guard candidate.count > 0, isStart(candidate.start[0]) else { continue }
            let found = words(candidate)
            // The text after the @@ is cut after some 40 or 80 bytes.
            if found.starts(with: expected) { return nil }
            // Labels and declarations head nothing.
            if found.last == UInt8(ascii: ":") || found.last == UInt8(ascii: ";") { continue }
            return candidate.text
        }
        return "the top of the file"
    }

    private static func isStart(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
    }

    /// The bytes without white space.
    private static func words(_ line: Line) -> [UInt8] { line.content.filter { $0 > 32 } }
}
