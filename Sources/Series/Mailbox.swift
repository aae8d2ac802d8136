import Bytes
import SystemPackage

/// Reads patches from mail: a mailbox, or one message a file as `git format-patch` makes them.
enum Mailbox {
    /// The line `git format-patch` starts a message with: `From `, a commit, and a date that never changes.
    static func isMessageStart(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: "From ".utf8), line.count >= 46 else { return false }
        let rest = line.dropFirst(5)
        let hash = rest.prefix { (48...57).contains($0) || (97...102).contains($0) }
        return [40, 64].contains(hash.count) && rest.dropFirst(hash.count).starts(with: " ".utf8)
    }

    /// Takes a mailbox apart: one entry a message, called `NNNN-SUBJECT.patch` as `git format-patch` would.
    static func read(_ file: FilePath, name: String) throws -> PatchSeries {
        let bytes = try Files.read(file)
        var series = PatchSeries(name: name, dialect: .git, file: file, folder: file.removingLastComponent(), lines: [])
        var starts: [(offset: Int, line: Int)] = []
        var offset = 0
        var previousBlank = true
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if previousBlank, isMessageStart(line) { starts.append((offset, index + 1)) }
            previousBlank = line.isEmpty || line == [13]
            offset += line.count + 1
        }
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1].offset : bytes.count
            let message = Array(bytes[start.offset..<end])
            let header = PatchHeader(message)
            if let encoding = header["Content-Transfer-Encoding"]?.lowercased(),
                !["7bit", "8bit", "binary"].contains(encoding)
            {
                throw SeriesError.malformedMail(
                    path: file, line: start.line,
                    reason: "the message is encoded as \(encoding); save it with 'git mailinfo' or 'b4 am' first")
            }
            // A cover letter carries no patch.
            guard PatchHeader.hasDiff(message) else { continue }
            series.lines.append(
                .entry(
                    SeriesEntry(
                        name: fileName(number: series.lines.count + 1, subject: header.subject ?? "patch"),
                        content: .bytes(message), position: SeriesPosition(file: file, line: start.line))))
        }
        if series.lines.isEmpty {
            throw SeriesError.unknown(path: file, reason: "none of its messages carries a patch")
        }
        return series
    }

    /// Reads a folder of `git format-patch` files, in the order of their names.
    static func read(folder: FilePath, files: [String], name: String) -> PatchSeries {
        var series = PatchSeries(name: name, dialect: .git, file: folder, folder: folder, lines: [])
        for file in files where !file.hasPrefix("0000-") {
            let path = folder.appending(file)
            series.lines.append(
                .entry(SeriesEntry(name: file, content: .file(path), position: SeriesPosition(file: path, line: 1))))
        }
        return series
    }

    private static func fileName(number: Int, subject: String) -> String {
        var words = ""
        for character in subject {
            let plain =
                character.isASCII && (character.isLetter || character.isNumber || character == "." || character == "_")
            if plain { words.append(character) } else if words.last != "-" { words.append("-") }
        }
        let trimmed = words.drop { $0 == "-" || $0 == "." }.prefix(52)
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-"
            + String(trimmed.reversed().drop { $0 == "-" || $0 == "." }.reversed()) + ".patch"
    }
}
