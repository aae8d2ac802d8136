/// A token of a Kconfig line.
enum KconfigToken: Equatable {
    /// A bare word, and whether a macro in it could not be expanded.
    case word(String, opaque: Bool)
    /// A quoted text.
    case quoted(String, opaque: Bool)
    /// An operator or parenthesis.
    case symbol(String)

    /// The text of a word; `nil` for anything else.
    var word: String? {
        if case .word(let text, _) = self { text } else { nil }
    }
}

/// Splits logical lines of Kconfig files into tokens, as the first stage of `scripts/kconfig/lexer.l` does.
struct KconfigScanner {
    let bytes: [UInt8]
    /// Where the next line begins.
    private(set) var position = 0
    /// The number of the line read last; the first of them where lines were continued.
    private(set) var line = 0
    private var nextLine = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private static let newline = UInt8(ascii: "\n")
    private static let backslash = UInt8(ascii: "\\")

    /// The range of the next line with something in it but comments, continued lines joined; `nil` at the end.
    mutating func next() -> Range<Int>? {
        while position < bytes.count {
            let start = position
            line = nextLine
            var end = lineEnd(from: start)
            var first = start
            while first < end, bytes[first] == 0x20 || bytes[first] == 0x09 || bytes[first] == 0x0d { first += 1 }
            // A backslash at the end of a comment continues nothing.
            let isComment = first == end || bytes[first] == UInt8(ascii: "#")
            while !isComment, end > start, end < bytes.count, bytes[end - 1] == Self.backslash {
                nextLine += 1
                end = lineEnd(from: end + 1)
            }
            nextLine += 1
            position = min(end + 1, bytes.count)
            if !isComment { return first..<end }
        }
        return nil
    }

    private func lineEnd(from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != Self.newline { end += 1 }
        return end
    }

    /// Skips the help text after a `help` line: it ends before the first line that is indented less than its first.
    mutating func skipHelp() {
        var indent: Int?
        while position < bytes.count {
            let end = lineEnd(from: position)
            var column = 0
            var place = position
            while place < end, bytes[place] == 0x20 || bytes[place] == 0x09 {
                column = bytes[place] == 0x09 ? (column & ~7) + 8 : column + 1
                place += 1
            }
            if place < end, bytes[place] != 0x0d {
                if column == 0 || column < indent ?? 1 { return }
                indent = indent ?? column
            }
            position = min(end + 1, bytes.count)
            nextLine += 1
        }
    }

    /// The tokens of a line.
    /// - Returns: The tokens, and a complaint about bytes that are none.
    func tokens(_ range: Range<Int>, _ macros: inout KconfigMacros) -> (tokens: [KconfigToken], complaint: String?) {
        var tokens: [KconfigToken] = []
        var complaint: String?
        var at = range.lowerBound
        let end = range.upperBound
        while at < end {
            let byte = bytes[at]
            switch byte {
            case 0x20, 0x09, 0x0d, 0x0a, Self.backslash: at += 1
            case UInt8(ascii: "#"): return (tokens, complaint)
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                let (text, opaque, after) = quoted(from: at + 1, to: end, byte, &macros)
                tokens.append(.quoted(text, opaque: opaque))
                at = after
            case UInt8(ascii: "&"), UInt8(ascii: "|"):
                guard at + 1 < end, bytes[at + 1] == byte else {
                    complaint = "unknown character"
                    at += 1
                    continue
                }
                tokens.append(.symbol(byte == UInt8(ascii: "&") ? "&&" : "||"))
                at += 2
            case UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ":"), UInt8(ascii: "+"):
                let withEqual = at + 1 < end && bytes[at + 1] == UInt8(ascii: "=")
                let text = String(UnicodeScalar(byte)) + (withEqual ? "=" : "")
                tokens.append(.symbol(text))
                at += withEqual ? 2 : 1
            case UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ")"):
                tokens.append(.symbol(String(UnicodeScalar(byte))))
                at += 1
            default:
                let (text, opaque, after) = word(from: at, to: end, &macros)
                if after == at {
                    complaint = "unknown character"
                    at += 1
                } else {
                    if !text.isEmpty { tokens.append(.word(text, opaque: opaque)) }
                    at = after
                }
            }
        }
        return (tokens, complaint)
    }

    /// A bare word: letters, digits, `_`, `-`, and, for kernels before 4.18, `.` and `/`; macros are expanded.
    private func word(from start: Int, to end: Int, _ macros: inout KconfigMacros) -> (String, Bool, Int) {
        var at = start
        while at < end, Self.isWord(bytes[at]) { at += 1 }
        guard at < end, bytes[at] == UInt8(ascii: "$") else {
            return (String(decoding: bytes[start..<at], as: UTF8.self), false, at)
        }
        var text = String(decoding: bytes[start..<at], as: UTF8.self)
        var opaque = false
        while at < end {
            if bytes[at] == UInt8(ascii: "$") {
                let (expanded, isOpaque, after) = macros.expand(bytes, from: at, to: end)
                text += expanded
                opaque = opaque || isOpaque
                at = after
            } else if Self.isWord(bytes[at]) {
                text.append(Character(UnicodeScalar(bytes[at])))
                at += 1
            } else {
                break
            }
        }
        return (text, opaque, at)
    }

    private func quoted(
        from start: Int, to end: Int, _ quote: UInt8, _ macros: inout KconfigMacros
    ) -> (String, Bool, Int) {
        var text: [UInt8] = []
        var opaque = false
        var at = start
        while at < end {
            switch bytes[at] {
            case quote: return (String(decoding: text, as: UTF8.self), opaque, at + 1)
            case Self.backslash:
                if at + 1 < end { text.append(bytes[at + 1]) }
                at += 2
            case UInt8(ascii: "$"):
                let (expanded, isOpaque, after) = macros.expand(bytes, from: at, to: end)
                text += Array(expanded.utf8)
                opaque = opaque || isOpaque
                at = after
            case let byte:
                text.append(byte)
                at += 1
            }
        }
        return (String(decoding: text, as: UTF8.self), opaque, end)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
