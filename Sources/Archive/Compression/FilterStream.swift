import CArchive

/// Undoes one layer (a compression other than gzip, or an RPM package's header) with libarchive.
///
/// A layer of its own, and not libarchive's built-in stack, so that the compressed stream is always read to its end:
/// a tar reader stops at the end mark, and the checksum of the last block would go unread.
final class FilterStream: ByteStream {
    /// What libarchive is to undo.
    enum Layer {
        case compression(Compression)
        case rpm

        var enable: (OpaquePointer) -> Int32 {
            switch self {
            case .rpm: { archive_read_support_filter_rpm($0) }
            case .compression(.bzip2): { archive_read_support_filter_bzip2($0) }
            case .compression(.xz): { archive_read_support_filter_xz($0) }
            case .compression(.lzma): { archive_read_support_filter_lzma($0) }
            case .compression(.lzip): { archive_read_support_filter_lzip($0) }
            case .compression(.zstd): { archive_read_support_filter_zstd($0) }
            case .compression(.lz4): { archive_read_support_filter_lz4($0) }
            case .compression(.compress): { archive_read_support_filter_compress($0) }
            case .compression(.gzip): { archive_read_support_filter_gzip($0) }
            }
        }

        var name: String {
            switch self {
            case .rpm: "rpm"
            case .compression(let compression): compression.rawValue
            }
        }
    }

    var name: String { input.name }
    private let input: ArchiveInput
    private let layer: Layer
    private var growth: GrowthGuard
    private var ended = false

    init(_ base: any ByteStream, layer: Layer, limits: ArchiveLimits) throws(ArchiveError) {
        input = try ArchiveInput(base)
        growth = GrowthGuard(limits)
        self.layer = layer
        // A warning says that libarchive would start an external program for it, which the kit never does.
        guard layer.enable(input.handle) == ARCHIVE_OK else {
            throw ArchiveError(base.name, .unsupported("libarchive on this machine cannot read \(layer.name)"))
        }
        archive_read_support_format_raw(input.handle)
        // The raw format refuses a stream that decompresses to nothing.
        archive_read_support_format_empty(input.handle)
        try input.open()
        var entry: OpaquePointer?
        let result = archive_read_next_header(input.handle, &entry)
        ended = result == ARCHIVE_EOF
        if !ended { try input.check(result) }
        // Without the filter the raw format would hand the compressed bytes through.
        guard archive_filter_count(input.handle) > 1 else {
            throw ArchiveError(base.name, .malformed("it begins like \(layer.name) but is not well formed"))
        }
    }

    func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
        if ended { return UnsafeRawBufferPointer(start: nil, count: 0) }
        var start: UnsafeRawPointer?
        var size = 0
        var offset: la_int64_t = 0
        while true {
            let result = archive_read_data_block(input.handle, &start, &size, &offset)
            if result == ARCHIVE_EOF {
                ended = true
                return UnsafeRawBufferPointer(start: nil, count: 0)
            }
            try input.check(result)
            if size == 0 { continue }
            if case .compression = layer {
                growth.take(input.taken - growth.taken)
                try growth.make(size, of: name)
            }
            return UnsafeRawBufferPointer(start: start, count: size)
        }
    }
}
