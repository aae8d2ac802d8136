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
package struct TextKey: Hashable, Sendable {
    /// The text.
    package let text: ArraySlice<UInt8>
    fileprivate let hash: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        hash = text.withUnsafeBytes(Self.hash)
    }

    /// Differs from run to run, so that nobody can make up texts that get in each other's way.
    private static let seed = UInt64.random(in: .min ... .max) | 1

    /// Eight bytes at a time, by multiplication: a line is short, and `Hasher` takes longer to begin than to read it.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        var state = seed ^ UInt64(bytes.count)
        func mix(_ word: UInt64) {
            let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            state = product.high ^ product.low &+ seed
        }
        var at = 0
        while at + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < bytes.count {
            rest = rest << 8 | UInt64(bytes[at])
            at += 1
        }
        mix(rest)
        return Int(truncatingIfNeeded: state)
    }

    package static func == (left: TextKey, right: TextKey) -> Bool {
        left.hash == right.hash && left.text == right.text
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
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
    /// The lines, by number.
    private var keys: [TextKey] = []
    /// The numbers, each at the first free place from that of its hash on; -1 for none. At most half full.
    private var table = [Int](repeating: -1, count: 64)

    mutating func of(_ lines: [ArraySlice<UInt8>]) -> [Int] { lines.map { number(TextKey($0)) } }

    private mutating func number(_ key: TextKey) -> Int {
        if 2 * keys.count >= table.count { grow() }
        let place = place(of: key)
        if table[place] >= 0 { return table[place] }
        table[place] = keys.count
        keys.append(key)
        return keys.count - 1
    }

    private func place(of key: TextKey) -> Int {
        var place = key.hash & (table.count - 1)
        while table[place] >= 0, keys[table[place]] != key { place = (place + 1) & (table.count - 1) }
        return place
    }

    private mutating func grow() {
        table = [Int](repeating: -1, count: 4 * table.count)
        for (number, key) in keys.enumerated() { table[place(of: key)] = number }
    }
}
