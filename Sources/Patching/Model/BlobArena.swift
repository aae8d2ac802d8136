import Glibc
import Synchronization
public import SystemPackage

/// Memory for many files that live as long as each other, such as the patches of a series: taken in large pieces, so that
/// the system has little to do for it. A piece is given back when the last blob in it is gone.
public final class BlobArena: Sendable {
    /// The size of the first piece: most series need no more.
    private static let firstSize = 1 << 16
    /// The size of the others.
    private static let pieceSize = 1 << 20

    private struct Place {
        var piece = Piece(firstSize)
        var used = 0
    }

    /// Unchecked: its bytes are only written by whoever was given them, before anybody reads them.
    private final class Piece: @unchecked Sendable {
        let memory: UnsafeMutableRawBufferPointer
        private let isMapped: Bool

        init(_ size: Int) {
            // All pages at once take less time than one fault for each.
            if let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0),
                base != MAP_FAILED
            {
                memory = UnsafeMutableRawBufferPointer(start: base, count: size)
                isMapped = true
            } else {
                memory = .allocate(byteCount: size, alignment: 16)
                isMapped = false
            }
        }

        deinit {
            if isMapped { munmap(memory.baseAddress, memory.count) } else { memory.deallocate() }
        }
    }

    private let place = Mutex(Place())

    /// Starts without memory.
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
