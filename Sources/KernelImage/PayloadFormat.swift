import Archive
import SystemPackage

/// What a kernel's payload begins with: the compressions Kbuild offers, by the magic numbers that Xen's `decompress()`
/// looks for (`xen/common/decompress.c`), or an ELF file.
enum PayloadFormat: String {
    case elf = "none"
    case gzip, bzip2, lzma, xz, lzo, lz4, zstd

    init?(_ bytes: ArraySlice<UInt8>) {
        func begins(_ magic: UInt8...) -> Bool { bytes.starts(with: magic) }
        if begins(0x7f, 0x45, 0x4c, 0x46) {
            self = .elf
        } else if begins(0x1f, 0x8b) || begins(0x1f, 0x9e) {
            self = .gzip
        } else if begins(0x42, 0x5a, 0x68) {
            self = .bzip2
        } else if begins(0xfd, 0x37, 0x7a, 0x58, 0x5a) {
            self = .xz
        } else if begins(0x5d, 0x00) {
            self = .lzma
        } else if begins(0x89, 0x4c, 0x5a, 0x4f) {
            self = .lzo
        } else if begins(0x02, 0x21) {
            self = .lz4
        } else if begins(0x28, 0xb5, 0x2f, 0xfd) {
            self = .zstd
        } else {
            return nil
        }
    }

    /// Undoes the compression.
    /// - Parameters:
    ///   - payload: The compressed bytes.
    ///   - trailer: The last four bytes of a bzImage's payload, which hold the size of the result: Kbuild appends them,
    ///     except for gzip, whose own last field they are. Xen and the kernel's own stub take them at their word.
    ///   - path: The image, for errors.
    func decode(_ payload: consuming [UInt8], trailer: UInt64?, path: FilePath) throws(ImageError) -> [UInt8] {
        if self == .lzo { throw .undecodable(path, compression: rawValue) }
        let size = trailer.map { Int($0) }
        if let size, size > BootImage.limit { throw .tooLarge(path, limit: BootImage.limit) }
        if size != nil, self != .gzip { payload.removeLast(4) }
        let result: [UInt8]
        do {
            result = try Decompressor.decompress(
                payload, name: "\(path): payload", limit: size ?? BootImage.limit)
        } catch {
            if case .tooLarge = error.reason {
                guard let size else { throw .tooLarge(path, limit: BootImage.limit) }
                throw .malformed(path, reason: "its payload is larger than the \(size) bytes its header states")
            }
            if case .unsupported = error.reason { throw .undecodable(path, compression: rawValue) }
            throw .malformed(path, reason: "its \(rawValue) payload cannot be decompressed: \(error.message)")
        }
        if let size, result.count != size {
            throw .malformed(path, reason: "its payload has \(result.count) bytes, but its header states \(size)")
        }
        return result
    }
}
