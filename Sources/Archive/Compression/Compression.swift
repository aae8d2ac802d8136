/// A compression of a single stream of bytes, known by its first bytes.
public enum Compression: String, Sendable, CaseIterable {
    case gzip
    case bzip2
    case xz
    /// The old `.lzma` format ("LZMA alone"), which has no real magic number.
    case lzma
    case lzip
    case zstd
    /// LZ4 frames, and the legacy format that kernels use.
    case lz4
    /// `.Z` of compress(1).
    case compress

    /// The compression that the first bytes indicate; `nil` for none.
    /// - Parameter head: The first bytes; 512 tell a tar file from a compressed one whatever its first name is.
    public static func detect(_ head: [UInt8]) -> Compression? {
        if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) { return nil }
        func begins(_ bytes: UInt8...) -> Bool { head.starts(with: bytes) }
        if begins(0x1f, 0x8b) { return .gzip }
        if begins(0x42, 0x5a, 0x68), head.count > 3, (0x31...0x39).contains(head[3]) { return .bzip2 }
        if begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00) { return .xz }
        if begins(0x4c, 0x5a, 0x49, 0x50) { return .lzip }
        if begins(0x28, 0xb5, 0x2f, 0xfd) { return .zstd }
        if begins(0x04, 0x22, 0x4d, 0x18) || begins(0x02, 0x21, 0x4c, 0x18) { return .lz4 }
        if begins(0x1f, 0x9d) { return .compress }
        if begins(0x5d, 0x00, 0x00), head.count > 13 { return .lzma }
        return nil
    }

    /// The file name endings in use for it, with the dot.
    public var suffixes: [String] {
        switch self {
        case .gzip: [".gz"]
        case .bzip2: [".bz2"]
        case .xz: [".xz"]
        case .lzma: [".lzma"]
        case .lzip: [".lz"]
        case .zstd: [".zst"]
        case .lz4: [".lz4"]
        case .compress: [".Z"]
        }
    }

    /// The name without a compression's ending; the name itself where it has none.
    public static func stripSuffix(_ name: String) -> String {
        for suffix in allCases.flatMap(\.suffixes) where name.hasSuffix(suffix) && name.utf8.count > suffix.utf8.count {
            return String(name.dropLast(suffix.count))
        }
        return name
    }
}
