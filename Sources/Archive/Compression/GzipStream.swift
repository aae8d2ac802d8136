import CZlib

/// Undoes gzip with zlib, which, unlike libarchive, verifies each member's CRC-32 and length.
final class GzipStream: ByteStream {
    var name: String { base.name }
    private let base: any ByteStream
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
    /// On the heap: zlib's state points back at it.
    private let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var growth: GrowthGuard
    private var inputEnded = false
    private var atMemberStart = true
    private var membersRead = 0
    private var ended = false

    init(_ base: any ByteStream, limits: ArchiveLimits) throws(ArchiveError) {
        self.base = base
        growth = GrowthGuard(limits)
        state.initialize(to: z_stream())
        // 15 bits of window, +16: a gzip header and trailer are demanded.
        guard inflateInit2_(state, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw ArchiveError(base.name, .unsupported("zlib cannot start"))
        }
    }

    deinit {
        inflateEnd(state)
        state.deallocate()
        buffer.deallocate()
    }

    func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
        while !ended {
            if state.pointee.avail_in == 0, !inputEnded { try refill() }
            if atMemberStart, membersRead > 0, try !anotherMember() {
                ended = true
                break
            }
            atMemberStart = false
            state.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
            state.pointee.avail_out = uInt(buffer.count)
            let result = inflate(state, Z_NO_FLUSH)
            let made = buffer.count - Int(state.pointee.avail_out)
            switch result {
            case Z_STREAM_END:
                membersRead += 1
                atMemberStart = true
                guard inflateReset(state) == Z_OK else { throw broken() }
            case Z_OK: break
            case Z_BUF_ERROR:
                if inputEnded, state.pointee.avail_in == 0, made == 0 {
                    throw ArchiveError(name, .malformed("the gzip data ends too early"))
                }
            default: throw broken()
            }
            if made > 0 {
                try growth.make(made, of: name)
                return UnsafeRawBufferPointer(rebasing: buffer[..<made])
            }
        }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private func refill() throws(ArchiveError) {
        let piece = try base.next()
        if piece.isEmpty { inputEnded = true }
        growth.take(piece.count)
        state.pointee.next_in = UnsafeMutablePointer(
            mutating: piece.baseAddress?.assumingMemoryBound(to: Bytef.self))
        state.pointee.avail_in = uInt(piece.count)
    }

    /// Whether a further gzip member follows; zero padding and other trailing bytes end the data, as gzip(1) has it.
    private func anotherMember() throws(ArchiveError) -> Bool {
        guard state.pointee.avail_in > 0, state.pointee.next_in?.pointee == 0x1f else {
            while try !base.next().isEmpty {}
            return false
        }
        return true
    }

    private func broken() -> ArchiveError {
        let text = state.pointee.msg.map { String(cString: $0) } ?? "not well formed"
        return ArchiveError(name, .malformed("gzip: \(text)"))
    }
}
