import Archive
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

    /// The line a message of a mailbox starts with: what `git format-patch` writes, or a sender and the time of delivery
    /// (RFC 4155), as public-inbox and b4 write it.
    static func startsMessage(_ line: ArraySlice<UInt8>) -> Bool {
        if isMessageStart(line) { return true }
        guard line.starts(with: "From ".utf8), line.count <= 200 else { return false }
        let words = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self).split(separator: " ")
        guard words.count >= 7, let year = words.last, year.count == 4, Int(year) != nil else { return false }
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        return days.contains(String(words[2])) && words.dropLast().contains { $0.split(separator: ":").count == 3 }
    }

    /// Takes a mailbox apart: one entry a message, called `NNNN-SUBJECT.patch` as `git format-patch` would.
    static func read(_ file: FilePath, name: String) throws -> PatchSeries {
        try read(try Decompressor.decompress(file: file, limit: 1 << 28), of: file, name: name)
    }

    /// Takes a mailbox's content apart.
    static func read(_ bytes: [UInt8], of file: FilePath, name: String) throws -> PatchSeries {
        var series = PatchSeries(name: name, dialect: .git, file: file, folder: file.removingLastComponent(), lines: [])
        var starts: [(offset: Int, line: Int)] = []
        var offset = 0
        var previousBlank = true
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if previousBlank, startsMessage(line) { starts.append((offset, index + 1)) }
            previousBlank = line.isEmpty || line == [13]
            offset += line.count + 1
        }
        // One message as a mail program saves it.
        if starts.isEmpty, MailEncoding.isEncodedMessage(bytes) { starts = [(0, 1)] }
        var last: Int?
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1].offset : bytes.count
            let message = try MailEncoding.decoded(Array(bytes[start.offset..<end]), of: file, line: start.line)
            let header = PatchHeader(message)
            // A cover letter and an answer carry no patch.
            guard PatchHeader.hasDiff(message), hasHunk(message) else { continue }
            if let number = patchNumber(header["Subject"]) {
                if let last, number < last {
                    series.remarks.append(
                        SeriesRemark(
                            position: SeriesPosition(file: file, line: start.line),
                            text:
                                "patch \(number) comes after patch \(last) in the mailbox, and is applied in that order"
                        ))
                }
                last = number
            }
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

    /// Whether a message has a change, and not only a line that begins like one.
    private static func hasHunk(_ message: [UInt8]) -> Bool {
        message.split(separator: UInt8(ascii: "\n")).contains { line in
            line.starts(with: "@@ -".utf8) || line.starts(with: "diff --git ".utf8)
                || line.starts(with: "***************".utf8)
        }
    }

    /// The number in `[PATCH 3/7]`.
    private static func patchNumber(_ subject: String?) -> Int? {
        guard let subject, subject.hasPrefix("["), let end = subject.firstIndex(of: "]") else { return nil }
        let numbers = subject[..<end].split(separator: " ").last?.split(separator: "/")
        return numbers?.count == 2 ? numbers?.first.flatMap { Int($0) } : nil
    }

    /// Reads a folder of `git format-patch` files, in the order of their names.
    static func read(folder: FilePath, files: [String], name: String) throws -> PatchSeries {
        var series = PatchSeries(name: name, dialect: .git, file: folder, folder: folder, lines: [])
        for file in files where !file.hasPrefix("0000-") {
            let path = folder.appending(file)
            var content = SeriesEntry.Content.file(path)
            let bytes = try Files.read(path)
            if MailEncoding.isEncodedMessage(bytes) {
                content = .bytes(try MailEncoding.decoded(bytes, of: path, line: 1))
            }
            series.lines.append(
                .entry(SeriesEntry(name: file, content: content, position: SeriesPosition(file: path, line: 1))))
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
