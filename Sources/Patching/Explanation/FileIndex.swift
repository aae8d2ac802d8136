/// Where the lines of a file are, worked out once for all hunks of a patch that fail in it.
final class FileIndex {
    /// The file's lines.
    let lines: [Line]
    /// The places of each line, from 0, in order; of a line that is everywhere only the first ``mostPlaces``.
    let places: [LineKey: [Int]]

    /// How many places of a line are kept: one that has more tells nothing about where a hunk belongs.
    static let mostPlaces = 64

    /// Indexes a file.
    init(_ lines: [Line]) {
        self.lines = lines
        var places: [LineKey: [Int]] = [:]
        places.reserveCapacity(lines.count)
        for (index, line) in lines.enumerated() {
            let key = LineKey(line)
            if places[key, default: []].count < Self.mostPlaces { places[key, default: []].append(index) }
        }
        self.places = places
    }

    /// Whether the file has a line.
    func contains(_ key: LineKey) -> Bool { places[key] != nil }

    /// The lines without carriage returns at their ends, and what they are kept alive by; `nil` where there are none.
    lazy var withoutReturns: (lines: [Line], blob: Blob)? = Self.withoutReturns(lines)

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
