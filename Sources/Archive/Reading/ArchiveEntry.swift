import CArchive
import Glibc
public import SystemPackage

/// One entry of an archive.
public struct ArchiveEntry: Sendable {
    /// What an entry is.
    public enum Kind: Sendable, Equatable {
        case file
        case directory
        /// A symbolic link with its target as archived.
        case symlink(target: FilePath)
        /// A further name of an earlier entry, relative to the archive's top.
        case hardLink(target: FilePath)
        /// A character or block device.
        case device(character: Bool, major: Int, minor: Int)
        /// A FIFO or a socket.
        case other
    }

    let location: EntryPath
    let linkTarget: [UInt8]

    /// The path below the archive's top: relative, without `.` and `..`; empty for the top itself.
    public var path: FilePath { location.filePath }
    /// What it is.
    public let kind: Kind
    /// The content's length in bytes; 0 for anything but a file.
    public let size: Int
    /// The permission bits (07777).
    public let permissions: UInt32
    /// The time of the last change: seconds since 1970 and nanoseconds.
    public let modified: (seconds: Int, nanoseconds: Int)
    /// The owner's numeric user and group.
    public let owner: (user: Int, group: Int)

    /// Reads a libarchive entry.
    /// - Throws: ``ArchiveError`` for a name that leaves the tree.
    init(_ entry: OpaquePointer, archive: String) throws(ArchiveError) {
        guard let name = Self.bytes(archive_entry_pathname(entry)) ?? Self.bytes(archive_entry_pathname_utf8(entry))
        else { throw ArchiveError(archive, .malformed("an entry has no readable name")) }
        guard name.count < Int(PATH_MAX) else {
            throw ArchiveError(
                archive, entry: String(decoding: name.prefix(80), as: UTF8.self) + "…",
                .unsafe("its path has \(name.count) bytes, and no system opens one of more than \(PATH_MAX - 1)"))
        }
        guard let location = EntryPath(archived: name) else {
            throw ArchiveError(
                archive, entry: String(decoding: name, as: UTF8.self), .unsafe("its name leads outside the tree"))
        }
        self.location = location
        let hardLink = Self.bytes(archive_entry_hardlink(entry)) ?? Self.bytes(archive_entry_hardlink_utf8(entry))
        let symlink = Self.bytes(archive_entry_symlink(entry)) ?? Self.bytes(archive_entry_symlink_utf8(entry))
        let type = UInt32(archive_entry_filetype(entry))
        if let hardLink {
            kind = .hardLink(target: FilePath(archived: hardLink))
            linkTarget = hardLink
        } else if type == 0o120000 {
            kind = .symlink(target: FilePath(archived: symlink ?? []))
            linkTarget = symlink ?? []
        } else {
            linkTarget = []
            switch type {
            case 0o100000: kind = .file
            case 0o040000: kind = .directory
            case 0o020000, 0o060000:
                kind = .device(
                    character: type == 0o020000, major: Int(archive_entry_rdevmajor(entry)),
                    minor: Int(archive_entry_rdevminor(entry)))
            // `ar` members carry no type bits.
            case 0: kind = .file
            default: kind = .other
            }
        }
        size = kind == .file ? max(Int(archive_entry_size(entry)), 0) : 0
        permissions = UInt32(archive_entry_perm(entry)) & 0o7777
        modified = (Int(archive_entry_mtime(entry)), Int(archive_entry_mtime_nsec(entry)))
        owner = (Int(archive_entry_uid(entry)), Int(archive_entry_gid(entry)))
    }

    private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
        guard let text else { return nil }
        return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
}
