import Bytes
import Glibc
import SystemPackage

/// A source of bytes that is read once, piece by piece. Not shared between threads.
protocol ByteStream: AnyObject {
    /// The next piece, valid until the next call; empty at the end.
    func next() throws(ArchiveError) -> UnsafeRawBufferPointer
    /// How the source is called in errors.
    var name: String { get }
}

/// The bytes of a file.
final class FileStream: ByteStream {
    let name: String
    private let path: FilePath
    private let descriptor: FileDescriptor
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ path: FilePath) throws(ArchiveError) {
        self.path = path
        name = path.string
        do {
            descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        } catch {
            let errno = (error as? Errno) ?? .ioError
            throw ArchiveError(name, .system(BytesError(path: path, operation: .read, errno: errno)))
        }
        buffer = .allocate(byteCount: 1 << 18, alignment: 16)
        posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit {
        buffer.deallocate()
        try? descriptor.close()
    }

    func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
        do {
            let count = try descriptor.read(into: buffer)
            return UnsafeRawBufferPointer(rebasing: buffer[..<count])
        } catch {
            let errno = (error as? Errno) ?? .ioError
            throw ArchiveError(name, .system(BytesError(path: path, operation: .read, errno: errno)))
        }
    }
}

/// Bytes in memory.
final class MemoryStream: ByteStream {
    let name: String
    private let buffer: UnsafeMutableRawBufferPointer
    private var handedOver = false

    init(_ bytes: [UInt8], name: String) {
        self.name = name
        buffer = .allocate(byteCount: bytes.count, alignment: 16)
        buffer.copyBytes(from: bytes)
    }

    deinit { buffer.deallocate() }

    func next() -> UnsafeRawBufferPointer {
        if handedOver { return UnsafeRawBufferPointer(start: nil, count: 0) }
        handedOver = true
        return UnsafeRawBufferPointer(buffer)
    }
}

/// A stream whose first bytes can be looked at before they are taken.
final class PeekedStream: ByteStream {
    var name: String { base.name }
    /// The first bytes: at least 512 unless the stream is shorter.
    let head: [UInt8]
    private let base: any ByteStream
    private var headTaken = false

    init(_ base: any ByteStream) throws(ArchiveError) {
        self.base = base
        var head: [UInt8] = []
        while head.count < 512 {
            let piece = try base.next()
            if piece.isEmpty { break }
            head.append(contentsOf: piece)
        }
        self.head = head
    }

    /// The head stays alive as long as the stream, so its address may be handed out.
    private lazy var headBuffer: UnsafeMutableRawBufferPointer = {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: head.count, alignment: 16)
        buffer.copyBytes(from: head)
        return buffer
    }()

    deinit { if headTaken { headBuffer.deallocate() } }

    func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
        if headTaken || head.isEmpty { return try base.next() }
        headTaken = true
        return UnsafeRawBufferPointer(headBuffer)
    }
}

/// Watches how much a decompressor makes of what it takes.
struct GrowthGuard {
    private(set) var taken = 0
    private(set) var made = 0
    let limits: ArchiveLimits

    init(_ limits: ArchiveLimits) { self.limits = limits }

    mutating func take(_ count: Int) { taken += count }

    mutating func make(_ count: Int, of name: String) throws(ArchiveError) {
        made += count
        if made > limits.bytes { throw ArchiveError(name, .tooLarge(limit: limits.bytes, unit: "bytes")) }
        if made > limits.ratioFloor, made / limits.ratio > taken {
            throw ArchiveError(name, .bomb(ratio: limits.ratio))
        }
    }
}
