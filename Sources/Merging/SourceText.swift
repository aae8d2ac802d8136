/// What a text of C or of the assembler says to the compiler: comments and strings are left out.
package struct SourceText: Sendable {
    /// What an `#include` names.
    package struct Include: Sendable, Hashable {
        /// The path between the quotes or brackets.
        package let path: [UInt8]
        /// Whether it is in quotes: then it is looked for beside the file first.
        package let isQuoted: Bool
    }

    /// The headers it includes, in their order, whatever the conditions around them.
    package private(set) var includes: [Include] = []
    /// Its identifiers with an underscore in them: others are too often words of other things.
    package private(set) var names: Set<TextKey> = []
    /// Those of them that somebody else has to declare: what it calls, constants, members, and types; and not what it
    /// defines itself, nor an option of the configuration.
    package var needs: Set<TextKey> { used.subtracting(defined) }

    private var used: Set<TextKey> = []
    /// Macros, and what begins in the first column, as the kernel's functions do.
    private var defined: Set<TextKey> = []

    /// Reads a text.
    package init(_ text: [UInt8]) {
        var at = 0
        // Whether the line began with a word; the word before, and the last byte that is no blank.
        var (isOutside, word, last) = (false, text[0..<0], UInt8(10))
        while at < text.count {
            let byte = text[at]
            switch byte {
            case UInt8(ascii: "/") where at + 1 < text.count && text[at + 1] == UInt8(ascii: "*"):
                at += 3
                while at < text.count, text[at] != UInt8(ascii: "/") || text[at - 1] != UInt8(ascii: "*") { at += 1 }
                at += 1
                continue
            case UInt8(ascii: "/") where at + 1 < text.count && text[at + 1] == UInt8(ascii: "/"):
                at = text[at...].firstIndex(of: 10) ?? text.count
                continue
            case UInt8(ascii: "\""), UInt8(ascii: "'"): at = Self.end(ofLiteralAt: at, in: text)
            case UInt8(ascii: "#") where last == 10: at = takeDirective(at + 1, in: text)
            case _ where Words.isPart(byte):
                let start = at
                while at < text.count, Words.isPart(text[at]) { at += 1 }
                if start == 0 || text[start - 1] == 10 { isOutside = true }
                take(text[start..<at], after: word, last, isOutside: isOutside, in: text)
                word = text[start..<at]
            case 10:
                isOutside = false
                at += 1
            default: at += 1
            }
            if byte > 32 || byte == 10 { last = byte }
        }
    }

    /// Takes a word of the program.
    private mutating func take(
        _ word: ArraySlice<UInt8>, after former: ArraySlice<UInt8>, _ last: UInt8, isOutside: Bool, in text: [UInt8]
    ) {
        guard Words.isIdentifier(word), Words.isName(word) else { return }
        let key = TextKey(word)
        names.insert(key)
        let next = text[word.endIndex...].first { $0 != 32 && $0 != 9 }
        if isOutside, next == UInt8(ascii: "(") { defined.insert(key) }
        let isMember =
            last == UInt8(ascii: ".")
            || last == UInt8(ascii: ">") && word.startIndex > 1
                && text[word.startIndex - 1] == UInt8(ascii: ">") && text[word.startIndex - 2] == UInt8(ascii: "-")
        let isType = word.suffix(2).elementsEqual("_t".utf8) || former.elementsEqual("struct".utf8)
        let isConstant = !word.contains { (97...122).contains($0) } && !word.starts(with: "CONFIG_".utf8)
        if next == UInt8(ascii: "(") || isMember || isType || isConstant { used.insert(key) }
    }

    /// The headers that a text includes, those in comments too.
    package static func includes(in text: [UInt8]) -> [Include] {
        var source = SourceText([])
        for line in TextLines(text).lines {
            guard let start = line.first(where: { $0 != 32 && $0 != 9 }), start == UInt8(ascii: "#"),
                let at = line.firstIndex(of: start)
            else { continue }
            _ = source.takeDirective(at + 1, in: text)
        }
        return source.includes
    }

    /// Which of some words a text has, in comments too.
    package static func words(_ words: Set<TextKey>, in text: [UInt8]) -> Set<TextKey> { Words.found(words, in: text) }

    /// Where a string or character ends; one that is not closed ends with its line, as it may be an apostrophe.
    private static func end(ofLiteralAt start: Int, in text: [UInt8]) -> Int {
        var at = start + 1
        while at < text.count, text[at] != 10 {
            if text[at] == text[start] { return at + 1 }
            at += text[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(at, text.count)
    }

    /// Takes what follows a `#`: the name of a header, a macro, or a condition, whose words need not be there.
    /// - Returns: Where to go on.
    private mutating func takeDirective(_ start: Int, in text: [UInt8]) -> Int {
        var at = start
        func skipBlanks() { while at < text.count, text[at] == 32 || text[at] == 9 { at += 1 } }
        func word() -> ArraySlice<UInt8> {
            let start = at
            while at < text.count, Words.isPart(text[at]) { at += 1 }
            return text[start..<at]
        }
        skipBlanks()
        let directive = word()
        skipBlanks()
        switch String(decoding: directive, as: UTF8.self) {
        case "include": break
        case "define":
            let name = word()
            if Words.isIdentifier(name), Words.isName(name) {
                names.insert(TextKey(name))
                defined.insert(TextKey(name))
            }
            return at
        case "if", "ifdef", "ifndef", "elif", "undef", "error", "warning", "pragma":
            while at < text.count, text[at] != 10 || text[at - 1] == UInt8(ascii: "\\") { at += 1 }
            return at
        default: return at
        }
        guard at < text.count, text[at] == UInt8(ascii: "\"") || text[at] == UInt8(ascii: "<") else { return at }
        let close = text[at] == UInt8(ascii: "<") ? UInt8(ascii: ">") : text[at]
        let line = text[(at + 1)...].prefix { $0 != 10 }
        guard let end = line.firstIndex(of: close) else { return line.endIndex }
        includes.append(Include(path: Array(line[..<end]), isQuoted: close == UInt8(ascii: "\"")))
        return end + 1
    }
}
