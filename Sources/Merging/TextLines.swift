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

/// Gives equal lines of several texts the same number, so that they are compared once.
struct LineNumbers {
    private var numbers: [ArraySlice<UInt8>: Int] = [:]

    mutating func of(_ lines: [ArraySlice<UInt8>]) -> [Int] {
        lines.map { line in
            if let known = numbers[line] { return known }
            let number = numbers.count
            numbers[line] = number
            return number
        }
    }
}
