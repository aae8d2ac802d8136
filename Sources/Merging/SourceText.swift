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
    /// Its identifiers: those with an underscore, and of the others those that are called, or are macros.
    package private(set) var names: Set<TextKey> = []
    /// Those of them that somebody else has to declare: what it calls, constants, members, and types; and nothing that it
    /// declares or names otherwise itself, no option of the configuration, and nothing that the compiler has.
    package var needs: Set<TextKey> { used.subtracting(own).filter { !Self.isCompilers($0.text) } }

    private var used: Set<TextKey> = []
    /// Macros, functions, members and enumerators of its own, and all that is named without being used.
    private var own: Set<TextKey> = []

    /// Reads a text.
    package init(_ text: [UInt8]) {
        var at = 0
        // Whether the line began in the first column and is no assignment; the word before, and the last byte that is no blank.
        var (isOutside, former, last) = (false, text[0..<0], UInt8(10))
        // Inside the braces of an enumeration.
        var isEnumeration = false
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
                if start == 0 || text[start - 1] == 10 { (isOutside, former) = (true, text[0..<0]) }
                take(
                    text[start..<at], after: former, last, isOutside: isOutside, isEnumeration: isEnumeration, in: text)
                former = text[start..<at]
            case 10:
                isOutside = false
                at += 1
            default:
                if byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") { isOutside = false }
                if byte == UInt8(ascii: "{") {
                    isEnumeration = isEnumeration || Self.isEnumeration(before: at, in: text)
                }
                if byte == UInt8(ascii: "}") { isEnumeration = false }
                at += 1
            }
            if byte > 32 || byte == 10 { last = byte }
        }
    }

    /// Whether a brace opens an enumeration: `enum {`, `enum name {`.
    private static func isEnumeration(before brace: Int, in text: [UInt8]) -> Bool {
        let words = text[max(0, brace - 80)..<brace].split { !Words.isPart($0) }
        return words.suffix(2).contains { $0.elementsEqual("enum".utf8) }
    }

    /// Takes a word of the program.
    private mutating func take(
        _ word: ArraySlice<UInt8>, after former: ArraySlice<UInt8>, _ last: UInt8, isOutside: Bool, isEnumeration: Bool,
        in text: [UInt8]
    ) {
        guard Words.isIdentifier(word), word.count > 2 else { return }
        let next = text[word.endIndex...].first { $0 != 32 && $0 != 9 }
        // A word without an underscore is too often one of other things where it is not called.
        guard next == UInt8(ascii: "(") || Words.isName(word) else { return }
        let key = TextKey(word)
        names.insert(key)
        let isMember =
            last == UInt8(ascii: ".")
            || last == UInt8(ascii: ">") && word.startIndex > 1
                && text[word.startIndex - 1] == UInt8(ascii: ">") && text[word.startIndex - 2] == UInt8(ascii: "-")
        let isTagged = ["struct", "union", "enum"].contains { former.elementsEqual($0.utf8) }
        if isEnumeration || isTagged && next == UInt8(ascii: "{") {
            own.insert(key)
        } else if next == UInt8(ascii: "("), !isMember {
            if isOutside, declares(word, after: former, in: text) { own.insert(key) } else { used.insert(key) }
        } else if isMember || isTagged || word.suffix(2).elementsEqual("_t".utf8) {
            used.insert(key)
        } else if !word.contains(where: { (97...122).contains($0) }) {
            if !word.starts(with: "CONFIG_".utf8) { used.insert(key) }
        } else if !isMember {
            own.insert(key)
        }
    }

    /// Whether what follows a word is a function's parameters and then its body, or the end of a declaration with a type.
    private func declares(_ word: ArraySlice<UInt8>, after former: ArraySlice<UInt8>, in text: [UInt8]) -> Bool {
        var (at, depth) = (word.endIndex, 0)
        let end = min(text.count, word.endIndex + 2000)
        while at < end {
            let byte = text[at]
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0, byte == UInt8(ascii: "{") { return true }
            if depth == 0, byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") {
                return !former.isEmpty && !["static", "extern", "inline"].contains { former.elementsEqual($0.utf8) }
            }
            at += 1
        }
        return false
    }

    /// Whether the compiler, or the build by its command line, has a name.
    private static func isCompilers(_ word: ArraySlice<UInt8>) -> Bool {
        word.starts(with: "__builtin_".utf8) || word.starts(with: "KBUILD_".utf8)
            || known.contains { word.elementsEqual($0.utf8) }
    }

    private static let known = [
        "if", "for", "while", "switch", "return", "sizeof", "typeof", "defined", "else", "asm", "__LINE__", "__FILE__",
        "__func__", "__FUNCTION__", "__DATE__", "__TIME__", "__COUNTER__", "__asm__", "__attribute__", "__alignof__",
        "__typeof__", "__typeof", "__volatile__", "__inline__", "__extension__", "__label__", "_Alignof",
        "_Static_assert",
        "_Generic", "_Bool",
    ]

    /// The headers that a text includes, those in comments too.
    package static func includes(in text: [UInt8]) -> [Include] {
        var source = SourceText([])
        var end = 0
        for line in TextLines(text).lines where line.startIndex >= end {
            guard let start = line.firstIndex(where: { $0 != 32 && $0 != 9 }), line[start] == UInt8(ascii: "#") else {
                continue
            }
            end = source.takeDirective(start + 1, in: text)
        }
        return source.includes
    }

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
        case "include", "include_next": break
        case "define":
            let name = word()
            if Words.isIdentifier(name) {
                names.insert(TextKey(name))
                own.insert(TextKey(name))
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
