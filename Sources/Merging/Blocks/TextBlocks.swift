/// The pieces of a text that have a name of their own: functions of C, entries of Kconfig.
public struct TextBlocks: Sendable {
    /// A piece.
    public struct Block: Sendable {
        /// Its name: that of the function, or `config NAME`.
        public let name: [UInt8]
        /// Its lines.
        public let range: Range<Int>
    }

    let lines: [ArraySlice<UInt8>]
    /// Those whose name is there once, by name.
    let blocks: [[UInt8]: Block]

    /// Looks for the pieces of a text.
    public init(_ text: [UInt8]) {
        lines = TextLines(text).lines
        var found: [[UInt8]: Block] = [:]
        var twice: Set<[UInt8]> = []
        var at = 0
        while at < lines.count {
            guard let block = Self.function(lines, at) ?? Self.entry(lines, at) else {
                at += 1
                continue
            }
            if found.updateValue(block, forKey: block.name) != nil { twice.insert(block.name) }
            at = block.range.upperBound
        }
        blocks = found.filter { !twice.contains($0.key) }
    }

    /// The text of a piece; `nil` where there is none of that name, or several.
    public func text(of name: [UInt8]) -> [UInt8]? { blocks[name].map { Array(lines[$0.range].joined()) } }

    /// The text with another piece in the place of one that it has.
    public func replacing(_ name: [UInt8], by text: [UInt8]) -> [UInt8]? {
        guard let block = blocks[name] else { return nil }
        return Array(lines[..<block.range.lowerBound].joined()) + text
            + Array(lines[block.range.upperBound...].joined())
    }

    /// The names of pieces that another text has too, with another content.
    public func names(changedIn other: TextBlocks) -> [[UInt8]] {
        blocks.filter { name, block in
            guard let theirs = other.blocks[name] else { return false }
            return !lines[block.range].elementsEqual(other.lines[theirs.range])
        }.sorted { $0.value.range.lowerBound < $1.value.range.lowerBound }.map(\.key)
    }

    /// The most lines of a piece.
    private static let longest = 2000

    /// A function that begins at a line: its head is at the margin, its body ends with a bracket there.
    private static func function(_ lines: [ArraySlice<UInt8>], _ at: Int) -> Block? {
        guard UnifiedDiff.isSection(lines[at]), let open = lines[at].firstIndex(of: UInt8(ascii: "(")),
            let name = MergeRegion.parts(lines[at][..<open]).last(where: { $0.first != 32 && $0.first != 9 }),
            Words.isIdentifier(name), !Words.keywords.contains(name)
        else { return nil }
        var hasBody = false
        for index in at..<min(lines.count, at + longest) {
            let line = lines[index]
            if !hasBody {
                // The head: no declaration, no macro, no table, and nothing at the margin that is not part of it.
                if line.contains(UInt8(ascii: ";")) || line.contains(UInt8(ascii: "=")) { return nil }
                if index > at, UnifiedDiff.isSection(line) || line.first == UInt8(ascii: "#") { return nil }
                hasBody = line.first == UInt8(ascii: "{")
            } else if line.first == UInt8(ascii: "}") {
                return Block(name: Array(name), range: at..<(index + 1))
            } else if UnifiedDiff.isSection(line), !isLabel(line) {
                return nil
            }
        }
        return nil
    }

    private static func isLabel(_ line: ArraySlice<UInt8>) -> Bool { Words.bare(line).last == UInt8(ascii: ":") }

    /// An entry of a Kconfig file: up to what is next at the margin.
    private static func entry(_ lines: [ArraySlice<UInt8>], _ at: Int) -> Block? {
        let words = lines[at].split { $0 <= 32 }
        guard words.count == 2, lines[at].first == words[0].first, Words.isIdentifier(words[1]),
            words[0].elementsEqual("config".utf8) || words[0].elementsEqual("menuconfig".utf8)
        else { return nil }
        let rest = lines[(at + 1)..<min(lines.count, at + longest)]
        let end = rest.firstIndex { UnifiedDiff.isSection($0) || $0.first == UInt8(ascii: "#") } ?? rest.endIndex
        return Block(name: Array("config ".utf8) + words[1], range: at..<end)
    }
}
