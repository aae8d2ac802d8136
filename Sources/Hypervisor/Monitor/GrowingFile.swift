import Host
import SystemPackage

/// A text file that another program is still writing: hands out the lines that are new.
struct GrowingFile: ~Copyable {
    private let path: FilePath
    private var descriptor: FileDescriptor?
    private var splitter = LineSplitter()
    /// How many bytes were read.
    private(set) var size = 0
    /// How much is read at once, so that following one file keeps nobody from looking at the clock.
    private static let most = 1 << 20

    /// Follows a file that may not be there yet.
    init(_ path: FilePath) { self.path = path }

    deinit { try? descriptor?.close() }

    /// The bytes that are new; of many, the first.
    mutating func newBytes() -> [UInt8] {
        if descriptor == nil { descriptor = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) }
        guard let descriptor else { return [] }
        var bytes: [UInt8] = []
        while bytes.count < Self.most {
            let piece = try? [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
                count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard let piece, !piece.isEmpty else { break }
            bytes += piece
        }
        size += bytes.count
        return bytes
    }

    /// The lines completed since the last call.
    /// - Parameter grew: Set to true if there was anything new, even without a line's end.
    mutating func newLines(grew: inout Bool) -> [String] {
        let bytes = newBytes()
        guard !bytes.isEmpty else { return [] }
        grew = true
        return splitter.append(bytes)
    }

    /// The unfinished last line, once nothing more can come.
    mutating func rest() -> String? { splitter.finish() }
}
