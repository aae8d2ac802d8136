import Archive
import Bytes
import FoundationEssentials

/// One report of domain 0's init.
///
/// A line `@dom0kit TOKEN SEQUENCE KIND NAME PAYLOAD HASH`: the run's token, a number from 0 without gaps, words without
/// spaces, the payload in base64 (`-` for none; gzip inside it for long texts), and the first 16 hexadecimal digits of the SHA-256 of all before it.
package struct ResultRecord: Sendable, Equatable {
    /// Its place, from 0.
    package let sequence: Int
    /// What it is: `hello`, `files`, `output`, …
    package let kind: String
    /// What it is about.
    package let name: String
    /// The text it carries.
    package let text: String

    /// The payload's lines.
    package var lines: [String] {
        // By bytes: to Swift, `\r\n` is one character and no `\n`.
        let bytes = Array(text.utf8)
        var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self)
        }
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// The exit status and the output of an `output` record.
    package var output: (status: Int, lines: [String])? {
        guard kind == "output", let first = lines.first, let status = Int(first) else { return nil }
        return (status, Array(lines.dropFirst()))
    }
}

/// Turns the lines of the result channel into records, in order and without a doubt.
package struct ResultReader: Sendable {
    /// What a line was.
    package enum Event: Sendable, Equatable {
        /// The next record.
        case record(ResultRecord)
        /// A line that is a record and arrived damaged, or twice, or after a gap.
        case damaged(line: String, reason: String)
    }

    private static let mark = "@dom0kit "
    private let token: String
    private let repeats: Bool
    private var next = 0

    /// Makes one.
    /// - Parameters:
    ///   - token: The run's token; lines of another are noise.
    ///   - repeats: Whether records come more than once, over a channel with noise; then damaged copies are skipped.
    package init(token: String, repeats: Bool = false) {
        self.token = token
        self.repeats = repeats
    }

    /// Takes one line; `nil` for noise and for copies of what was read before.
    package mutating func take(_ line: String) -> Event? {
        guard let start = line.range(of: Self.mark) else { return nil }
        // Beyond the mark of a noisy channel, the record has to be whole.
        guard repeats || start.lowerBound == line.startIndex else {
            return .damaged(line: line, reason: "there is text before the record")
        }
        let body = line[start.lowerBound...]
        let fields = body.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 7 else { return damage(line, "it has \(fields.count) fields") }
        guard fields[1] == token else { return damage(line, "it carries another token") }
        let signed = fields[..<6].joined(separator: " ")
        guard Digest(of: signed).hex.prefix(16) == fields[6] else { return damage(line, "its checksum is wrong") }
        guard let sequence = Int(fields[2]), sequence >= 0 else { return damage(line, "it has no number") }
        guard let text = Self.payload(String(fields[5])) else { return damage(line, "its content is no base64") }
        if sequence < next {
            return repeats ? nil : .damaged(line: line, reason: "record \(sequence) came twice")
        }
        guard sequence == next else {
            return .damaged(line: line, reason: "record \(next) is lost: \(sequence) came instead")
        }
        next += 1
        return .record(ResultRecord(sequence: sequence, kind: String(fields[3]), name: String(fields[4]), text: text))
    }

    private func damage(_ line: String, _ reason: String) -> Event? {
        repeats ? nil : .damaged(line: line, reason: reason)
    }

    private static func payload(_ text: String) -> String? {
        if text == "-" { return "" }
        guard let data = Data(base64Encoded: text) else { return nil }
        guard data.starts(with: [0x1f, 0x8b]) else { return String(decoding: data, as: UTF8.self) }
        // Long texts come compressed by gzip.
        guard let bytes = try? Decompressor.decompress(Array(data), name: "record", limit: 16 << 20) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
