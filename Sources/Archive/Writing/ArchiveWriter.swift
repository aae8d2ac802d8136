import CArchive

/// Writes cpio archives of the `newc` kind through libarchive, as the Linux kernel unpacks them into its initramfs.
///
/// Needs no root: the owner is always 0, and a device is only an entry. The same calls give the same bytes: entries carry
/// no time, and are numbered in the order they were added. A path may have a leading slash. Folders above an entry are
/// added before it. Format: Linux `Documentation/driver-api/early-userspace/buffer-format.rst`.
public final class ArchiveWriter {
    /// Which kind of device a node stands for.
    public enum DeviceKind: UInt32, Sendable {
        /// A character device.
        case character = 0o020000
        /// A block device.
        case block = 0o060000
    }

    /// Where libarchive puts the archive's bytes.
    private final class Output {
        var bytes: [UInt8] = []
    }

    private let name: String
    private let handle: OpaquePointer
    private let output = Output()
    private var folders: Set<EntryPath> = [.top]
    private var entries: Int64 = 0

    /// Begins an archive.
    /// - Parameter name: How errors call it.
    public init(name: String) throws(ArchiveError) {
        guard let handle = archive_write_new() else {
            throw ArchiveError(name, .unsupported("libarchive cannot start: no memory"))
        }
        self.name = name
        self.handle = handle
        try check(archive_write_set_format_cpio_newc(handle))
        // The kernel takes several archives in a row where each begins on a multiple of 4 bytes; cpio's own unit is 512.
        try check(archive_write_set_bytes_in_last_block(handle, 512))
        let write: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, UnsafeRawPointer?, Int) -> la_ssize_t = {
            _, context, bytes, count in
            guard let context, let bytes else { return -1 }
            let output = Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
            output.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
            return count
        }
        // libarchive calls back only within calls made through `handle`, which does not outlive `output`.
        try check(archive_write_open(handle, Unmanaged.passUnretained(output).toOpaque(), nil, write, nil))
    }

    deinit { archive_write_free(handle) }

    /// Adds a folder; adding one twice is fine.
    /// - Parameter permissions: The mode's lower 12 bits.
    /// - Throws: ``ArchiveError`` for a path that leads outside the archive.
    public func addFolder(_ path: String, permissions: UInt32 = 0o755) throws(ArchiveError) {
        try addFolder(try location(path), permissions: permissions)
    }

    /// Adds a file with its content. Where two files have one path, the kernel keeps the later one.
    /// - Parameter permissions: The mode's lower 12 bits.
    /// - Throws: ``ArchiveError`` for a path that leads outside the archive, or content of 4 GiB and more.
    public func addFile(_ path: String, _ content: [UInt8], permissions: UInt32 = 0o644) throws(ArchiveError) {
        try add(try location(path), mode: 0o100000 | permissions, content: content)
    }

    /// Adds a symbolic link.
    /// - Throws: ``ArchiveError`` for a path that leads outside the archive; the target may be anything.
    public func addLink(_ path: String, to target: String) throws(ArchiveError) {
        try add(try location(path), mode: 0o120777) { archive_entry_set_symlink($0, target) }
    }

    /// Adds a device node.
    /// - Parameter permissions: The mode's lower 12 bits.
    /// - Throws: ``ArchiveError`` for a path that leads outside the archive.
    public func addDevice(
        _ path: String, _ kind: DeviceKind, major: UInt32, minor: UInt32, permissions: UInt32 = 0o600
    ) throws(ArchiveError) {
        try add(try location(path), mode: kind.rawValue | permissions) {
            archive_entry_set_rdevmajor($0, dev_t(major))
            archive_entry_set_rdevminor($0, dev_t(minor))
        }
    }

    /// The archive with its trailer, padded to a multiple of 512 bytes, so that another can follow it. Nothing can be
    /// added afterwards.
    public func finish() throws(ArchiveError) -> [UInt8] {
        try check(archive_write_close(handle))
        return output.bytes
    }

    private func location(_ path: String) throws(ArchiveError) -> EntryPath {
        guard let location = EntryPath(archived: Array(path.utf8.drop { $0 == UInt8(ascii: "/") })),
            !location.bytes.contains(0)
        else { throw ArchiveError(name, entry: path, .unsafe("its path leads outside the archive")) }
        return location
    }

    private func addFolder(_ folder: EntryPath, permissions: UInt32 = 0o755) throws(ArchiveError) {
        guard !folders.contains(folder) else { return }
        folders.insert(folder)
        try add(folder, mode: 0o040000 | permissions)
    }

    private func add(
        _ path: EntryPath, mode: UInt32, content: [UInt8] = [], _ complete: (OpaquePointer) -> Void = { _ in }
    ) throws(ArchiveError) {
        try addFolder(path.parent)
        guard let entry = archive_entry_new() else {
            throw ArchiveError(name, entry: path.text, .unsupported("libarchive cannot go on: no memory"))
        }
        defer { archive_entry_free(entry) }
        entries += 1
        (path.bytes + [0]).withUnsafeBytes { bytes in
            archive_entry_set_pathname(entry, bytes.assumingMemoryBound(to: CChar.self).baseAddress)
        }
        archive_entry_set_mode(entry, mode)
        archive_entry_set_ino64(entry, entries)
        archive_entry_set_nlink(entry, mode & 0o170000 == 0o040000 ? 2 : 1)
        archive_entry_set_size(entry, la_int64_t(content.count))
        complete(entry)
        try check(archive_write_header(handle, entry), entry: path.text)
        guard !content.isEmpty else { return }
        let written = content.withUnsafeBytes { archive_write_data(handle, $0.baseAddress, $0.count) }
        guard written == content.count else { throw error(entry: path.text) }
    }

    private func check(_ result: Int32, entry: String? = nil) throws(ArchiveError) {
        if result != ARCHIVE_OK { throw error(entry: entry) }
    }

    private func error(entry: String?) -> ArchiveError {
        let text = archive_error_string(handle).map { String(cString: $0) } ?? "the format cannot hold it"
        return ArchiveError(name, entry: entry, .notArchivable(text))
    }
}
