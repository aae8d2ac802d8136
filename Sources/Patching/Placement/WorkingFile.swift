/// A file while patches go over it: lines that are slices of the tree's content and of the patches.
struct WorkingFile {
    /// What is at the path now; `nil` where nothing is.
    var kind: TreeFileKind?
    /// Its permission bits.
    var permissions: UInt16
    /// Its lines, newlines included; only the last may lack one.
    var lines: [Line]
    /// Content that replaced the lines' blobs (binary patches): kept alive with them.
    private(set) var blobs: [Blob]
    /// What was at the path before the first patch.
    let original: TreeFile?

    /// The state of a path in the tree.
    init(_ file: TreeFile?) {
        original = file
        kind = file?.kind
        permissions = file?.permissions ?? 0o644
        blobs = []
        lines = []
        if let file { lines = Self.split(file.content) }
    }

    /// Whether something is there.
    var exists: Bool { kind != nil }

    /// Whether it has no content.
    var isEmpty: Bool { lines.isEmpty }

    /// Nothing is there any more.
    mutating func remove() {
        kind = nil
        lines = []
    }

    /// Another content, whole.
    mutating func replace(with blob: Blob) {
        blobs.append(blob)
        lines = Self.split(blob)
    }

    /// Takes content, kind and mode of another file.
    mutating func adopt(_ other: WorkingFile) {
        kind = other.kind
        permissions = other.permissions
        lines = other.lines
        blobs += other.blobs
        if let file = other.original { blobs.append(file.content) }
    }

    /// Keeps memory alive that lines point into.
    mutating func keep(_ blob: Blob) { blobs.append(blob) }

    /// The content in one piece.
    func content() -> Blob {
        if let original, let first = lines.first, first.start == original.content.start, isUntouched(original) {
            return original.content
        }
        let size = lines.reduce(0) { $0 + $1.count }
        return Blob(capacity: size) { target in
            guard let base = target.baseAddress else { return 0 }
            var at = 0
            // Neighbouring slices of one blob are copied together.
            var index = 0
            while index < lines.count {
                let start = lines[index].start
                var length = lines[index].count
                index += 1
                while index < lines.count, start + length == lines[index].start {
                    length += lines[index].count
                    index += 1
                }
                (base + at).copyMemory(from: start, byteCount: length)
                at += length
            }
            return at
        }
    }

    private func isUntouched(_ file: TreeFile) -> Bool {
        var next = file.content.start
        for line in lines {
            if line.start != next { return false }
            next += line.count
        }
        return next == file.content.start + file.content.count
    }

    /// A content's lines.
    static func split(_ blob: Blob) -> [Line] {
        var lines: [Line] = []
        // Room for short lines: what is not used is not touched.
        lines.reserveCapacity(blob.count / 20 + 8)
        var scanner = LineScanner(blob, from: 0)
        var at = 0
        while at < blob.count {
            let end = scanner.endOfLine(at)
            lines.append(Line(start: blob.start + at, count: end - at))
            at = end
        }
        return lines
    }
}

/// The new lines of a file while hunks are applied to the old ones, top down.
struct LineWriter {
    private let old: [Line]
    /// How many old lines have been consumed; past the end where a hunk named a place there.
    private(set) var consumed = 0
    /// The lines so far.
    private(set) var lines: [Line] = []
    /// Lines that had to be completed with a newline.
    private(set) var blobs: [Blob] = []

    /// Starts at the top of a file.
    init(_ old: [Line]) {
        self.old = old
        lines.reserveCapacity(old.count + 64)
    }

    /// Applies a hunk at a line (from 1).
    /// - Returns: Whether it lies behind what was consumed before; if not, nothing is written.
    mutating func apply(_ operations: [(operation: HunkLines.Operation, line: Line)], at line: Int) -> Bool {
        // All that lies before the first change can be copied first: it is where a garbled order shows.
        var position = line - 1
        for (operation, _) in operations {
            if operation != .keep { break }
            position += 1
        }
        guard position >= consumed else { return false }
        position = line - 1
        for (operation, line) in operations {
            switch operation {
            case .keep: position += 1
            case .delete:
                copy(to: position)
                position += 1
                consumed = position
            case .insert:
                copy(to: position)
                append(line)
            }
        }
        return true
    }

    /// Copies the rest of the file.
    mutating func finish() { copy(to: max(old.count, consumed)) }

    private mutating func copy(to position: Int) {
        guard position > consumed else { return }
        let start = min(consumed, old.count)
        let end = min(position, old.count)
        // A hunk without context may name a place after the end: it is appended there (GNU patch).
        consumed = position
        guard end > start else { return }
        completeLast()
        lines.append(contentsOf: old[start..<end])
    }

    private mutating func append(_ line: Line) {
        completeLast()
        lines.append(line)
    }

    /// A line without a newline that gets a successor gets a newline too (GNU patch).
    private mutating func completeLast() {
        guard let last = lines.last, !last.isComplete else { return }
        let blob = Blob(Array(last.content) + [10])
        blobs.append(blob)
        lines[lines.count - 1] = blob.line(0, blob.count)
    }
}
