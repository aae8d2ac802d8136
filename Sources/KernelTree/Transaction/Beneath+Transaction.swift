import Bytes
import CSyscalls
import Glibc
import Patching
import SystemPackage

/// What a transaction does in one folder. All names are single parts, taken relative to the folder, and never followed.
extension Beneath {
    /// When a folder was last read and changed.
    struct Times: Sendable {
        fileprivate let read: timespec
        fileprivate let changed: timespec
    }

    /// The folder's times.
    func times() throws(Errno) -> Times {
        var status = stat()
        try Self.check(fstat(number, &status))
        return Times(read: status.st_atim, changed: status.st_mtim)
    }

    /// Sets the folder's times, if this process may.
    func set(_ times: Times) { _ = futimens(number, [times.read, times.changed]) }

    /// A folder directly in this one.
    func open(_ name: String) throws(Errno) -> Beneath { try folder(Array(name.utf8)) }

    /// A folder directly in this one.
    func open(_ name: [UInt8]) throws(Errno) -> Beneath { try folder(name) }

    /// Makes a folder directly in this one, which must not be there.
    func makeFolder(_ name: String, permissions: mode_t) throws(Errno) {
        try Self.check(mkdirat(number, name, permissions))
    }

    /// Makes a folder directly in this one; one that is there already is fine.
    func makeFolder(_ name: [UInt8]) throws(Errno) {
        guard mkdirat(number, Self.cString(name), 0o777) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
    }

    /// Whether something has the name.
    func exists(_ name: [UInt8]) -> Bool { inode(name) != nil }

    /// Whether something has the name.
    func exists(_ name: String) -> Bool { exists(Array(name.utf8)) }

    /// Makes a new file or symbolic link with its content and permissions.
    /// - Returns: Its inode number.
    func create(_ name: String, _ file: TreeFile) throws(Errno) -> UInt64 {
        if file.kind == .symbolicLink {
            let target = file.content.bytes
            guard !target.contains(0) else { throw .invalidArgument }
            try Self.check(symlinkat(Self.cString(target), number, name))
            return inode(Array(name.utf8)) ?? 0
        }
        let permissions = mode_t(file.permissions)
        let new = openat(number, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions)
        guard new >= 0 else { throw Errno(rawValue: errno) }
        defer { close(new) }
        try file.content.withUnsafeBytes { (bytes) throws(Errno) in
            var written = 0
            while written < bytes.count {
                let count = systemWrite(new, UnsafeRawBufferPointer(rebasing: bytes[written...]))
                if count < 0 {
                    if errno == EINTR { continue }
                    throw Errno(rawValue: errno)
                }
                written += count
            }
        }
        var status = stat()
        try Self.check(fstat(new, &status))
        // The process' mask, or the folder's default access list, may have taken bits away.
        if status.st_mode & 0o7777 != permissions { try Self.check(fchmod(new, permissions)) }
        return UInt64(status.st_ino)
    }

    /// The inode number of what has a name; `nil` where nothing has.
    func inode(_ name: [UInt8]) -> UInt64? {
        var status = stat()
        guard fstatat(number, Self.cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return UInt64(status.st_ino)
    }

    /// Whether the folder is on a file system that can exchange two names, and whose inode numbers last.
    var canExchange: Bool { dom0kit_can_exchange(number) }

    /// Exchanges two files: afterwards each has the other's name.
    func exchange(_ name: [UInt8], with folder: Beneath, _ other: [UInt8]) throws(Errno) {
        try Self.check(dom0kit_rename_exchange(number, Self.cString(name), folder.number, Self.cString(other)))
    }

    /// Gives a file a new name that nothing has yet.
    func place(_ name: [UInt8], in folder: Beneath, as newName: [UInt8]) throws(Errno) {
        try Self.check(dom0kit_rename_new(number, Self.cString(name), folder.number, Self.cString(newName)))
    }

    /// Moves a file; what has its new name is replaced.
    func rename(_ name: [UInt8], to folder: Beneath, _ newName: [UInt8]) throws(Errno) {
        try Self.check(renameat(number, Self.cString(name), folder.number, Self.cString(newName)))
    }

    /// Moves a file; what has its new name is replaced.
    func rename(_ name: String, in folder: Beneath, to newName: String) throws(Errno) {
        try rename(Array(name.utf8), to: folder, Array(newName.utf8))
    }

    /// Gives a file a second name; where that is not possible, moves it there.
    func keep(_ name: [UInt8], in folder: Beneath, as newName: [UInt8]) throws(Errno) {
        if linkat(number, Self.cString(name), folder.number, Self.cString(newName), 0) == 0 { return }
        try rename(name, to: folder, newName)
    }

    /// Whether this process may give files to other owners.
    private static let mayGiveAway = geteuid() == 0

    /// Passes a file's owner on, as far as this process may.
    func copyOwner(_ name: [UInt8], to folder: Beneath, _ newName: [UInt8]) {
        guard Self.mayGiveAway else { return }
        var status = stat()
        guard fstatat(number, Self.cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        guard status.st_uid != 0 || status.st_gid != 0 else { return }
        _ = fchownat(folder.number, Self.cString(newName), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW)
    }

    /// Removes a file or link.
    func removeFile(_ name: [UInt8]) throws(Errno) { try Self.check(unlinkat(number, Self.cString(name), 0)) }

    /// Removes a file or link.
    func removeFile(_ name: String) throws(Errno) { try removeFile(Array(name.utf8)) }

    /// Removes an empty folder.
    func removeFolder(_ name: [UInt8]) throws(Errno) {
        try Self.check(unlinkat(number, Self.cString(name), AT_REMOVEDIR))
    }

    /// Removes an empty folder.
    func removeFolder(_ name: String) throws(Errno) { try removeFolder(Array(name.utf8)) }
}

private func systemWrite(_ file: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
    write(file, buffer.baseAddress, buffer.count)
}
