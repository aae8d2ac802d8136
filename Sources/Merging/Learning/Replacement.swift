/// Something that upstream replaced in the same way in every place: learned from its change, not known beforehand.
///
/// 1. `word`: an identifier or macro has another name. Lines that differ in nothing but such words bear witness: two
///    different ones at least, and at least half of the lines that had the word; all give it the same new name. The new text
///    does not have the word any more. The new name is new too, unless every line that bears witness calls it: then
///    upstream has changed from one function to another.
/// 2. `call`: the calls of a function have other arguments. Lines that differ in nothing but that call bear witness: two
///    different ones at least, in which every new argument is the same old one or the same constant. The new text has no call
///    of the old form, and a function that took over is new.
///
/// What is learned is likely, not certain: it is used for lines of a patch that upstream has never seen.
public struct Replacement: Sendable, Hashable {
    /// What is replaced.
    public enum Form: Sendable, Hashable {
        /// A word by another.
        case word([UInt8], [UInt8])
        /// A call by another.
        case call(CallForm)
    }

    /// What is replaced, and by what.
    public let form: Form
    /// How many lines of upstream's change bear witness.
    public let witnesses: Int

    /// Whether it is this word, or calls of this function, that it replaces.
    public func names(_ word: ArraySlice<UInt8>) -> Bool {
        switch form {
        case .word(let old, _): word.elementsEqual(old)
        case .call(let form): word.elementsEqual(form.oldName)
        }
    }

    /// What it was: `del_timer`, `class_create(#1, #2)`.
    public var old: String {
        switch form {
        case .word(let old, _): String(decoding: old, as: UTF8.self)
        case .call(let form): form.oldText
        }
    }

    /// What it is now: `timer_delete`, `class_create(#2)`.
    public var new: String {
        switch form {
        case .word(_, let new): String(decoding: new, as: UTF8.self)
        case .call(let form): form.newText
        }
    }
}

/// What became of the calls of a function.
public struct CallForm: Sendable, Hashable {
    /// An argument of the new form.
    enum Argument: Hashable, Sendable {
        /// One of the old form, from 0.
        case old(Int)
        /// Always the same text.
        case text([UInt8])
    }

    let oldName: [UInt8]
    let newName: [UInt8]
    let arguments: [Argument]
    /// For each argument of the old form that text which it always was, if it has no place in the new one.
    let dropped: [[UInt8]?]

    var oldCount: Int { dropped.count }

    var oldText: String {
        let names = (0..<oldCount).map { place in
            dropped[place].map { String(decoding: $0, as: UTF8.self) } ?? "#\(place + 1)"
        }
        return "\(String(decoding: oldName, as: UTF8.self))(\(names.joined(separator: ", ")))"
    }

    var newText: String {
        let names = arguments.map { argument in
            switch argument {
            case .old(let place): "#\(place + 1)"
            case .text(let text): String(decoding: text, as: UTF8.self)
            }
        }
        return "\(String(decoding: newName, as: UTF8.self))(\(names.joined(separator: ", ")))"
    }

    /// The new form of a call; `nil` for one that upstream has never had.
    func replaced(_ call: LineCall) -> [UInt8]? {
        guard call.name.elementsEqual(oldName), call.arguments.count == oldCount else { return nil }
        for (text, argument) in zip(dropped, call.arguments) {
            if let text, !argument.elementsEqual(text) { return nil }
        }
        var result = newName + [UInt8(ascii: "(")]
        for (index, argument) in arguments.enumerated() {
            if index > 0 { result += Array(", ".utf8) }
            switch argument {
            case .old(let place): result += call.arguments[place]
            case .text(let text): result += text
            }
        }
        return result + [UInt8(ascii: ")")]
    }
}

/// A call that begins and ends on one line.
struct LineCall {
    let name: ArraySlice<UInt8>
    /// Without blanks around them.
    let arguments: [ArraySlice<UInt8>]
    /// From the name to the closing bracket.
    let range: Range<Int>

