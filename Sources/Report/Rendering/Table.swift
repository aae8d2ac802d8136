/// Rows in aligned columns.
public struct Table: Sendable {
    private var rows: [[String]] = []

    /// Makes an empty one.
    public init() {}

    /// Adds a row; its cells are left-aligned, two spaces apart.
    public mutating func add(_ cells: String...) { rows.append(cells) }

    /// The rows, each ending with a newline; styles do not count as width.
    public func text(indent: Int = 0) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                let width = Self.width(cell)
                if column < widths.count { widths[column] = max(widths[column], width) } else { widths.append(width) }
            }
        }
        var text = ""
        for row in rows {
            var line = String(repeating: " ", count: indent)
            for (column, cell) in row.enumerated() {
                line += cell
                if column + 1 < row.count {
                    line += String(repeating: " ", count: widths[column] - Self.width(cell) + 2)
                }
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }

    /// Characters shown, styles not counted.
    private static func width(_ cell: String) -> Int {
        let plain = SafeText.withoutStyles(cell)
        // Of ASCII, each byte is a character.
        return plain.utf8.allSatisfy { $0 < 0x80 } ? plain.utf8.count : plain.count
    }
}
