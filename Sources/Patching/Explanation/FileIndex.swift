/// A file that hunks failed in, with what is worked out once for all of them.
final class FileIndex {
    /// The file's lines, to look for hunks.
    let search: LineSearch

    /// Takes a file.
    init(_ lines: [Line]) { search = LineSearch(lines) }

    /// The file's lines.
    var lines: [Line] { search.lines }

    /// Where they are.
    var lineIndex: LineIndex { search.index }

    /// Whether the file has a line.
    func contains(_ line: Line) -> Bool { lineIndex.kind(of: line) != LineIndex.absent }

    /// The lines without carriage returns at their ends, to look for hunks; `nil` where there are none.
    private(set) lazy var searchWithoutReturns: LineSearch? = withoutReturns.map { LineSearch($0.lines) }

    /// How many lines were compared.
    var effort: Int { search.effort + (withoutReturns == nil ? 0 : searchWithoutReturns?.effort ?? 0) }

    /// The lines without carriage returns at their ends, and what they are kept alive by; `nil` where there are none.
    private lazy var withoutReturns: (lines: [Line], blob: Blob)? = Self.withoutReturns(lines)

    /// Lines without the carriage returns at their ends; `nil` where none has one.
    static func withoutReturns(_ lines: [Line]) -> (lines: [Line], blob: Blob)? {
        guard lines.contains(where: \.endsWithReturn) else { return nil }
        var bytes: [UInt8] = []
        for line in lines {
            var content = Array(UnsafeBufferPointer(start: line.start, count: line.count))
            if line.endsWithReturn { content.remove(at: content.count - (line.isComplete ? 2 : 1)) }
            bytes += content
        }
        let blob = Blob(bytes)
        return (WorkingFile.split(blob), blob)
    }
}

extension Line {
    /// Whether its text ends with a carriage return.
    fileprivate var endsWithReturn: Bool {
        let end = isComplete ? count - 1 : count
        return end > 0 && start[end - 1] == 13
    }
}
