import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory for many files that live as long as each other, such as the patches of a series: taken in large pieces, so that
/// the system has little to do for it. A piece is given back when the last blob in it is gone.
public final class BlobArena: Sendable {
    /// The size of the first piece: most series need no more.
    private static let firstSize = 1 << 19
    /// The size of the others, a multiple of the processor's large pages.
    private static let pieceSize = 4 << 20
    private static let alignment = 2 << 20

    private struct Place {
        var piece = Piece(firstSize)
        var used = 0
    }

    /// Unchecked: its bytes are only written by whoever was given them, before anybody reads them.
    private final class Piece: @unchecked Sendable {
        let memory: UnsafeMutableRawBufferPointer

        init(_ size: Int) {
            let isLarge = size >= alignment
            memory = .allocate(byteCount: size, alignment: isLarge ? alignment : 16)
            if isLarge, let base = memory.baseAddress { madvise(base, size, Int32(MADV_HUGEPAGE)) }
        }

        deinit { memory.deallocate() }
    }

    private let place = Mutex(Place())

    /// Makes one without memory.
    public init() {}

    /// The content of an open regular file, as ``Blob/reading(_:size:)``.
    /// - Throws: `Errno`.
    public func reading(_ descriptor: FileDescriptor, size: Int) throws(Errno) -> Blob {
        // One byte more than the size, so that the last read finds the end.
        guard size >= 0, size < Self.pieceSize / 4 else { return try Blob.reading(descriptor, size: size) }
        let (piece, start) = reserve(size + 1)
        let target = UnsafeMutableRawBufferPointer(rebasing: piece.memory[start..<start + size + 1])
        var filled = 0
        while filled < target.count {
            let received = pread(
                descriptor.rawValue, target.baseAddress.map { $0 + filled }, target.count - filled, off_t(filled))
            if received < 0 {
                if errno == EINTR { continue }
                throw Errno(rawValue: errno)
            }
            filled += received
            if received == 0 || filled == size { break }
        }
        // It has grown since it was looked at.
        if filled > size { return try Blob.reading(descriptor, size: size * 2) }
        return Blob(adopting: UnsafeRawBufferPointer(rebasing: target[..<filled])) { _ = piece }
    }

    private func reserve(_ count: Int) -> (piece: Piece, start: Int) {
        place.withLock { place in
            if place.used + count <= place.piece.memory.count {
                defer { place.used += count }
                return (place.piece, place.used)
            }
            let piece = Piece(Self.pieceSize)
            place = Place(piece: piece, used: count)
            return (piece, 0)
        }
    }
}
