import CSyscalls
import Glibc
public import SystemPackage

/// Whole-file reading and writing with errors that name the file.
public enum Files {
    /// The content of a file.
    /// - Throws: ``BytesError``.
    public static func read(_ path: FilePath) throws(BytesError) -> [UInt8] {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly)
            return try descriptor.closeAfter {
                var status = stat()
                guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
                guard status.st_mode & S_IFMT != S_IFDIR else { throw Errno.isDirectory }
                var content: [UInt8] = []
                // One byte more than the size, so that the last read finds the end.
                var room = max(Int(status.st_size) + 1, 4096)
                while true {
                    let start = content.count
                    let received = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                        count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
                    }
                    if received.isEmpty { return content }
                    if start == 0 { content = received } else { content.append(contentsOf: received) }
                    room = max(room - received.count, 65536)
                }
            }
        } catch let error as Errno {
            throw BytesError(path: path, operation: .read, errno: error)
        } catch {
            throw BytesError(path: path, operation: .read, errno: .ioError)
        }
    }

    /// Writes a file whole or not at all: a temporary file beside it, flushed, then renamed over it.
    /// - Parameters:
    ///   - content: The bytes.
    ///   - path: The file; its folder must exist.
    ///   - permissions: The mode of the new file, before the umask.
    /// - Throws: ``BytesError``; the old file is then untouched.
    public static func write(
        _ content: [UInt8], to path: FilePath, permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    ) throws(BytesError) {
        var temporary = path
        temporary.removeLastComponent()
        // Random, and made again: nobody can have put a file or a link of that name there before.
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        temporary.append(".\(path.lastComponent?.string ?? "file").\(random).tmp")
        do {
            let descriptor = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: permissions)
            try descriptor.closeAfter {
                try descriptor.writeAll(content)
                guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            guard rename(temporary.string, path.string) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlink(temporary.string)
            throw BytesError(path: path, operation: .write, errno: (error as? Errno) ?? .ioError)
        }
    }

    /// Writes text as UTF-8, whole or not at all.
    /// - Throws: ``BytesError``.
    public static func write(_ text: String, to path: FilePath) throws(BytesError) {
        try write(Array(text.utf8), to: path)
    }

    /// Puts two files or folders, both of which are there, in each other's place in one step.
    /// - Throws: ``BytesError``.
    public static func exchange(_ one: FilePath, _ other: FilePath) throws(BytesError) {
        guard dom0kit_rename_exchange(AT_FDCWD, one.string, AT_FDCWD, other.string) == 0 else {
            throw BytesError(path: other, operation: .write, errno: Errno(rawValue: errno))
        }
    }

    /// Makes a folder and the folders above it; one that is there already is fine.
    /// - Throws: ``BytesError``.
    public static func createDirectories(_ path: FilePath) throws(BytesError) {
        if mkdir(path.string, 0o777) == 0 { return }
        switch Errno(rawValue: errno) {
        case .fileExists:
            guard isDirectory(path) else { throw BytesError(path: path, operation: .create, errno: .notDirectory) }
        case .noSuchFileOrDirectory where path.removingLastComponent() != path && !path.removingLastComponent().isEmpty:
            try createDirectories(path.removingLastComponent())
            guard mkdir(path.string, 0o777) == 0 || isDirectory(path) else {
                throw BytesError(path: path, operation: .create, errno: Errno(rawValue: errno))
            }
        case let error: throw BytesError(path: path, operation: .create, errno: error)
        }
    }

    /// Whether the path is a folder (links followed).
    public static func isDirectory(_ path: FilePath) -> Bool { mode(of: path) == S_IFDIR }

    /// Whether the path is a regular file (links followed).
    public static func isRegular(_ path: FilePath) -> Bool { mode(of: path) == S_IFREG }

    /// Whether something is at the path (links followed).
    public static func exists(_ path: FilePath) -> Bool { mode(of: path) != nil }

    /// The size of a file in bytes (links followed).
    public static func size(of path: FilePath) throws(BytesError) -> Int {
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            throw BytesError(path: path, operation: .read, errno: Errno(rawValue: errno))
        }
        return Int(status.st_size)
    }

    /// Whether a folder's disk has less than 64 KiB left for this user; not where that cannot be told.
    public static func isFull(_ folder: FilePath) -> Bool {
        var status = statvfs()
        guard statvfs(folder.string, &status) == 0 else { return false }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize) < 64 << 10
    }

    private static func mode(of path: FilePath) -> mode_t? {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return nil }
        return status.st_mode & S_IFMT
    }

    /// The names in a folder, sorted bytewise, without `.` and `..`.
    /// - Throws: ``BytesError``.
    public static func list(_ path: FilePath) throws(BytesError) -> [String] {
        try names(in: path).map(\.string).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The names in a folder that end in this way, in the order of their bytes. Others are not even looked at: this costs
    /// much less than to list a large folder.
    /// - Throws: ``BytesError``.
    public static func list(_ path: FilePath, suffix: String) throws(BytesError) -> [String] {
        let suffix = Array(suffix.utf8CString)
        let names = try names(in: path) { name in
            let length = strlen(name) + 1
            return length >= suffix.count && memcmp(name + (length - suffix.count), suffix, suffix.count) == 0
        }
        return names.map(\.string).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The names in a folder as their own bytes, which need not be UTF-8, in no order.
    private static func names(
        in path: FilePath, where isWanted: (UnsafePointer<CChar>) -> Bool = { _ in true }
    ) throws(BytesError) -> [FilePath] {
        guard let directory = path.withPlatformString({ opendir($0) }) else {
            throw BytesError(path: path, operation: .read, errno: Errno(rawValue: errno))
        }
        defer { closedir(directory) }
        var names: [FilePath] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    isWanted($0) ? FilePath(platformString: $0) : nil
                }
            }
            if let name, name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a file, or a folder with all that is in it; links are removed, not followed. Nothing there is fine.
    /// - Throws: ``BytesError``.
    public static func remove(_ path: FilePath) throws(BytesError) {
        guard let name = path.lastComponent else {
            throw BytesError(path: path, operation: .remove, errno: .resourceBusy)
        }
        let above = path.removingLastComponent()
        do throws(Errno) {
            try Beneath(opening: above.isEmpty ? "." : above).remove(name.withPlatformString(Self.bytes))
        } catch .noSuchFileOrDirectory {
            return
        } catch { throw BytesError(path: path, operation: .remove, errno: error) }
    }

    private static func bytes(_ text: UnsafePointer<CInterop.PlatformChar>) -> [UInt8] {
        UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }
    }
}
