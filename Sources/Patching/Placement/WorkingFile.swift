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
        let most = LineScanner.count(blob) + 1
        // Some more may come with patches.
        return Array(unsafeUninitializedCapacity: most + 32) { lines, count in
            LineScanner.forEachLine(blob) { start, end in
                guard count < most else { return }
                lines.initializeElement(at: count, to: Line(start: blob.start + start, count: end - start))
                count += 1
            }
        }
    }
}

/// What hunks change in the lines of a file, collected top down and carried out at the end.
struct LineEdits {
    /// Old lines that others take the place of.
    private struct Edit {
        /// The old lines, from 0; past the end where a hunk named a place there.
        var old: Range<Int>
        /// The new ones, in ``inserted``.
        var new: Range<Int>
    }

    private var edits: [Edit] = []
    private var inserted: [Line] = []
    /// How many old lines have been consumed; past the end where a hunk named a place there.
    private(set) var consumed = 0

    /// Takes the next hunk, at a line (from 1).
    /// - Returns: Whether it lies behind what was consumed before; if not, it is not taken.
    mutating func take(_ lines: borrowing HunkLines, at line: Int) -> Bool {
        // All that lies before the first change can be copied first: it is where a garbled order shows.
        var position = line - 1
        guard position + lines.leadingContext >= consumed else { return false }
        let base = inserted.count
        inserted += lines.inserted
        var (start, end) = (base, base)
        var isFirst = true
        for run in lines.runs where run.kept + run.deleted + run.inserted > 0 {
            position += run.kept
            end += run.inserted
            if run.deleted + run.inserted == 0 { continue }
            if run.kept == 0, !isFirst, let last = edits.indices.last {
                // Nothing is kept between them: they are one change.
                edits[last] = Edit(
                    old: edits[last].old.lowerBound..<position + run.deleted, new: edits[last].new.lowerBound..<end)
            } else {
                edits.append(Edit(old: position..<position + run.deleted, new: start..<end))
            }
            isFirst = false
            position += run.deleted
            start = end
            consumed = max(consumed, position)
        }
        return true
    }

    /// Carries them out.
    /// - Returns: Lines that had to be completed with a newline, to be kept alive.
    func apply(to lines: inout [Line]) -> [Blob] {
        guard let first = edits.first else { return [] }
        let count = lines.count
        if edits.count <= 4 {
            for edit in edits.reversed() {
                lines.replaceSubrange(edit.old.clamped(to: 0..<count), with: inserted[edit.new])
            }
        } else {
            let start = min(first.old.lowerBound, count)
            var tail: [Line] = []
            tail.reserveCapacity(count - start + inserted.count)
            var at = start
            for edit in edits {
                let old = edit.old.clamped(to: 0..<count)
                if old.lowerBound > at { tail += lines[at..<old.lowerBound] }
                tail += inserted[edit.new]
                at = max(at, old.upperBound)
            }
            tail += lines[at...]
            lines.replaceSubrange(start..., with: tail)
        }
        return completed(&lines, count)
    }

    /// Lines without a newline that have got a successor get a newline too (GNU patch): the old last one, and new ones.
    private func completed(_ lines: inout [Line], _ oldCount: Int) -> [Blob] {
        var blobs: [Blob] = []
        func complete(_ index: Int) {
            guard index < lines.count - 1, !lines[index].isComplete else { return }
            let blob = Blob(Array(lines[index].content) + [10])
            blobs.append(blob)
            lines[index] = blob.line(0, blob.count)
        }
        guard !lines.isEmpty else { return [] }
        var shift = 0
        for edit in edits {
            let start = min(edit.old.lowerBound, oldCount) + shift
            // The one before is the old last line where something was put behind it.
            if start > 0 { complete(start - 1) }
            for index in start..<start + edit.new.count { complete(index) }
            shift += edit.new.count - edit.old.clamped(to: 0..<oldCount).count
        }
        return blobs
    }
}
