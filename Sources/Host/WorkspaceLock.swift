import Glibc
public import SystemPackage

/// The right to work in a folder, held until ``release()`` or the end of the process.
///
/// An advisory `flock(2)` on `FOLDER/lock`: the kernel drops it with the process, so a killed run never blocks the next.
/// The file's text says who holds it.
public final class WorkspaceLock: Sendable {
    private let descriptor: FileDescriptor

    /// Takes the lock at once or not at all.
    /// - Parameters:
    ///   - folder: The work folder; it must exist.
    ///   - holder: Who takes it, as others will read it (`dom0kit run debian-12, process 4711`).
    /// - Throws: ``HostError/locked(folder:holder:)`` or ``HostError/cannotLock(folder:errno:)``.
    public init(folder: FilePath, holder: String) throws(HostError) {
        let path = folder.appending("lock")
        do {
            descriptor = try FileDescriptor.open(
                path, .readWrite, options: [.create, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            throw .cannotLock(folder: folder, errno: (error as? Errno) ?? .ioError)
        }
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let error = Errno(rawValue: errno)
            var text = [UInt8](repeating: 0, count: 4096)
            let count = (try? text.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: 0, into: $0) }) ?? 0
            guard error == .wouldBlock else { throw .cannotLock(folder: folder, errno: error) }
            let name = String(decoding: text[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            throw .locked(folder: folder, holder: name.isEmpty ? "another run" : name)
        }
        do {
            try descriptor.resize(to: 0)
            try descriptor.writeAll(toAbsoluteOffset: 0, Array((holder + "\n").utf8))
        } catch {
            throw .cannotLock(folder: folder, errno: (error as? Errno) ?? .ioError)
        }
    }

    /// Gives the folder back.
    public func release() { flock(descriptor.rawValue, LOCK_UN) }

    deinit { try? descriptor.close() }
}
