import Bytes
import Diagnostics
import Glibc
import SystemPackage

/// Where a result goes: standard output, or a file that is made whole or not at all.
final class OutputTarget {
    private enum Place {
        case standardOutput
        /// Something that is not a regular file (a device, a FIFO): written to, never replaced.
        case special(FileDescriptor, FilePath)
        /// A new file beside the one to replace.
        case file(FileDescriptor, temporary: FilePath, final: FilePath)
    }

    private let place: Place
    private var isDone = false

    /// Opens the place, so that what keeps a result from being delivered shows before anything is changed.
    /// - Parameter path: The file; standard output where `nil`.
    /// - Throws: `BytesError`.
    init(_ path: FilePath?) throws(BytesError) {
        guard let path else {
            let flags = fcntl(STDOUT_FILENO, F_GETFL)
            guard StandardStreams.outputIsOpen, flags >= 0, flags & O_ACCMODE != O_RDONLY else {
                throw BytesError(path: "standard output", operation: .create, errno: .badFileDescriptor)
            }
            place = .standardOutput
            return
        }
        do {
            place = try Self.open(path)
        } catch { throw BytesError(path: path, operation: .create, errno: error) }
    }

    private static func open(_ path: FilePath) throws(Errno) -> Place {
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            let error = Errno(rawValue: errno)
            // A link that leads to nothing is not replaced: who knows what it was to lead to.
            guard error == .noSuchFileOrDirectory, lstat(path.string, &status) != 0 else { throw error }
            return try temporary(beside: path)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: throw .isDirectory
        case S_IFREG:
            guard let real = realpath(path.string, nil) else { throw Errno(rawValue: errno) }
            defer { free(real) }
            return try temporary(beside: FilePath(platformString: real))
        default:
            let opened = Glibc.open(path.string, O_WRONLY | O_CLOEXEC | O_NOCTTY)
            guard opened >= 0 else { throw Errno(rawValue: errno) }
            return .special(FileDescriptor(rawValue: opened), path)
        }
    }

    private static func temporary(beside path: FilePath) throws(Errno) -> Place {
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        let temporary = path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "").\(random).tmp")
        let opened = Glibc.open(temporary.string, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw Errno(rawValue: errno) }
        return .file(FileDescriptor(rawValue: opened), temporary: temporary, final: path)
    }

    deinit {
        switch place {
        case .standardOutput: break
        case .special(let descriptor, _): try? descriptor.close()
        case .file(let descriptor, let temporary, _):
            try? descriptor.close()
            if !isDone { unlink(temporary.string) }
        }
    }

    /// Writes a piece of the result.
    func write(_ bytes: [UInt8]) throws(BytesError) {
        do {
            switch place {
            case .standardOutput: try FileDescriptor.standardOutput.writeAll(bytes)
            case .special(let descriptor, _), .file(let descriptor, _, _): try descriptor.writeAll(bytes)
            }
        } catch { throw failure((error as? Errno) ?? .ioError) }
    }

    /// Puts a file in its place.
    func finish() throws(BytesError) {
        guard case .file(let descriptor, let temporary, let final) = place else { return }
        guard fsync(descriptor.rawValue) == 0, rename(temporary.string, final.string) == 0 else {
            throw failure(Errno(rawValue: errno))
        }
        isDone = true
    }

    /// Writes a whole result.
    /// - Parameter done: What has been changed before, as a clause; `nil` for nothing.
    /// - Throws: `BytesError`, or ``UndeliveredError`` where something has been changed.
    func deliver(_ bytes: [UInt8], done: String?) throws {
        var failure: BytesError?
        do throws(BytesError) {
            try write(bytes)
            try finish()
        } catch { failure = error }
        guard let failure else { return }
        guard let done else { throw failure }
        throw UndeliveredError(cause: failure, done: done)
    }

    private func failure(_ error: Errno) -> BytesError {
        let path: FilePath =
            switch place {
            case .standardOutput: "standard output"
            case .special(_, let path), .file(_, _, let path): path
            }
        return BytesError(path: path, operation: .write, errno: error)
    }
}

/// A result that could not be delivered, after something had been changed.
struct UndeliveredError: DiagnosedError {
    /// Why.
    let cause: BytesError
    /// What had been done, as a clause: `the tree is patched`.
    let done: String

    var category: ErrorCategory { cause.category }
    var message: String { "\(cause.message), but \(done)" }
    var remedy: String? { cause.remedy }
}
