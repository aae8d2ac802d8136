public import SystemPackage

/// Undoes the compression of a single stream: gzip, bzip2, xz, lzma, lzip, zstd, lz4, compress.
public enum Decompressor {
    /// The bytes without their one layer of compression; as they are where they have none.
    ///
    /// Checksums that the format carries are verified, and the stream is read to its end.
    /// - Parameters:
    ///   - bytes: The compressed bytes.
    ///   - name: How errors call them.
    ///   - limit: The most bytes the result may have.
    /// - Throws: ``ArchiveError``.
    public static func decompress(_ bytes: [UInt8], name: String, limit: Int = 1 << 30) throws(ArchiveError) -> [UInt8]
    {
        guard Compression.detect(Array(bytes.prefix(512))) != nil else { return bytes }
        return try collect(.bytes(bytes, name: name), limit: limit)
    }

    /// A file's content without its one layer of compression; as it is where it has none.
    /// - Throws: ``ArchiveError``.
    public static func decompress(file: FilePath, limit: Int = 1 << 30) throws(ArchiveError) -> [UInt8] {
        try collect(.file(file), limit: limit)
    }

    private static func collect(_ source: ArchiveSource, limit: Int) throws(ArchiveError) -> [UInt8] {
        let limits = ArchiveLimits(bytes: limit)
        let head = try PeekedStream(try source.open(limits))
        let stream: any ByteStream = try layer(over: head, limits: limits) ?? head
        var result: [UInt8] = []
        while true {
            let piece = try stream.next()
            if piece.isEmpty { return result }
            if result.count + piece.count > limit {
                throw ArchiveError(stream.name, .tooLarge(limit: limit, unit: "bytes"))
            }
            result.append(contentsOf: piece)
        }
    }

    /// The stream that undoes the compression the first bytes indicate; `nil` where they indicate none.
    static func layer(over stream: PeekedStream, limits: ArchiveLimits) throws(ArchiveError) -> (any ByteStream)? {
        guard let compression = Compression.detect(stream.head) else { return nil }
        if compression == .gzip { return try GzipStream(stream, limits: limits) }
        return try FilterStream(stream, layer: .compression(compression), limits: limits)
    }
}
