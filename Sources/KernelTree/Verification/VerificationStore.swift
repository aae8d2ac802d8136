public import Bytes
import Glibc
public import Patching
public import SystemPackage

/// A folder in which verifications leave what they have found for the next ones.
///
/// It is a cache: it may be removed at any time, and what is damaged in it, or was written by another build, is treated
/// as missing and rewritten.
public struct VerificationStore: Sendable {
    /// The folder.
    public let folder: FilePath
    private let writer: String
    private let workers: Int

    /// Makes or opens one.
    /// - Parameters:
    ///   - writer: The program to the build; what another has written is not used.
    ///   - workers: How many threads take a memory out of its file.
    /// - Throws: `BytesError` where the folder cannot be made.
    public init(_ folder: FilePath, writer: String, workers: Int = 1) throws(BytesError) {
        self.workers = workers
        self.folder = folder
        self.writer = writer
        try Files.createDirectories(folder)
    }

    /// What was left under a name; an empty memory where nothing usable was.
    public func memory(_ name: String) -> VerificationMemory {
        let number = file(name).withPlatformString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        guard number >= 0 else { return VerificationMemory() }
        defer { close(number) }
        var status = stat()
        guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let blob = try? Blob.reading(FileDescriptor(rawValue: number), size: Int(status.st_size))
        else { return VerificationMemory() }
        return VerificationMemory(blob, writer: writer, workers: workers) ?? VerificationMemory()
    }

    /// Leaves a memory under a name, in the place of the one before. A torn write shows by its checksum, so that
    /// nothing has to be flushed.
    /// - Throws: `BytesError`; nothing but time is lost then.
    public func keep(_ memory: VerificationMemory, as name: String) throws(BytesError) {
        let path = file(name)
        // A name that nobody can have put a link at.
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        let temporary = folder.appending(".\(path.lastComponent?.string ?? "memory").\(random).tmp")
        do {
            let descriptor = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite])
            try descriptor.closeAfter { _ = try descriptor.writeAll(memory.bytes(writer: writer)) }
            guard rename(temporary.string, path.string) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlink(temporary.string)
            throw BytesError(path: path, operation: .write, errno: (error as? Errno) ?? .ioError)
        }
    }

    private func file(_ name: String) -> FilePath {
        folder.appending(String(Digest(of: name).hex.prefix(32)) + ".memory")
    }
}
