import Glibc
import SystemPackage

extension Beneath {
    /// What something is.
    package enum Kind: Sendable {
        case regular, folder, link, special
    }

    /// What lstat(2) says of something.
    package struct Status: Sendable {
        /// What it is.
        package let kind: Kind
        /// The permission bits, set-user-id and the like among them.
        package let permissions: mode_t
        /// Its size in bytes.
        package let size: Int
        /// Its inode number.
        package let inode: UInt64

        /// The status of an open folder itself.
        package static let top = Status(kind: .folder, permissions: 0o755, size: 0, inode: 0)

        private init(kind: Kind, permissions: mode_t, size: Int, inode: UInt64) {
            (self.kind, self.permissions, self.size, self.inode) = (kind, permissions, size, inode)
        }

        init(_ status: stat) {
            kind =
                switch status.st_mode & S_IFMT {
                case S_IFREG: .regular
                case S_IFDIR: .folder
                case S_IFLNK: .link
                default: .special
                }
            permissions = status.st_mode & 0o7777
            size = Int(status.st_size)
            inode = UInt64(status.st_ino)
        }
    }

    /// What is at a path, a link not followed; `nil` where nothing is.
    package func status(_ path: [UInt8]) throws(Errno) -> Status? {
        do throws(Errno) {
            return try inParent(of: path) { (folder, name) throws(Errno) in
                var status = stat()
                try Self.check(fstatat(folder.number, Self.cString(name), &status, AT_SYMLINK_NOFOLLOW))
                return Status(status)
            }
        } catch .noSuchFileOrDirectory {
            return nil
        }
    }

    /// The content of a regular file.
    /// - Throws: `ELOOP` for a link.
    package func read(_ path: [UInt8]) throws(Errno) -> [UInt8] {
        let file = try openAny(path, O_RDONLY | O_NONBLOCK)
        defer { close(file) }
        var status = stat()
        try Self.check(fstat(file, &status))
        guard status.st_mode & S_IFMT == S_IFREG else { throw .invalidArgument }
        var content: [UInt8] = []
        content.reserveCapacity(Int(status.st_size))
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw Errno(rawValue: errno) }
            if count == 0 { return content }
            content += piece[..<count]
        }
    }

    /// The target of a symbolic link.
    package func target(_ path: [UInt8]) throws(Errno) -> [UInt8] {
        try inParent(of: path) { (folder, name) throws(Errno) in
            var target = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
            let capacity = target.count
            let length = target.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map {
                    readlinkat(
                        folder.number, Self.cString(name), $0.assumingMemoryBound(to: CChar.self), capacity)
                } ?? -1
            }
            guard length >= 0 else { throw Errno(rawValue: errno) }
            return Array(target[..<length])
        }
    }

    /// The names in the folder, sorted bytewise.
    package func names() throws(Errno) -> [[UInt8]] {
        // The stream takes over the descriptor it is given.
        let copy = openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw Errno(rawValue: errno) }
        guard let stream = fdopendir(copy) else {
            let error = Errno(rawValue: errno)
            close(copy)
            throw error
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [46] && name != [46, 46] { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Calls `body` for everything below a folder, a folder before what is in it, names in bytewise order. Links are not
    /// followed.
    /// - Parameter body: Takes the path from this folder, and what it is; what it returns for a folder says whether to go in.
    package func walk(_ path: [UInt8], _ body: ([UInt8], Status) throws(Errno) -> Bool) throws(Errno) {
        var pending = [path]
        while let next = pending.popLast() {
            let folder = try folder(next)
            var inner: [[UInt8]] = []
            for name in try folder.names() {
                var status = stat()
                guard fstatat(folder.number, Self.cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                    throw Errno(rawValue: errno)
                }
                let place = next.isEmpty ? name : next + [UInt8(ascii: "/")] + name
                let entry = Status(status)
                if try body(place, entry), entry.kind == .folder { inner.append(place) }
            }
            pending += inner.reversed()
        }
    }
}
