import CSyscalls
import Glibc
import SystemPackage

/// An open folder, and the one way to change what is in it.
///
/// Every path is taken relative to the open folder and resolved by the kernel (openat2(2) with `RESOLVE_BENEATH` and
/// `RESOLVE_NO_SYMLINKS`): a path that climbs, is absolute, or goes through a symbolic link fails with `ELOOP`, `EXDEV` or
/// `ENOTDIR`, whatever somebody puts in its way meanwhile. The last part of a path is never followed either. Paths are
/// bytes: names need not be UTF-8.
package final class Beneath: Sendable {
    /// The descriptor.
    package let number: Int32

    /// Takes over a descriptor of a folder.
    private init(number: Int32) { self.number = number }

    deinit { close(number) }

    /// Opens a folder by any path; links on the way to it are followed.
    package init(opening folder: FilePath) throws(Errno) {
        number = folder.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard number >= 0 else { throw Errno(rawValue: errno) }
    }

    /// A folder below this one; the folder itself for an empty path.
    package func folder(_ path: [UInt8]) throws(Errno) -> Beneath {
        Beneath(number: try openAny(path.isEmpty ? [UInt8(ascii: ".")] : path, O_RDONLY | O_DIRECTORY))
    }

    /// Opens something below this folder.
    /// - Parameter flags: Of open(2); `O_CLOEXEC` and `O_NOFOLLOW` are added.
    /// - Returns: A descriptor that the caller closes.
    package func openAny(_ path: [UInt8], _ flags: Int32, permissions: mode_t = 0) throws(Errno) -> Int32 {
        let flags = flags | O_CLOEXEC | O_NOFOLLOW
        guard path.count >= Int(PATH_MAX) else { return try Self.open(number, path, flags, permissions) }
        // Longer than one system call takes: folder by folder.
        let (parent, name) = try Self.split(path)
        return try Self.open(try descend(parent).number, name, flags, permissions)
    }

    /// Opens a folder in pieces, each short enough for a system call.
    private func descend(_ path: [UInt8]) throws(Errno) -> Beneath {
        var current = self
        var piece: [UInt8] = []
        for part in path.split(separator: UInt8(ascii: "/")) {
            if piece.count + part.count + 1 >= Int(PATH_MAX) {
                current = try current.folder(piece)
                piece = []
            }
            if !piece.isEmpty { piece.append(UInt8(ascii: "/")) }
            piece += part
        }
        return piece.isEmpty ? current : try current.folder(piece)
    }

    private static func open(
        _ folder: Int32, _ path: [UInt8], _ flags: Int32, _ permissions: mode_t
    ) throws(Errno) -> Int32 {
        guard !path.contains(0) else { throw .invalidArgument }
        let opened = dom0kit_open_beneath(folder, cString(path), flags, permissions)
        if opened >= 0 { return opened }
        let error = Errno(rawValue: errno)
        // Linux before 5.6, or a filter of system calls that does not know this one.
        guard error == .noFunction || error == .notPermitted else { throw error }
        return try openByParts(folder, path, flags, permissions)
    }

    /// What openat2 does, with one openat(2) a part.
    private static func openByParts(
        _ folder: Int32, _ path: [UInt8], _ flags: Int32, _ permissions: mode_t
    ) throws(Errno) -> Int32 {
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true)
        guard path.first != UInt8(ascii: "/"), !parts.contains(where: { $0.elementsEqual("..".utf8) }) else {
            throw .improperLink
        }
        var current = folder
        defer { if current != folder { close(current) } }
        for part in parts.dropLast() {
            let next = openat(current, cString(Array(part)), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else { throw Errno(rawValue: errno) }
            if current != folder { close(current) }
            current = next
        }
        let opened = openat(current, cString(Array(parts.last ?? [UInt8(ascii: ".")])), flags, permissions)
        guard opened >= 0 else { throw Errno(rawValue: errno) }
        return opened
    }

    /// Opens the folder that a path's last part is in, and calls `body` with it and that part.
    package func inParent<Value>(
        of path: [UInt8], _ body: (_ folder: Beneath, _ name: [UInt8]) throws(Errno) -> Value
    ) throws(Errno) -> Value {
        let (parent, name) = try Self.split(path)
        return try body(parent.isEmpty ? self : try descend(parent), name)
    }

    /// A path's folder and its last part.
    private static func split(_ path: [UInt8]) throws(Errno) -> (parent: [UInt8], name: [UInt8]) {
        guard path.first != UInt8(ascii: "/") else { throw .improperLink }
        let parts = path.split(separator: UInt8(ascii: "/"))
        guard let last = parts.last else { throw .invalidArgument }
        guard !parts.contains(where: { $0.elementsEqual("..".utf8) }) else { throw .improperLink }
        return (Array(parts.dropLast().joined(separator: [UInt8(ascii: "/")])), Array(last))
    }

    /// A name as system calls take it.
    package static func cString(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

    /// Throws the error of a system call that has failed.
    package static func check(_ result: Int32) throws(Errno) {
        guard result == 0 else { throw Errno(rawValue: errno) }
    }
}
