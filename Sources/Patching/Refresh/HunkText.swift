/// A hunk as text, for the place in a file where it was found.
struct HunkText {
    private struct Row {
        var operation: HunkLines.Operation
        var line: Line
        /// Whether it ends with a newline in the patch, even where `line` does not.
        var isCompleted = false
    }

    private var rows: [Row] = []
    private let section: Line
    private let reverse: Bool
    /// The first line it concerns, from 1.
    private let start: Int
    /// How many lines of the file it has before and after it is applied.
    private(set) var oldCount = 0
    private(set) var newCount = 0

    /// Takes context from the file, and as much after the change as before it: with less, the hunk would belong to the
    /// end of the file and nowhere else.
    /// - Parameter place: The line of the file where the old lines were found, from 1.
    init(_ hunk: Hunk, _ side: FileSide, at place: Int, in file: [Line]) {
        section = side.patch.source.line(hunk.section.lowerBound, hunk.section.upperBound)
        reverse = side.reverse
        var lines = HunkLines()
        lines.decode(hunk, of: side.patch.source, reverse: side.reverse)
        var position = place - 1
        var first: Int?
        // Lines of context before the first change, and after the last one.
        var prefix: Int?
        var context = 0
        for (operation, line) in lines.operations {
            if operation == .keep {
                // Context that fuzz has ignored may lie outside of the file.
                if file.indices.contains(position) {
                    rows.append(Row(operation: .keep, line: file[position]))
                    first = first ?? position
                    context += 1
                }
                position += 1
                continue
            }
            prefix = prefix ?? context
            context = 0
            rows.append(Row(operation: operation, line: line))
            first = first ?? position
            if operation == .delete { position += 1 }
        }
        while context < prefix ?? 0, file.indices.contains(position) {
            rows.append(Row(operation: .keep, line: file[position]))
            position += 1
            context += 1
        }
        start = (first ?? place - 1) + 1
        completeLines(goesOn: file.indices.contains(position))
        oldCount = rows.count { $0.operation != .insert }
        newCount = rows.count { $0.operation != .delete }
    }

    /// A line without a newline that gets a successor gets a newline (GNU patch); of a line of the file that is a change.
    private mutating func completeLines(goesOn: Bool) {
        for index in rows.indices where rows[index].operation == .insert && !rows[index].line.isComplete {
            rows[index].isCompleted = goesOn || rows[(index + 1)...].contains { $0.operation != .delete }
        }
        guard let at = rows.firstIndex(where: { $0.operation == .keep && !$0.line.isComplete }),
            rows[at...].contains(where: { $0.operation == .insert })
        else { return }
        let line = rows[at].line
        rows.replaceSubrange(
            at...at,
            with: [Row(operation: .delete, line: line), Row(operation: .insert, line: line, isCompleted: true)])
    }

    private static let marker = Array("\\ No newline at end of file\n".utf8)

    /// As a unified hunk.
    /// - Parameter growth: How many lines the hunks before it add.
    func unified(_ growth: Int) -> [UInt8] {
        let (old, new) = sides(growth)
        func range(_ side: (start: Int, count: Int)) -> String {
            "\(side.count == 0 ? side.start - 1 : side.start)" + (side.count == 1 ? "" : ",\(side.count)")
        }
        var text = Array("@@ -\(range(old)) +\(range(new)) @@\(section.count > 0 ? " " : "")".utf8)
        text += section.content
        text.append(10)
        for row in rows { append(row, [kind(row.operation)], &text) }
        return text
    }

    /// As a hunk of a context diff.
    /// - Parameter growth: How many lines the hunks before it add.
    func context(_ growth: Int) -> [UInt8] {
        let (old, new) = sides(growth)
        func range(_ side: (start: Int, count: Int)) -> String {
            side.count > 1
                ? "\(side.start),\(side.start + side.count - 1)" : "\(side.start - (side.count == 0 ? 1 : 0))"
        }
        let kinds = rows.map { kind($0.operation) }
        let isChanged = changed(kinds)
        func half(without other: UInt8) -> [UInt8] {
            var text: [UInt8] = []
            for (index, row) in rows.enumerated() where kinds[index] != other {
                append(row, [isChanged[index] ? UInt8(ascii: "!") : kinds[index], 32], &text)
            }
            return text
        }
        var text = Array("***************\(section.count > 0 ? " " : "")".utf8)
        text += section.content
        text += Array("\n*** \(range(old)) ****\n".utf8)
        // A side without changes of its own leaves its lines out.
        if kinds.contains(UInt8(ascii: "-")) { text += half(without: UInt8(ascii: "+")) }
        text += Array("--- \(range(new)) ----\n".utf8)
        if kinds.contains(UInt8(ascii: "+")) { text += half(without: UInt8(ascii: "-")) }
        return text
    }

    /// Which lines are in a run that both removes and adds.
    private func changed(_ kinds: [UInt8]) -> [Bool] {
        var result = [Bool](repeating: false, count: kinds.count)
        var at = 0
        while at < kinds.count {
            var end = at
            while end < kinds.count, kinds[end] != 32 { end += 1 }
            if kinds[at..<end].contains(UInt8(ascii: "-")), kinds[at..<end].contains(UInt8(ascii: "+")) {
                for index in at..<end { result[index] = true }
            }
            at = end + 1
        }
        return result
    }

    /// Where it begins and how long it is, as the patch counts: a patch that is reverted has its sides the other way
    /// round.
    private func sides(_ growth: Int) -> (old: (start: Int, count: Int), new: (start: Int, count: Int)) {
        let old = (start: start, count: oldCount)
        let new = (start: start + growth, count: newCount)
        return reverse ? (new, old) : (old, new)
    }

    private func kind(_ operation: HunkLines.Operation) -> UInt8 {
        switch operation {
        case .keep: 32
        case .delete: UInt8(ascii: reverse ? "+" : "-")
        case .insert: UInt8(ascii: reverse ? "-" : "+")
        }
    }

    private func append(_ row: Row, _ mark: [UInt8], _ text: inout [UInt8]) {
        text += mark
        text += row.line.content
        text.append(10)
        if !row.line.isComplete && !row.isCompleted { text += Self.marker }
    }

    /// With a carriage return before each newline.
    static func withReturns(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 20)
        for byte in text {
            if byte == 10 { result.append(13) }
            result.append(byte)
        }
        return result
    }
}
