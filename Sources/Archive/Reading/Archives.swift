/// Reading archives without unpacking them.
public enum Archives {
    /// What a visitor wants after an entry.
    public enum Visit: Sendable {
        /// Go on.
        case next
        /// It has what it came for; the rest is not read.
        case stop
    }

    /// Shows each entry of an archive with its content, in the archive's order. Names never leave the tree; devices and
    /// links are shown as they are, and are the visitor's to judge.
    /// - Parameters:
    ///   - source: tar, ar (`.deb`), cpio or RPM, under any compression.
    ///   - limits: How much may come out.
    ///   - visit: Takes the entry; its content is read on demand and only until the call returns.
    /// - Throws: ``ArchiveError``, or what `visit` throws.
    public static func forEachEntry(
        in source: ArchiveSource, limits: ArchiveLimits = ArchiveLimits(),
        _ visit: (ArchiveEntry, EntryContent) throws -> Visit
    ) throws {
        let reader = try ArchiveReader(source, limits: limits)
        while let entry = try reader.next() {
            if Task.isCancelled { throw ArchiveError(reader.name, .cancelled) }
            if try visit(entry, EntryContent(reader: reader)) == .stop { return }
        }
    }

    /// The whole content of the first entry at a path.
    /// - Returns: `nil` where there is none.
    /// - Throws: ``ArchiveError``.
    public static func content(of path: String, in source: ArchiveSource, limit: Int = 256 << 20)
        throws(ArchiveError) -> [UInt8]?
    {
        let reader = try ArchiveReader(source, limits: ArchiveLimits())
        while let entry = try reader.next() {
            if entry.kind == .file, entry.location.text == path { return try reader.content(limit: limit) }
        }
        return nil
    }
}

/// The content of the entry being visited.
public struct EntryContent {
    let reader: ArchiveReader

    /// The content, or what is left of it.
    /// - Throws: ``ArchiveError`` if it is damaged or longer than `limit` bytes.
    public func bytes(limit: Int = 256 << 20) throws(ArchiveError) -> [UInt8] { try reader.content(limit: limit) }

    /// Hands over the content in pieces, each valid only during the call.
    public func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        while let piece = try reader.piece() { try body(piece) }
    }
}
