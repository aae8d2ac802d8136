import CArchive

/// A libarchive reader fed from a ``ByteStream``.
final class ArchiveInput {
    let handle: OpaquePointer
    /// Bytes handed to libarchive so far.
    private(set) var taken = 0
    private let base: any ByteStream
    private var failure: ArchiveError?

    var name: String { base.name }

    init(_ base: any ByteStream) throws(ArchiveError) {
        guard let handle = archive_read_new() else {
            throw ArchiveError(base.name, .unsupported("libarchive cannot start: no memory"))
        }
        self.handle = handle
        self.base = base
    }

    deinit { archive_read_free(handle) }

    /// Connects the stream, after the formats and filters were chosen.
    func open() throws(ArchiveError) {
        let read:
            @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutablePointer<UnsafeRawPointer?>?)
                -> la_ssize_t = { _, context, place in
                    guard let context, let place else { return -1 }
                    let input = Unmanaged<ArchiveInput>.fromOpaque(context).takeUnretainedValue()
                    do throws(ArchiveError) {
                        let piece = try input.base.next()
                        input.taken += piece.count
                        place.pointee = piece.baseAddress
                        return piece.count
                    } catch {
                        input.failure = error
                        return -1
                    }
                }
        // libarchive calls back only within calls made through `handle`, which this object outlives.
        try check(archive_read_open(handle, Unmanaged.passUnretained(self).toOpaque(), nil, read, nil))
    }

    /// Turns a libarchive result into an error unless it is OK.
    func check(_ result: Int32, entry: String? = nil) throws(ArchiveError) {
        if result == ARCHIVE_OK { return }
        throw error(entry: entry)
    }

    /// The error of the last failed call.
    func error(entry: String? = nil) -> ArchiveError {
        if let failure { return failure.naming(entry) }
        let text = archive_error_string(handle).map { String(cString: $0) } ?? "not well formed"
        return ArchiveError(name, entry: entry, .malformed(text))
    }

    /// Reads the stream after the archive's end mark, so that trailing checksums are verified.
    func drain() throws(ArchiveError) {
        while try !base.next().isEmpty {}
    }
}