    /// The calls of a line, those inside of others too, in the order of their names.
    static func all(_ line: ArraySlice<UInt8>) -> [LineCall] {
        var calls: [LineCall] = []
        var last: ArraySlice<UInt8>?
        for part in MergeRegion.parts(line) {
            defer { last = part }
            guard part.first == UInt8(ascii: "("), let name = last, Words.isIdentifier(name),
                !Words.keywords.contains(name)
            else { continue }
            if let call = read(name, from: part.startIndex, in: line) { calls.append(call) }
        }
        return calls
    }

    private static func read(_ name: ArraySlice<UInt8>, from open: Int, in line: ArraySlice<UInt8>) -> LineCall? {
        var depth = 0
        var arguments: [ArraySlice<UInt8>] = []
        var start = open + 1
        // The quote that a string or a character began with.
        var quote: UInt8?
        var at = open
        while at < line.endIndex {
            let byte = line[at]
            if let mark = quote {
                if byte == UInt8(ascii: "\\") { at += 1 } else if byte == mark { quote = nil }
            } else {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
                case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                    depth -= 1
                    if depth == 0 {
                        let rest = Words.bare(line[start..<at])
                        if !rest.isEmpty || !arguments.isEmpty { arguments.append(rest) }
                        return LineCall(name: name, arguments: arguments, range: name.startIndex..<(at + 1))
                    }
                case UInt8(ascii: ",") where depth == 1:
                    arguments.append(Words.bare(line[start..<at]))
                    start = at + 1
                default: break
                }
            }
            at += 1
        }
        return nil
    }
}

/// Words of C and their neighbours.
enum Words {
    /// What looks like a call and is none.
    static let keywords: Set<ArraySlice<UInt8>> = Set(
        ["if", "for", "while", "switch", "return", "sizeof", "typeof", "defined", "__attribute__", "else"].map {
            Array($0.utf8)[...]
        })

    static func isIdentifier(_ word: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first else { return false }
        return (65...90).contains(first) || (97...122).contains(first) || first == UInt8(ascii: "_")
    }

    /// Whether a word is a name of the program, and not perhaps one of a sentence.
    static func isName(_ word: ArraySlice<UInt8>) -> Bool {
        word.contains(UInt8(ascii: "_")) && word.contains { $0 != UInt8(ascii: "_") }
    }

    /// The identifiers of a text.
    static func identifiers(_ text: [UInt8]) -> Set<ArraySlice<UInt8>> {
        var words: Set<ArraySlice<UInt8>> = []
        for line in TextLines(text).lines {
            for part in MergeRegion.parts(line) where isIdentifier(part) { words.insert(part) }
        }
        return words
    }

    /// Which of some identifiers a text has.
    static func found(_ words: Set<TextKey>, in text: [UInt8]) -> Set<TextKey> {
        // Most words of a text are told from all that are asked for by their length and their ends.
        var rest: [Int: Set<TextKey>] = [:]
        func ends(_ first: UInt8, _ last: UInt8, _ count: Int) -> Int { count << 16 | Int(first) << 8 | Int(last) }
        for word in words where !word.text.isEmpty {
            rest[ends(word.text.first!, word.text.last!, word.text.count), default: []].insert(word)
        }
        var found: Set<TextKey> = []
        var at = 0
        while at < text.count {
            guard isPart(text[at]) else {
                at += 1
                continue
            }
            let start = at
            while at < text.count, isPart(text[at]) { at += 1 }
            let key = ends(text[start], text[at - 1], at - start)
            guard rest[key] != nil, let word = rest[key]?.remove(TextKey(text[start..<at])) else { continue }
            found.insert(word)
        }
        return found
    }

    /// Whether a byte can be in a word.
    static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    /// Without blanks around it.
    static func bare(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || (9...13).contains($0) }
        let start = text.drop(while: isBlank)
        guard let end = start.lastIndex(where: { !isBlank($0) }) else { return text[text.endIndex...] }
        return start[...end]
    }
}
