import Glibc

/// The content of a file: bytes that never change and never move, so that lines can be slices of it.
///
/// All unsafe memory of the patch engine is behind this type and ``Line``.
public final class Blob: Sendable {
    /// The first byte. Valid as long as the blob lives.
    nonisolated(unsafe) let start: UnsafePointer<UInt8>
    private let release: @Sendable () -> Void
    /// How many bytes there are.
    public let count: Int
    /// Whether the bytes are those of a file that somebody may write to: mapped, not copied.
    let isMapped: Bool

    /// Bytes that are filled in where they will stay.
    /// - Parameters:
    ///   - capacity: The most bytes `fill` may write.
    ///   - fill: Writes them and returns how many it wrote.
    public init<Failure: Error>(
        capacity: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(capacity, 1), alignment: 16)
        do {
            let filled = try fill(UnsafeMutableRawBufferPointer(rebasing: memory[..<max(capacity, 0)]))
            count = min(max(filled, 0), max(capacity, 0))
        } catch {
            memory.deallocate()
            throw error
        }
        // `allocate` of at least one byte always has a base address.
        guard let base = memory.baseAddress else { preconditionFailure("an allocation without an address") }
        start = UnsafePointer(base.assumingMemoryBound(to: UInt8.self))
        isMapped = false
        nonisolated(unsafe) let owned = memory
        release = { owned.deallocate() }
    }

    /// A copy of some bytes.
    public convenience init(_ bytes: UnsafeRawBufferPointer) {
        self.init(capacity: bytes.count) { target in
            target.copyMemory(from: bytes)
            return bytes.count
        }
    }

    /// A copy of some bytes.
    public convenience init(_ bytes: [UInt8]) {
        self.init(capacity: bytes.count) { target in
            bytes.withUnsafeBytes { target.copyMemory(from: $0) }
            return bytes.count
        }
    }

    /// Memory that something else made (a mapped file); `release` is called once, when nobody needs it any more.
    /// - Parameter isMapped: Whether it is a file's, and changes with it.
    public init(
        adopting bytes: UnsafeRawBufferPointer, isMapped: Bool = false, release: @escaping @Sendable () -> Void
    ) {
        self.isMapped = isMapped
        if let base = bytes.baseAddress, !bytes.isEmpty {
            start = base.assumingMemoryBound(to: UInt8.self)
            count = bytes.count
        } else {
            start = Line.newline.start
            count = 0
        }
        self.release = release
    }

    deinit { release() }

    /// A blob without bytes.
    public static let empty = Blob([])

    /// The bytes as an array (a copy).
    public var bytes: [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }

    /// Lends the bytes.
    public func withUnsafeBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Whether two blobs hold the same bytes.
    public func hasSameBytes(as other: Blob) -> Bool {
        count == other.count && memcmp(start, other.start, count) == 0
    }

    /// The bytes of a range as text for a person; what lies outside the blob is left out.
    public func text(_ range: Range<Int>) -> String {
        let range = range.clamped(to: 0..<count)
        return String(decoding: UnsafeBufferPointer(start: start + range.lowerBound, count: range.count), as: UTF8.self)
    }

    /// One byte, or 0 outside the blob.
    @inline(__always) func byte(_ index: Int) -> UInt8 { index >= 0 && index < count ? start[index] : 0 }

    /// The end of the line that starts at `from`: the position after its newline, or the end of the blob.
    @inline(__always) func endOfLine(_ from: Int) -> Int {
        guard from < count else { return count }
        guard let found = memchr(start + from, 10, count - from) else { return count }
        return UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1
    }

    /// Whether the bytes at a position are these.
    func matches(_ text: StaticString, at position: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        return position >= 0 && position <= count - length && memcmp(start + position, text.utf8Start, length) == 0
    }

    /// A slice as a line; it lies inside the blob or is cut to it.
    @inline(__always) func line(_ from: Int, _ to: Int) -> Line {
        let from = min(max(from, 0), count)
        return Line(start: start + from, count: max(min(to, count) - from, 0))
    }
}

/// One line, newline included where it has one: a slice of a ``Blob`` that must outlive it.
struct Line: Equatable, @unchecked Sendable {
    var start: UnsafePointer<UInt8>
    var count: Int

    /// A lone newline, for ever.
    static let newline: Line = {
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        memory.initialize(to: 10)
        return Line(start: UnsafePointer(memory), count: 1)
    }()

    @inline(__always) static func == (left: Line, right: Line) -> Bool {
        left.count == right.count && memcmp(left.start, right.start, left.count) == 0
    }

    /// Whether the line ends with a newline.
    @inline(__always) var isComplete: Bool { count > 0 && start[count - 1] == 10 }

    /// The line without its newline.
    var content: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: start, count: isComplete ? count - 1 : count)
    }

    /// The line for a person, without its newline.
    var text: String { String(decoding: content, as: UTF8.self) }

    /// Whether nothing but white space is in it.
    var isBlank: Bool { content.allSatisfy { $0 == 32 || (9...13).contains($0) } }
}
