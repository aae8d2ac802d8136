import Host
import SystemPackage

/// A text file that another program is still writing: hands out the lines that are new.
struct GrowingFile: ~Copyable {
    private let path: FilePath
    private var descriptor: FileDescriptor?
    private var splitter = LineSplitter()

    /// Follows a file that may not be there yet.
    init(_ path: FilePath) { self.path = path }

    deinit { try? descriptor?.close() }

    /// The bytes that are new.
    mutating func newBytes() -> [UInt8] {
        if descriptor == nil { descriptor = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) }
        guard let descriptor else { return [] }
        var bytes: [UInt8] = []
        while true {
            let piece = try? [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
                count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard let piece, !piece.isEmpty else { return bytes }
            bytes += piece
        }
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
