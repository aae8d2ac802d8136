/// Text as it may reach a terminal: nothing in it steers the terminal but the kit's own styles.
///
/// What a patch, an archive, a commit, a configuration, an image or a console says goes through here with every report and
/// message. Control characters (C0 but for tab and newline, DEL, C1) and characters that turn the direction of writing
/// round (bidi embeddings, overrides, isolates and marks) are shown as `\x1b` or `\u202e`.
public enum SafeText {
    /// The text with everything that steers a terminal written out.
    /// - Parameter colored: Whether the kit's own styles become escape sequences; else they are dropped.
    public static func rendered(_ text: String, colored: Bool) -> String {
        var text = text
        return text.withUTF8 { bytes -> String? in
            guard var next = bytes.firstIndex(where: isSuspicious) else { return nil }
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            var start = 0
            while next < bytes.count {
                result += bytes[start..<next]
                if bytes[next] == markBytes[0], let (code, after) = style(bytes[next...]) {
                    if colored { result += [0x1B, UInt8(ascii: "[")] + code + [UInt8(ascii: "m")] }
                    start = after
                } else {
                    let length = bytes[next] < 0x80 ? 1 : bytes[next] < 0xE0 ? 2 : 3
                    start = min(next + length, bytes.count)
                    let character = String(decoding: bytes[next..<start], as: UTF8.self)
                    for scalar in character.unicodeScalars {
                        result += steers(scalar) ? Array(written(scalar).utf8) : Array(String(scalar).utf8)
                    }
                }
                next = bytes[start...].firstIndex(where: isSuspicious) ?? bytes.count
            }
            result += bytes[start...]
            return String(decoding: result, as: UTF8.self)
        } ?? text
    }

    /// A text without newlines either, for what stands in a line.
    /// - Parameter keepsTabs: Whether tabs stay as they are, as in a line of source.
    public static func inLine(_ text: String, keepsTabs: Bool = false) -> String {
        guard text.utf8.contains(where: { $0 == 10 || $0 == 9 || $0 == 13 }) else { return text }
        return text.unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\t": keepsTabs ? "\t" : "\\t"
            case "\r": "\\r"
            default: String(scalar)
            }
        }.joined()
    }

    /// Bytes of JSON text with everything that steers a terminal escaped, which leaves its meaning as it is: such
    /// characters only stand in strings.
    static func json(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(where: { $0 == 0x7F || isLead($0) }) else { return bytes }
        return Array(
            String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar in
                guard steers(scalar), scalar != "\n", scalar.value >= 0x7F else { return String(scalar) }
                let digits = String(scalar.value, radix: 16)
                return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            }.joined().utf8)
    }

    // MARK: - Styles

    /// Begins and ends the code of a style. What stands between is known by a number that only this process knows, so that
    /// no text can be taken for a style.
    private static let mark: Unicode.Scalar = "\u{F8F7}"
    private static let nonce = String(UInt64.random(in: .min ... .max), radix: 36)

    /// A style's code as ``rendered(_:colored:)`` knows it again.
    static func style(_ code: String) -> String { "\(mark)\(nonce) \(code)\(mark)" }

    /// A text without the styles, as long as it is on a terminal.
    static func withoutStyles(_ text: String) -> String { rendered(text, colored: false) }

    private static let markBytes = Array(String(mark).utf8)
    /// What a style begins with.
    private static let styleStart = Array("\(mark)\(nonce) ".utf8)

    /// The code of the style that begins here, and where it ends.
    private static func style(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> (code: [UInt8], end: Int)? {
        guard text.starts(with: styleStart) else { return nil }
        let inner = text.dropFirst(styleStart.count).prefix(20)
        guard let end = inner.firstIndex(of: markBytes[0]), text[end...].starts(with: markBytes),
            !inner[..<end].contains(32)
        else { return nil }
        return (Array(inner[..<end]), end + markBytes.count)
    }

    // MARK: - Characters

    /// Whether a byte of UTF-8 can belong to a character that steers a terminal, or to a mark.
    private static func isSuspicious(_ byte: UInt8) -> Bool {
        byte < 32 && byte != 10 && byte != 9 || byte == 0x7F || isLead(byte)
    }

    /// The first bytes of C1 (C2), the Arabic letter mark (D8), bidi controls (E2) and the mark of styles (EF).
    private static func isLead(_ byte: UInt8) -> Bool { byte == 0xC2 || byte == 0xD8 || byte == 0xE2 || byte == 0xEF }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 9, 10: false
        case ..<32, 0x7F..<0xA0: true
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func written(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return scalar.value < 0x100
            ? "\\x" + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
            : "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
