import Archive
import Bytes
import SystemPackage

/// An x86 kernel image taken apart down to its ELF file.
///
/// Source of the format: Linux, `Documentation/arch/x86/boot.rst`; what Xen makes of it: `xen/arch/x86/bzimage.c`.
struct BootImage {
    /// `bzImage`, `vmlinux` (an ELF file) or `vmlinuz` (a compressed ELF file, as classic Xen kernels are).
    let format: String
    /// The compression of the payload, by the name of the kernel's option; `none` for a bare ELF file.
    let compression: String
    /// The boot protocol of a bzImage, as major << 8 | minor.
    let protocolVersion: Int?
    /// What the header of a bzImage says the kernel is.
    let headerVersion: String?
    /// What the last four bytes of a compressed vmlinux say of its size, and what that is, where the two differ.
    let wrongTrailer: (said: Int, size: Int)?
    /// The ELF file; empty where the image's protocol is too old to say where it is.
    let elf: [UInt8]

    /// The most bytes a file or its payload may have.
    static let limit = 1 << 30

    /// Takes an image file apart.
    /// - Throws: ``ImageError``.
    init(path: FilePath) throws(ImageError) {
        var content: [UInt8]
        do {
            guard Files.isRegular(path) || !Files.exists(path) else {
                throw ImageError.unknownFormat(
                    path, looksLike: Files.isDirectory(path) ? "a folder" : "a device or pipe")
            }
            if let size = Self.size(of: path), size > Self.limit { throw ImageError.tooLarge(path, limit: Self.limit) }
            content = try Files.read(path)
        } catch let error as ImageError {
            throw error
        } catch let error as BytesError {
            throw .file(error)
        } catch {
            throw .malformed(path, reason: "it cannot be read")
        }
        try self.init(consume content, path: path)
    }

    /// Takes an image's content apart. The content is handed on, not copied: images are large.
    init(_ content: consuming [UInt8], path: FilePath) throws(ImageError) {
        guard !content.isEmpty else { throw .malformed(path, reason: "it is empty") }
        if content.number(at: 0x202, size: 4) == Self.headerMagic {
            try self.init(bzImage: consume content, path: path)
        } else if PayloadFormat(content[...]) == .elf {
            self.init(format: "vmlinux", compression: PayloadFormat.elf, elf: consume content)
        } else if let compression = PayloadFormat(content[...]) {
            let said = content.number(at: content.count - 4, size: 4).map { Int($0) } ?? 0
            let elf = try compression.decode(consume content, trailer: nil, path: path)
            guard PayloadFormat(elf[...]) == .elf else { throw .unknownFormat(path, looksLike: "a compressed file") }
            self.init(
                format: "vmlinuz", compression: compression, elf: elf,
                wrongTrailer: said == elf.count ? nil : (said, elf.count))
        } else {
            throw .unknownFormat(path, looksLike: Self.guess(content))
        }
    }

    private init(
        format: String, compression: PayloadFormat, elf: [UInt8], wrongTrailer: (said: Int, size: Int)? = nil
    ) {
        self.wrongTrailer = wrongTrailer
        self.format = format
        self.compression = compression.rawValue
        protocolVersion = nil
        headerVersion = nil
        self.elf = elf
    }

    /// "HdrS" at 0x202.
    private static let headerMagic: UInt64 = 0x5372_6448

    private init(bzImage content: consuming [UInt8], path: FilePath) throws(ImageError) {
        guard let setupSectors = content.number(at: 0x1f1, size: 1), let version = content.number(at: 0x206, size: 2),
            let versionOffset = content.number(at: 0x20e, size: 2)
        else { throw .malformed(path, reason: "it ends inside its header") }
        format = "bzImage"
        wrongTrailer = nil
        protocolVersion = Int(version)
        headerVersion = versionOffset == 0 ? nil : content.text(at: Int(versionOffset) + 0x200, limit: 512)
        guard version >= 0x208 else {
            // Before 2.08 the header does not say where the payload is, and Xen refuses to look for it.
            compression = "unknown"
            elf = []
            return
        }
        guard let offset = content.number(at: 0x248, size: 4), let length = content.number(at: 0x24c, size: 4) else {
            throw .malformed(path, reason: "it ends inside its header")
        }
        // A count of 0 stands for 4 (boot.rst); Xen takes it as it is, and such kernels are older than 2.08.
        let start = (Int(setupSectors) + 1) * 512 + Int(offset)
        guard length >= 4, start <= content.count, Int(length) <= content.count - start else {
            throw .malformed(
                path,
                reason: "its header puts the payload at bytes \(start) to \(start + Int(length)), "
                    + "but the file has \(content.count)")
        }
        let end = start + Int(length)
        let trailer = content.number(at: end - 4, size: 4)
        content.removeSubrange(end...)
        content.removeSubrange(..<start)
        guard let kind = PayloadFormat(content[...]) else {
            let magic = content.prefix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            throw .malformed(path, reason: "its payload begins with \(magic), which is not a known compression")
        }
        compression = kind.rawValue
        elf = kind == .elf ? consume content : try kind.decode(consume content, trailer: trailer, path: path)
        guard PayloadFormat(elf[...]) == .elf else {
            throw .malformed(path, reason: "its payload does not contain an ELF file")
        }
    }

    private static func size(of path: FilePath) -> Int? {
        guard let file = try? FileDescriptor.open(path, .readOnly) else { return nil }
        defer { try? file.close() }
        return (try? file.seek(offset: 0, from: .end)).map { Int($0) }
    }

    /// What else the file may be, for the message.
    private static func guess(_ content: [UInt8]) -> String? {
        func begins(_ text: String) -> Bool { content.starts(with: text.utf8) }
        if begins("!<arch>\n") { return "a Debian package or static library" }
        if begins("MZ") { return "an EFI program without a kernel header (a unified kernel image?)" }
        if begins("070701") { return "an initramfs" }
        if begins("#!") { return "a script" }
        return nil
    }
}
