import SystemPackage

/// Undoes the transfer encoding of a message, as `git mailinfo` does.
enum MailEncoding {
    /// The message with its body as it was before it was encoded (RFC 2045, 6.7 and 6.8).
    /// - Throws: ``SeriesError/malformedMail(path:line:reason:)`` for an encoding that is not known, one that is broken,
    ///   and for a message of several parts.
    static func decoded(_ message: [UInt8], of file: FilePath, line: Int) throws(SeriesError) -> [UInt8] {
        guard let blank = bodyStart(message) else { return message }
        let header = PatchHeader(Array(message[..<blank]))
        let encoding = (header["Content-Transfer-Encoding"] ?? "8bit").lowercased().filter { $0 != " " }
        if let type = header["Content-Type"]?.lowercased(), type.hasPrefix("multipart/") {
            throw .malformedMail(
                path: file, line: line,
                reason: "the message has several parts; save it with 'git mailinfo' or 'b4 am' first")
        }
        let body: [UInt8]?
        switch encoding {
        case "7bit", "8bit", "binary": return message
        case "quoted-printable": body = quotedPrintable(message[blank...])
        case "base64": body = base64(message[blank...])
        default: body = nil
        }
        guard let body else {
            throw .malformedMail(
                path: file, line: line,
                reason:
                    "the message is encoded as \(encoding), which is unknown or not well formed; save it with 'git mailinfo' or 'b4 am' first"
            )
        }
        return message[..<blank] + body
    }

    /// Whether a file is one message whose body is encoded, so that its diff cannot be read as it is. It need not begin
    /// with the `From ` line of a mailbox: `git am` takes what a mail program saves, too.
    static func isEncodedMessage(_ content: [UInt8]) -> Bool {
        let head = Array(content.prefix(1 << 16))
        guard let blank = bodyStart(head) else { return false }
        let lines = head[..<blank].split(separator: 10).drop { Mailbox.startsMessage($0) }
        let isHeader = lines.allSatisfy { line in
            guard let first = line.first, first != 32, first != 9 else { return true }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return line == [13] }
            return line[..<colon].allSatisfy { (33...126).contains($0) }
        }
        guard isHeader else { return false }
        let encoding = PatchHeader(Array(head[..<blank]))["Content-Transfer-Encoding"]?.lowercased() ?? ""
        return encoding.hasPrefix("base64") || encoding.hasPrefix("quoted-printable")
    }

    /// Where the body begins: after the first empty line.
    private static func bodyStart(_ message: [UInt8]) -> Int? {
        for index in message.indices where message[index] == 10 && index + 1 < message.count {
            if message[index + 1] == 10 { return index + 2 }
            if message[index + 1] == 13, index + 2 < message.count, message[index + 2] == 10 { return index + 3 }
        }
        return nil
    }

    private static func quotedPrintable(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        func value(_ digit: UInt8) -> UInt8? {
            switch digit {
            case 48...57: digit - 48
            case 65...70: digit - 55
            case 97...102: digit - 87
            default: nil
            }
        }
        var result: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "=") else {
                result.append(text[index])
                index += 1
                continue
            }
            // A line that continues, or a byte as two digits.
            if index + 1 < text.endIndex, text[index + 1] == 10 {
                index += 2
            } else if index + 2 < text.endIndex, text[index + 1] == 13, text[index + 2] == 10 {
                index += 3
            } else if index + 2 < text.endIndex, let high = value(text[index + 1]), let low = value(text[index + 2]) {
                result.append(high << 4 | low)
                index += 3
            } else {
                return nil
            }
        }
        return result
    }

    private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var (bits, count): (UInt32, Int) = (0, 0)
        var isOver = false
        for byte in text {
            let digit: UInt32
            switch byte {
            case 65...90: digit = UInt32(byte) - 65
            case 97...122: digit = UInt32(byte) - 71
            case 48...57: digit = UInt32(byte) + 4
            case UInt8(ascii: "+"): digit = 62
            case UInt8(ascii: "/"): digit = 63
            case UInt8(ascii: "="):
                isOver = true
                continue
            case 10, 13, 32, 9: continue
            default: return nil
            }
            if isOver { return nil }
            bits = (bits << 6 | digit) & 0xff_ffff
            count += 1
            if count == 4 {
                result += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
                (bits, count) = (0, 0)
            }
        }
        switch count {
        case 0: return result
        case 2: return result + [UInt8(bits >> 4 & 255)]
        case 3: return result + [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
        default: return nil
        }
    }
}
