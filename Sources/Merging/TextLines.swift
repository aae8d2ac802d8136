/// A text as lines, each with its end, so that the lines one after the other are the text again.
public struct TextLines: Sendable {
    /// The lines.
    public let lines: [ArraySlice<UInt8>]

    /// Takes a text apart.
    public init(_ text: [UInt8]) {
        var lines: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        while start < text.endIndex {
            let end = text[start...].firstIndex(of: 10).map { $0 + 1 } ?? text.endIndex
            lines.append(text[start..<end])
            start = end
        }
        self.lines = lines
    }
}

/// A stretch of a text as a key of a dictionary: hashed once, and as a whole; a slice of an array is hashed byte by byte.
struct TextKey: Hashable {
    let text: ArraySlice<UInt8>
    private let hash: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        var hasher = Hasher()
        text.withUnsafeBytes { hasher.combine(bytes: $0) }
        hash = hasher.finalize()
    }

    static func == (left: TextKey, right: TextKey) -> Bool { left.hash == right.hash && left.text == right.text }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// How often each line occurs.
package struct LineCounts {
    private var counts: [TextKey: Int] = [:]

    /// Counts some lines.
    package init(_ lines: [ArraySlice<UInt8>]) {
        for line in lines { counts[TextKey(line), default: 0] += 1 }
    }

    /// Counts the lines of a text.
    init(_ text: [UInt8]) { self.init(TextLines(text).lines) }

    /// How often a line occurs.
    package subscript(line: ArraySlice<UInt8>) -> Int { counts[TextKey(line)] ?? 0 }

    /// Takes a line away once; `false` where there is none left.
    package mutating func take(_ line: ArraySlice<UInt8>) -> Bool {
        let key = TextKey(line)
        guard let count = counts[key], count > 0 else { return false }
        counts[key] = count - 1
        return true
    }
}

/// Gives equal lines of several texts the same number, so that they are compared once.
struct LineNumbers {
    private var numbers: [TextKey: Int] = [:]

    mutating func of(_ lines: [ArraySlice<UInt8>]) -> [Int] {
        lines.map { line in
            let key = TextKey(line)
            if let known = numbers[key] { return known }
            let number = numbers.count
            numbers[key] = number
            return number
        }
    }
}
