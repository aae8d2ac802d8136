import CRename
import Dispatch
import Glibc
import Patching
import Synchronization
import SystemPackage

/// An open folder. Every name is taken relative to it and no symbolic link on the way is followed.
final class FolderHandle: Sendable {
    let number: Int32
    private let isLocked: Bool

    /// Opens the top of a tree and takes the right to write to it.
    init(_ folder: FilePath) throws(FolderTreeError) {
        number = Self.openFolder(AT_FDCWD, folder.string, O_CLOEXEC)
        isLocked = true
        guard number >= 0 else { throw .cannotOpen(folder: folder, errno: Errno(rawValue: errno)) }
        guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
            throw .busy(folder: folder)
        }
    }

    private init(number: Int32) {
        self.number = number
        isLocked = false
    }

    deinit {
        // A child that is being started may still share the descriptor: closing alone would not unlock.
        unlock()
        close(number)
    }

    /// Gives the right to write back. May be called more than once.
    func unlock() {
        if isLocked { flock(number, LOCK_UN) }
    }

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
    func set(_ times: Times) {
        let both = [times.read, times.changed]
        _ = futimens(number, both)
    }

    private static func openFolder(_ base: Int32, _ name: String, _ flags: Int32) -> Int32 {
        openat(base, name, O_RDONLY | O_DIRECTORY | flags)
    }

    private static func check(_ result: Int32) throws(Errno) {
        guard result == 0 else { throw Errno(rawValue: errno) }
    }

    /// A folder directly in this one.
    func open(_ name: String) throws(Errno) -> FolderHandle {
        let opened = Self.openFolder(number, name, O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw Errno(rawValue: errno) }
        return FolderHandle(number: opened)
    }

    /// A folder directly in this one, by its bytes.
    func open(_ name: [UInt8]) throws(Errno) -> FolderHandle {
        let opened = openat(number, Self.cString(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw Errno(rawValue: errno) }
        return FolderHandle(number: opened)
    }

    func makeFolder(_ name: String, permissions: UInt16) throws(Errno) {
        try Self.check(mkdirat(number, name, mode_t(permissions)))
    }

    /// Makes a folder; one that is there already is fine.
    func makeFolder(_ name: [UInt8]) throws(Errno) {
        guard mkdirat(number, Self.cString(name), 0o777) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
    }

    func exists(_ name: String) -> Bool { exists(Array(name.utf8)) }

    func exists(_ name: [UInt8]) -> Bool {
        var status = stat()
        return fstatat(number, Self.cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// A small file's content; `nil` where it is not there.
    func read(_ name: String) throws(Errno) -> [UInt8]? {
        let file = openat(number, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Errno(rawValue: errno)
        }
        defer { close(file) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = piece.withUnsafeMutableBytes { systemRead(file, $0) }
            if count < 0 { throw Errno(rawValue: errno) }
            if count == 0 { return content }
            content += piece[..<count]
        }
    }

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

    /// The inode number of a file; `nil` where nothing is.
    func inode(_ name: [UInt8]) -> UInt64? {
        var status = stat()
        guard fstatat(number, Self.cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return UInt64(status.st_ino)
    }

    /// Whether the folder is on a file system that can exchange two names, and whose inode numbers last.
    var canExchange: Bool { dom0kit_can_exchange(number) }

    /// Exchanges two files: afterwards each has the other's name.
    func exchange(_ name: [UInt8], with folder: FolderHandle, _ other: [UInt8]) throws(Errno) {
        try Self.check(dom0kit_rename_exchange(number, Self.cString(name), folder.number, Self.cString(other)))
    }

    /// Gives a file a new name that nothing has yet.
    func place(_ name: [UInt8], in folder: FolderHandle, as newName: [UInt8]) throws(Errno) {
        try Self.check(dom0kit_rename_new(number, Self.cString(name), folder.number, Self.cString(newName)))
    }

    func rename(_ name: String, in folder: FolderHandle, to newName: String) throws(Errno) {
        try rename(Array(name.utf8), to: folder, Array(newName.utf8))
    }

    func rename(_ name: [UInt8], to folder: FolderHandle, _ newName: [UInt8]) throws(Errno) {
        try Self.check(renameat(number, Self.cString(name), folder.number, Self.cString(newName)))
    }

    /// Gives a file a second name; where that cannot be, moves it there.
    func keep(_ name: [UInt8], in folder: FolderHandle, as newName: [UInt8]) throws(Errno) {
        if linkat(number, Self.cString(name), folder.number, Self.cString(newName), 0) == 0 { return }
        try rename(name, to: folder, newName)
    }

    /// Whether this process may give files to other owners.
    private static let mayGiveAway = geteuid() == 0

    /// Passes a file's owner on, as far as this process may.
    func copyOwner(_ name: [UInt8], to folder: FolderHandle, _ newName: [UInt8]) {
        guard Self.mayGiveAway else { return }
        var status = stat()
        guard fstatat(number, Self.cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        guard status.st_uid != 0 || status.st_gid != 0 else { return }
        _ = fchownat(folder.number, Self.cString(newName), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW)
    }

    func remove(_ name: String) throws(Errno) { try remove(Array(name.utf8)) }

    func remove(_ name: [UInt8]) throws(Errno) { try Self.check(unlinkat(number, Self.cString(name), 0)) }

    func removeFolder(_ name: String) throws(Errno) { try removeFolder(Array(name.utf8)) }

    func removeFolder(_ name: [UInt8]) throws(Errno) {
        try Self.check(unlinkat(number, Self.cString(name), AT_REMOVEDIR))
    }

    /// The names in the folder.
    func names() -> [[UInt8]] {
        let copy = openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return [] }
        guard let directory = fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [46] && name != [46, 46] { names.append(name) }
        }
        return names
    }

    static func cString(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
}

private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(file, buffer.baseAddress, buffer.count)
}

private func systemWrite(_ file: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
    write(file, buffer.baseAddress, buffer.count)
}
