import Glibc
public import Patching
import Synchronization
public import SystemPackage

/// A folder as a tree. Names never leave it: a symbolic link in the place of a folder is not followed.
public final class FolderTree: TreeReading {
    /// The folder.
    public let folder: FilePath
    private let descriptor: FileDescriptor
    /// Folders that were looked at: whether the way to them is free of links.
    private let known = Mutex<[RelativePath: Way]>([:])

    /// The tree's files, once somebody has asked for them.
    private let listing = Mutex<[RelativePath]?>(nil)

    private enum Way { case folder, link, file, missing }

    /// Opens a folder.
    /// - Throws: ``FolderTreeError/cannotOpen(folder:errno:)`` or, where an interrupted run has left the folder between
    ///   two states, ``FolderTreeError/interrupted(folder:)``.
    public init(_ folder: FilePath) throws(FolderTreeError) {
        self.folder = folder
        let number = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .cannotOpen(folder: folder, errno: Errno(rawValue: errno)) }
        descriptor = FileDescriptor(rawValue: number)
        var status = stat()
        for journal in TreeTransaction.journalNames
        where fstatat(number, "\(TreeTransaction.stageName)/\(journal)", &status, AT_SYMLINK_NOFOLLOW) == 0 {
            throw .interrupted(folder: folder)
        }
    }

    deinit { try? descriptor.close() }

    /// The file at a path; ``TreeFileKind/behindLink`` where a symbolic link is in the place of a folder.
    /// - Throws: ``FolderTreeError/cannotRead(folder:file:errno:)``.
    public func read(_ path: RelativePath) throws -> TreeFile? {
        if let parent = path.parent {
            switch try way(to: parent) {
            case .folder: break
            case .link: return TreeFile(kind: .behindLink, permissions: 0, content: .empty)
            case .missing: return nil
            case .file: return TreeFile(kind: .belowFile, permissions: 0, content: .empty)
            }
        }
        var status = stat()
        guard path.withCString({ fstatat(descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            let error = Errno(rawValue: errno)
            if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
            throw FolderTreeError.cannotRead(folder: folder, file: path, errno: error)
        }
        let permissions = UInt16(truncatingIfNeeded: status.st_mode & 0o7777)
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            return try regular(path, status)
        case S_IFLNK:
            return TreeFile(
                kind: .symbolicLink, permissions: permissions, content: try target(path), identity: .inode(status))
        case S_IFDIR: return TreeFile(kind: .directory, permissions: permissions, content: .empty)
        default: return TreeFile(kind: .special, permissions: permissions, content: .empty)
        }
    }

    /// Device, inode, size, mode and times of files and symbolic links: hard-linked trees share them.
    public func identity(of path: RelativePath) throws -> ContentIdentity? {
        var status = stat()
        guard path.withCString({ fstatat(descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0,
            [S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT)
        else { return nil }
        if let parent = path.parent, try way(to: parent) != .folder { return nil }
        return .inode(status)
    }

    /// The files in the neighbourhood of a path. The first call lists the whole tree.
    public func relatives(of path: RelativePath) -> [RelativePath] { path.relatives(among: names()) }

    /// The paths of its files. The first call lists the whole tree.
    public func names() -> [RelativePath] {
        listing.withLock { known in
            let files = known ?? FolderListing.files(of: descriptor.rawValue)
            known = files
            return files
        }
    }

    private func way(to parent: RelativePath) throws -> Way {
        if let known = known.withLock({ $0[parent] }) { return known }
        var result = Way.folder
        if let above = parent.parent { result = try way(to: above) }
        if result == .folder {
            var status = stat()
            if fstatat(descriptor.rawValue, parent.cString, &status, AT_SYMLINK_NOFOLLOW) == 0 {
                switch status.st_mode & S_IFMT {
                case S_IFDIR: break
                case S_IFLNK: result = .link
                default: result = .file
                }
            } else {
                let error = Errno(rawValue: errno)
                guard error == .noSuchFileOrDirectory || error == .notDirectory else {
                    throw FolderTreeError.cannotRead(folder: folder, file: parent, errno: error)
                }
                result = .missing
            }
        }
        known.withLock { $0[parent] = result }
        return result
    }

    /// Reads a file that was one when it was looked at. What takes its place meanwhile is not read as something else: links
    /// are not followed, and what is no file has no bytes at an offset.
    private func regular(_ path: RelativePath, _ status: stat) throws -> TreeFile {
        func failed() -> FolderTreeError { .cannotRead(folder: folder, file: path, errno: Errno(rawValue: errno)) }
        let number = path.withCString {
            openat(descriptor.rawValue, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
        guard number >= 0 else { throw failed() }
        defer { close(number) }
        do throws(Errno) {
            let content = try Blob.reading(FileDescriptor(rawValue: number), size: Int(status.st_size))
            return TreeFile(
                permissions: UInt16(truncatingIfNeeded: status.st_mode & 0o7777), content: content,
                identity: .inode(status))
        } catch { throw FolderTreeError.cannotRead(folder: folder, file: path, errno: error) }
    }

    private func target(_ path: RelativePath) throws -> Blob {
        try Blob(capacity: Int(PATH_MAX)) { (target) throws(FolderTreeError) in
            guard let buffer = target.baseAddress?.assumingMemoryBound(to: CChar.self) else { return 0 }
            let count = readlinkat(descriptor.rawValue, path.cString, buffer, target.count)
            guard count >= 0 else {
                throw FolderTreeError.cannotRead(folder: folder, file: path, errno: Errno(rawValue: errno))
            }
            return count
        }
    }
}

extension RelativePath {
    /// The path for a system call. It holds no NUL byte.
    var cString: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

    /// Lends the path for a system call.
    func withCString<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
            for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
            buffer[bytes.count] = 0
            guard let start = buffer.baseAddress else { preconditionFailure("a buffer without an address") }
            return body(UnsafePointer(start))
        }
    }
}
