import Bytes

/// Reads the result channel: turns its bytes into records, and believes none that is not proven whole.
///
/// Lines of the channel, `TOKEN` being the run's secret:
/// - `@TOKEN KIND NAME` begins a record, `.TOKEN` ends it; what is between is its text, as the programs printed it.
/// - `=TOKEN NUMBER SHA256` proves all bytes since the one before, counted from 0 without gaps. Only then the records
///   between them count.
/// - `~TOKEN STAGE` says that a stage begins or continues; it is not a result, and not part of what is proven.
package struct ResultReader: Sendable {
    /// What the channel says.
    package enum Event: Sendable, Equatable {
        /// A stage begins or continues.
        case progress(stage: String)
        /// A proven record.
        case record(ResultRecord)
        /// Something was lost, doubled or changed on the way.
        case damaged(reason: String, line: String)
    }

    /// The most bytes between two proofs.
    private static let limit = 8 << 20

    private let token: String
    private var line: [UInt8] = []
    private var unproven: [UInt8] = []
    private var next = 0

    /// Starts at the beginning of a channel.
    /// - Parameter token: The run's secret; letters and digits.
    package init(token: String) { self.token = token }

    /// Takes the next bytes.
    package mutating func take(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            line.append(byte)
            if byte == 0x0a {
                if let event = takeLine() { events += event }
                line.removeAll(keepingCapacity: true)
            }
        }
        if unproven.count + line.count > Self.limit {
            events.append(.damaged(reason: "\(unproven.count) bytes have no checksum", line: ""))
            unproven = []
        }
        return events
    }

    private mutating func takeLine() -> [Event]? {
        let text = String(decoding: line.dropLast(), as: UTF8.self)
        if text.hasPrefix("~" + token + " ") { return [.progress(stage: String(text.dropFirst(token.count + 2)))] }
        guard text.hasPrefix("=" + token + " ") else {
            unproven += line
            return nil
        }
        defer { unproven = [] }
        let fields = text.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 3, let number = Int(fields[1]), String(number) == fields[1] else {
            return [.damaged(reason: "a proof is not well formed", line: text)]
        }
        return prove(number, String(fields[2]), unproven, line: text)
    }

    /// Takes a whole segment that came by another way.
    /// - Returns: `nil` for one that was taken before.
    package mutating func takeSegment(_ number: Int, sha256: String, _ bytes: [UInt8]) -> [Event]? {
        number < next ? nil : prove(number, sha256, bytes, line: "segment \(number)")
    }

    private mutating func prove(_ number: Int, _ sha256: String, _ bytes: [UInt8], line: String) -> [Event] {
        guard number == next else {
            return [.damaged(reason: "proof \(next) is missing: \(number) came instead", line: line)]
        }
        guard Digest(of: bytes).hex == sha256 else {
            return [.damaged(reason: "the bytes before proof \(number) are not those that were sent", line: line)]
        }
        next += 1
        return records(bytes)
    }

    private func records(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        var header: [Substring]?
        var text: [UInt8] = []
        let headerMark = Array("@\(token) ".utf8)
        let endMark = Array(".\(token)".utf8)
        for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            if line.elementsEqual(endMark), let fields = header {
                // The end is on a line of its own, whatever came before.
                if text.last == 0x0a { text.removeLast() }
                let record = ResultRecord(
                    kind: String(fields[1]), name: String(fields[2]), text: String(decoding: text, as: UTF8.self))
                events.append(.record(record))
                header = nil
                text = []
            } else if header == nil, line.starts(with: headerMark) {
                let fields = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
                if fields.count == 3 { header = fields }
            } else if header != nil {
                text += line
                text.append(0x0a)
            } else if !line.isEmpty {
                let shown = String(decoding: line.prefix(200), as: UTF8.self)
                events.append(.damaged(reason: "there is text outside of a record", line: shown))
            }
        }
        if header != nil { events.append(.damaged(reason: "a record has no end", line: "")) }
        return events
    }
}
