public import Patching
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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
        guard fstatat(descriptor.rawValue, path.cString, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let error = Errno(rawValue: errno)
            if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
            throw FolderTreeError.cannotRead(folder: folder, file: path, errno: error)
        }
        let permissions = UInt16(truncatingIfNeeded: status.st_mode & 0o7777)
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            return TreeFile(permissions: permissions, content: try content(path))
        case S_IFLNK:
            return TreeFile(kind: .symbolicLink, permissions: permissions, content: try target(path))
        case S_IFDIR: return TreeFile(kind: .directory, permissions: permissions, content: .empty)
        default: return TreeFile(kind: .special, permissions: permissions, content: .empty)
        }
    }

    /// Device, inode, size and times: hard-linked trees share them.
    public func identity(of path: RelativePath) throws -> ContentIdentity? {
        var status = stat()
        guard fstatat(descriptor.rawValue, path.cString, &status, AT_SYMLINK_NOFOLLOW) == 0,
            status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        if let parent = path.parent, try way(to: parent) != .folder { return nil }
        return ContentIdentity(
            "inode \(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mode) \(status.st_mtim.tv_sec)."
                + "\(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)")
    }

    /// The files in the neighbourhood of a path. The first call lists the whole tree.
    public func relatives(of path: RelativePath) -> [RelativePath] {
        let files = listing.withLock { known in
            let files = known ?? FolderListing.files(of: descriptor.rawValue)
            known = files
            return files
        }
        return path.relatives(among: files)
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

    private func content(_ path: RelativePath) throws -> Blob {
        func failed() -> FolderTreeError { .cannotRead(folder: folder, file: path, errno: Errno(rawValue: errno)) }
        let number = openat(descriptor.rawValue, path.cString, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard number >= 0 else { throw failed() }
        defer { close(number) }
        var status = stat()
        guard fstat(number, &status) == 0 else { throw failed() }
        var capacity = Int(status.st_size)
        while true {
            var complete = false
            let blob = try Blob(capacity: capacity + 1) { (target) throws(FolderTreeError) in
                var filled = 0
                while filled < target.count {
                    let received = pread(
                        number, target.baseAddress.map { $0 + filled }, target.count - filled, off_t(filled))
                    if received < 0 {
                        if errno == EINTR { continue }
                        throw failed()
                    }
                    if received == 0 {
                        complete = true
                        break
                    }
                    filled += received
                }
                return filled
            }
            if complete { return blob }
            // It has grown since it was opened.
            capacity = capacity * 2 + 65536
        }
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
}
