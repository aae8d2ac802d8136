/// Writes cpio archives of the `newc` kind, as the Linux kernel unpacks them into its initramfs.
///
/// Needs no root: owners are 0 and devices are only entries. The same calls give the same bytes: no times, no numbers of
/// this machine. Format: Linux `Documentation/driver-api/early-userspace/buffer-format.rst`.
public struct CpioWriter: Sendable {
    /// Character or block devices.
    public enum DeviceKind: UInt32, Sendable {
        /// A character device.
        case character = 0o020000
        /// A block device.
        case block = 0o060000
    }

    private var bytes: [UInt8] = []
    private var names: Set<String> = []
    private var inode: UInt32 = 0

    /// Begins an archive.
    public init() {}

    /// Adds a folder, and those above it that were not added yet; adding one twice is fine.
    /// - Parameters:
    ///   - path: With or without a leading slash.
    ///   - permissions: The mode's lower 12 bits.
    public mutating func addDirectory(_ path: String, permissions: UInt32 = 0o755) {
        let name = Self.relative(path)
        guard !name.isEmpty, !names.contains(name) else { return }
        addParents(of: name)
        add(name, mode: 0o040000 | permissions, content: [])
    }

    /// Adds a file with its content; a file of the same name is replaced when the kernel unpacks the later one.
    public mutating func addFile(_ path: String, _ content: [UInt8], permissions: UInt32 = 0o644) {
        let name = Self.relative(path)
        addParents(of: name)
        add(name, mode: 0o100000 | permissions, content: content)
    }

    /// Adds a symbolic link.
    public mutating func addLink(_ path: String, to target: String) {
        let name = Self.relative(path)
        addParents(of: name)
        add(name, mode: 0o120777, content: Array(target.utf8))
    }

    /// Adds a device node.
    public mutating func addDevice(
        _ path: String, _ kind: DeviceKind, major: UInt32, minor: UInt32, permissions: UInt32 = 0o600
    ) {
        let name = Self.relative(path)
        addParents(of: name)
        add(name, mode: kind.rawValue | permissions, content: [], device: (major, minor))
    }

    /// The archive, ended by its trailer and padded to 512 bytes, so that another can follow it.
    public consuming func finish() -> [UInt8] {
        header("TRAILER!!!", inode: 0, mode: 0, size: 0, device: (0, 0))
        while bytes.count % 512 != 0 { bytes.append(0) }
        return bytes
    }

    private static func relative(_ path: String) -> String {
        path.split(separator: "/").filter { $0 != "." && $0 != ".." }.joined(separator: "/")
    }

    private mutating func addParents(of name: String) {
        guard let slash = name.lastIndex(of: "/") else { return }
        addDirectory(String(name[..<slash]))
    }

    private mutating func add(_ name: String, mode: UInt32, content: [UInt8], device: (UInt32, UInt32) = (0, 0)) {
        names.insert(name)
        inode += 1
        header(name, inode: inode, mode: mode, size: UInt32(truncatingIfNeeded: content.count), device: device)
        bytes += content
        pad()
    }

    private mutating func header(_ name: String, inode: UInt32, mode: UInt32, size: UInt32, device: (UInt32, UInt32)) {
        bytes += "070701".utf8
        let links: UInt32 = mode & 0o170000 == 0o040000 ? 2 : 1
        let fields: [UInt32] = [
            inode, mode, 0, 0, links, 0, size, 0, 0, device.0, device.1, UInt32(name.utf8.count) + 1, 0,
        ]
        for field in fields { hexadecimal(field) }
        bytes += name.utf8
        bytes.append(0)
        pad()
    }

    private mutating func hexadecimal(_ value: UInt32) {
        for shift in stride(from: 28, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: (value >> UInt32(shift)) & 15)
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }
}
