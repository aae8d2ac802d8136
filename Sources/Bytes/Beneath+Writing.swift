import Glibc
import SystemPackage

extension Beneath {
    /// Makes folders, with those above them; one that is there already is fine, anything else in its place is not.
    package func makeFolders(_ path: [UInt8], permissions: mode_t = 0o777) throws(Errno) {
        do throws(Errno) {
            return try inParent(of: path) { (folder, name) throws(Errno) in
                if mkdirat(folder.number, Self.cString(name), permissions) == 0 { return }
                let error = Errno(rawValue: errno)
                guard error == .fileExists else { throw error }
                _ = try folder.folder(name)
            }
        } catch .noSuchFileOrDirectory {
            let parent = path.split(separator: UInt8(ascii: "/")).dropLast()
            guard !parent.isEmpty else { throw .noSuchFileOrDirectory }
            try makeFolders(Array(parent.joined(separator: [UInt8(ascii: "/")])), permissions: permissions)
            try inParent(of: path) { (folder, name) throws(Errno) in
                try Self.check(mkdirat(folder.number, Self.cString(name), permissions))
            }
        }
    }

    /// Makes a new regular file; nothing may be in its place.
    /// - Parameter permissions: Its mode, whatever the process' mask is.
    package func create(_ path: [UInt8], _ content: some Collection<UInt8>, permissions: mode_t) throws(Errno) {
        let file = try openAny(path, O_WRONLY | O_CREAT | O_EXCL, permissions: permissions & 0o777)
        defer { close(file) }
        try Self.write(content, to: file)
        try Self.check(fchmod(file, permissions & 0o7777))
    }

    /// Writes a file whole or not at all: a new one beside it, renamed over it. A link in its place is replaced, not
    /// followed.
    package func replace(_ path: [UInt8], _ content: some Collection<UInt8>, permissions: mode_t) throws(Errno) {
        try inParent(of: path) { (folder, name) throws(Errno) in
            let temporary = Self.temporaryName()
            do throws(Errno) {
                try folder.create(temporary, content, permissions: permissions)
                try Self.check(
                    renameat(folder.number, Self.cString(temporary), folder.number, Self.cString(name)))
            } catch {
                unlinkat(folder.number, Self.cString(temporary), 0)
                throw error
            }
        }
    }

    /// A name that nobody can have put there before: `.dom0kit-` and 64 random bits.
    private static func temporaryName() -> [UInt8] {
        Array((".dom0kit-" + String(UInt64.random(in: .min ... .max), radix: 36)).utf8)
    }

    private static func write(_ content: some Collection<UInt8>, to file: Int32) throws(Errno) {
        let failure = content.withContiguousStorageIfAvailable { write($0, to: file) }
        if let error = failure ?? Array(content).withUnsafeBufferPointer({ write($0, to: file) }) { throw error }
    }

    private static func write(_ bytes: UnsafeBufferPointer<UInt8>, to file: Int32) -> Errno? {
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            let count = Glibc.write(file, start + done, bytes.count - done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return Errno(rawValue: count < 0 ? errno : EIO) }
            done += count
        }
        return nil
    }

    /// Makes a symbolic link; nothing may be in its place. Whether its target is fit is for the caller to judge.
    package func makeLink(_ path: [UInt8], to target: [UInt8]) throws(Errno) {
        guard !target.contains(0) else { throw .invalidArgument }
        try inParent(of: path) { (folder, name) throws(Errno) in
            try Self.check(symlinkat(Self.cString(target), folder.number, Self.cString(name)))
        }
    }

    /// Gives a file a second name.
    package func link(_ path: [UInt8], as newPath: [UInt8]) throws(Errno) {
        try inParent(of: path) { (old, oldName) throws(Errno) in
            try inParent(of: newPath) { (new, newName) throws(Errno) in
                try Self.check(linkat(old.number, Self.cString(oldName), new.number, Self.cString(newName), 0))
            }
        }
    }

    /// Moves something to another name below this folder; what is there is replaced as rename(2) does.
    package func move(_ path: [UInt8], to newPath: [UInt8]) throws(Errno) {
        try inParent(of: path) { (old, oldName) throws(Errno) in
            try inParent(of: newPath) { (new, newName) throws(Errno) in
                try Self.check(renameat(old.number, Self.cString(oldName), new.number, Self.cString(newName)))
            }
        }
    }

    /// Sets the permission bits of a file or folder that is not a link.
    package func setPermissions(_ path: [UInt8], _ permissions: mode_t) throws(Errno) {
        let file = try openAny(path, O_RDONLY | O_NONBLOCK)
        defer { close(file) }
        try Self.check(fchmod(file, permissions))
    }

    /// Removes a file, a link, or a folder with all that is in it. Nothing there is fine.
    package func remove(_ path: [UInt8]) throws(Errno) {
        do throws(Errno) {
            try inParent(of: path) { (folder, name) throws(Errno) in try folder.removeEntry(name) }
        } catch .noSuchFileOrDirectory {}
    }

    /// How deep ``removeEntry(_:)`` goes with a descriptor a level before it moves folders up.
    private static let deepest = 64

    private func removeEntry(_ name: [UInt8]) throws(Errno) {
        if unlinkat(number, Self.cString(name), 0) == 0 { return }
        let error = Errno(rawValue: errno)
        guard error == .isDirectory || error == .notPermitted else { throw error }
        if unlinkat(number, Self.cString(name), AT_REMOVEDIR) == 0 { return }
        // Folders too deep for a descriptor a level are moved up here and removed one after the other.
        var pending = [name]
        while let next = pending.popLast() { try empty(next, in: self, depth: 0, &pending) }
    }

    /// Removes what is in a folder, and the folder; folders below ``deepest`` are moved to the top and named in `pending`.
    private func empty(
        _ name: [UInt8], in top: Beneath, depth: Int, _ pending: inout [[UInt8]]
    ) throws(Errno) {
        let folder = try folder(name)
        _ = fchmod(folder.number, 0o700)
        for inner in try folder.names() {
            if unlinkat(folder.number, Self.cString(inner), 0) == 0 { continue }
            let error = Errno(rawValue: errno)
            guard error == .isDirectory || error == .notPermitted else { throw error }
            if unlinkat(folder.number, Self.cString(inner), AT_REMOVEDIR) == 0 { continue }
            if depth < Self.deepest {
                try folder.empty(inner, in: top, depth: depth + 1, &pending)
            } else {
                let moved = Self.temporaryName()
                try Self.check(
                    renameat(folder.number, Self.cString(inner), top.number, Self.cString(moved)))
                pending.append(moved)
            }
        }
        try Self.check(unlinkat(number, Self.cString(name), AT_REMOVEDIR))
    }
}
