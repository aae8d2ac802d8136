import CArchive

/// Reads an archive entry by entry: tar, ar, cpio, and RPM packages, under any compression libarchive knows.
final class ArchiveReader {
    /// How errors call the archive.
    let name: String
    private let input: ArchiveInput
    private let limits: ArchiveLimits
    private var entries = 0
    private var bytes = 0
    private var expectedOffset = 0
    private var current: String?

    init(_ source: ArchiveSource, limits: ArchiveLimits) throws(ArchiveError) {
        self.limits = limits
        var stream = try PeekedStream(try source.open(limits))
        name = stream.name
        // The lead of an RPM package (rpm's "lead" structure): its header is skipped, the payload is a compressed cpio.
        if stream.head.starts(with: [0xed, 0xab, 0xee, 0xdb]) {
            stream = try PeekedStream(try FilterStream(stream, layer: .rpm, limits: limits))
        }
        if let layer = try Decompressor.layer(over: stream, limits: limits) { stream = try PeekedStream(layer) }
        if stream.head.isEmpty { throw ArchiveError(name, .malformed("it is empty")) }
        input = try ArchiveInput(stream)
        archive_read_support_format_tar(input.handle)
        archive_read_support_format_ar(input.handle)
        archive_read_support_format_cpio(input.handle)
        try input.open()
    }

    /// The next entry; `nil` at the end, when the whole stream was read and its checksums held.
    func next() throws(ArchiveError) -> ArchiveEntry? {
        var handle: OpaquePointer?
        let result = archive_read_next_header(input.handle, &handle)
        if result == ARCHIVE_EOF {
            try input.drain()
            return nil
        }
        // A warning is about a name that the locale cannot hold; the raw bytes are taken instead.
        guard result == ARCHIVE_OK || result == ARCHIVE_WARN, let handle else {
            throw input.error(entry: current.map { "after \($0)" })
        }
        let entry = try ArchiveEntry(handle, archive: name)
        current = entry.location.text
        expectedOffset = 0
        entries += 1
        if entries > limits.entries {
            throw ArchiveError(name, entry: current, .tooLarge(limit: limits.entries, unit: "entries"))
        }
        // The declared size counts, so that a sparse file of a few bytes cannot fill the disk.
        let (sum, overflow) = bytes.addingReportingOverflow(entry.size)
        if overflow || sum > limits.bytes {
            throw ArchiveError(name, entry: current, .tooLarge(limit: limits.bytes, unit: "bytes"))
        }
        bytes = sum
        return entry
    }

    /// The next piece of the current entry's content; `nil` at its end. Valid until the next call.
    func piece() throws(ArchiveError) -> UnsafeRawBufferPointer? {
        var start: UnsafeRawPointer?
        var size = 0
        var offset: la_int64_t = 0
        while true {
            let result = archive_read_data_block(input.handle, &start, &size, &offset)
            if result == ARCHIVE_EOF { return nil }
            try input.check(result, entry: current)
            guard offset == expectedOffset else {
                throw ArchiveError(
                    name, entry: current, .malformed("it is a sparse file, which does not belong in a source package"))
            }
            if size == 0 { continue }
            expectedOffset += size
            return UnsafeRawBufferPointer(start: start, count: size)
        }
    }

    /// The rest of the current entry's content, up to `limit` bytes.
    func content(limit: Int) throws(ArchiveError) -> [UInt8] {
        var content: [UInt8] = []
        while let piece = try piece() {
            if content.count + piece.count > limit {
                throw ArchiveError(name, entry: current, .tooLarge(limit: limit, unit: "bytes"))
            }
            content.append(contentsOf: piece)
        }
        return content
    }
}
