import CLines

/// Finds the ends of lines that follow one another, many times faster than looking for each by itself.
package struct LineScanner {
    private let blob: Blob
    /// Where the 64 bytes begin whose newlines ``mask`` has.
    private var block: Int
    private var mask: UInt64 = 0

    /// Scans a blob from a position on.
    package init(_ blob: Blob, from position: Int) {
        self.blob = blob
        block = max(position, 0)
        if block <= blob.count - 64 { mask = dom0kit_newlines(blob.start + block) }
    }

    /// How many newlines a blob has.
    static func count(_ blob: Blob) -> Int {
        var count = 0
        var at = 0
        while at <= blob.count - 64 {
            count += dom0kit_newlines(blob.start + at).nonzeroBitCount
            at += 64
        }
        while at < blob.count {
            if blob.start[at] == 10 { count += 1 }
            at += 1
        }
        return count
    }

    /// Calls `body` with the start and the end of each line of a blob, in order.
    @inline(__always) package static func forEachLine(_ blob: Blob, _ body: (_ start: Int, _ end: Int) -> Void) {
        var start = 0
        var at = 0
        while at <= blob.count - 64 {
            var mask = dom0kit_newlines(blob.start + at)
            while mask != 0 {
                let end = at + mask.trailingZeroBitCount + 1
                body(start, end)
                start = end
                mask &= mask &- 1
            }
            at += 64
        }
        while start < blob.count {
            let end = blob.endOfLine(start)
            body(start, end)
            start = end
        }
    }

    /// The end of the line that starts at a position: as ``Blob/endOfLine(_:)``.
    /// - Parameter position: Not before the one of the last call.
    @inline(__always) package mutating func endOfLine(_ position: Int) -> Int {
        guard position >= block else { return blob.endOfLine(position) }
        if position - block >= 64 {
            block = position
            guard block <= blob.count - 64 else { return blob.endOfLine(position) }
            mask = dom0kit_newlines(blob.start + block)
        } else if block > blob.count - 64 {
            return blob.endOfLine(position)
        }
        var found = mask & (UInt64.max << UInt64(position - block))
        while found == 0 {
            block += 64
            guard block <= blob.count - 64 else { return blob.endOfLine(block) }
            mask = dom0kit_newlines(blob.start + block)
            found = mask
        }
        return block + found.trailingZeroBitCount + 1
    }
}
