import Archive
public import Bytes
import Concurrency
import Glibc
public import Patching
import SystemPackage

/// The bytes of a series' patches.
public struct LoadedSeries: Sendable {
    /// A patch with its bytes.
    public struct Patch: Sendable {
        /// What the series says about it.
        public let entry: SeriesEntry
        /// Its bytes, decompressed.
        public let blob: Blob
        /// The SHA-256 of the file where that is compressed.
        let storedDigest: Digest?

        /// The SHA-256 of its file as it is stored (of the message, for mail). Computed when it is asked for.
        public var digest: Digest { storedDigest ?? blob.withUnsafeBytes { Digest(of: $0) } }

        /// The patch as the engine takes it.
        public var input: PatchInput {
            PatchInput(name: entry.name, blob: blob, strip: entry.strip, reverse: entry.reverse)
        }
    }

    /// What the series is called.
    public let name: String
    /// The included patches, in order.
    public let patches: [Patch]

    /// The patches as the engine takes them.
    public var inputs: [PatchInput] { patches.map(\.input) }

    /// The SHA-256 of the series, as ``SeriesDigests/digest``.
    public var digest: Digest { SeriesDigests.digest(patches.map { ($0.entry, $0.digest) }) }
}

/// What identifies a series and its patches.
public struct SeriesDigests: Sendable {
    /// The SHA-256 of each included patch's file as it is stored (of the message, for mail), in order.
    public let patches: [Digest]
    /// The SHA-256 of the series: of one line `DIGEST  NAME` a patch, as sha256sum(1) writes it, with ` -pN` and ` -R`
    /// after it where they are not the default. `sha256sum $(cat series) | sha256sum` gives the same for a plain series.
    public let digest: Digest

    fileprivate static func digest(_ patches: [(entry: SeriesEntry, digest: Digest)]) -> Digest {
        Digest(
            of: patches.map { entry, digest in
                "\(digest)  \(entry.name)" + (entry.strip == 1 ? "" : " -p\(entry.strip)")
                    + (entry.reverse ? " -R" : "")
                    + "\n"
            }.joined())
    }
}

extension PatchSeries {
    /// Reads the included patches, decompressing those that are compressed.
    /// - Parameter workers: How many threads read.
    /// - Throws: ``SeriesError/missingPatch(at:name:)``, `BytesError` or `ArchiveError`; of several, the first by order.
    ///   ``SeriesError/incomplete(_:)`` or ``SeriesError/noPatch(at:name:)`` for an entry that is not a patch: without it the series would be another.
    public func load(workers: Int = 2) throws -> LoadedSeries {
        let entries = try entriesToApply()
        let arena = BlobArena()
        let patches = try Parallel.map(count: entries.count, workers: entries.count < 16 ? 1 : workers) {
            try Self.load(entries[$0], in: arena)
        }
        return LoadedSeries(name: name, patches: patches)
    }

    /// The included patches, each read when it is needed.
    /// - Parameter mapped: Whether files are mapped instead of copied: ``SeriesVerifier`` gives no verdict where one of
    ///   them has changed meanwhile, and one that is cut off meanwhile ends the process with SIGBUS.
    /// - Throws: ``SeriesError/incomplete(_:)`` or ``SeriesError/noPatch(at:name:)``, as ``load(workers:)``.
    public func sources(mapped: Bool) throws -> [PatchSource] {
        let arena = BlobArena()
        return try entriesToApply().map { entry in
            guard mapped else {
                return PatchSource(name: entry.name, strip: entry.strip, reverse: entry.reverse) {
                    (try Self.load(entry, in: arena).blob, nil)
                }
            }
            return PatchSource(name: entry.name, strip: entry.strip, reverse: entry.reverse) {
                if case .file(let path) = entry.content { ContentIdentity.ofFile(path) } else { nil }
            } load: {
                guard case .file(let path) = entry.content else { return (try Self.load(entry).blob, nil) }
                let file = try Self.open(path, of: entry)
                let content = try file.content { (descriptor, size) throws(Errno) in
                    // A little is copied in less time than it is mapped.
                    try size < 1 << 15 ? arena.reading(descriptor, size: size) : Blob.mapping(descriptor, size: size)
                }
                guard let plain = try Self.plain(content, entry) else { return (content, file.identity) }
                return (Blob(plain), file.identity)
            }
        }
    }

    /// The included entries, if all of them are patches: a series without one would be another.
    private func entriesToApply() throws -> [SeriesEntry] {
        guard gaps.isEmpty else { throw SeriesError.incomplete(gaps) }
        let entries = included
        if let other = entries.first(where: { !$0.isPlain && $0.action != .patch }) {
            throw SeriesError.noPatch(at: other.position, name: other.name)
        }
        return entries
    }

    /// Reads the included patches for what identifies them; `nil` where one is missing, or is a list of files to remove.
    /// - Throws: As ``load(workers:)`` for everything else.
    public func digests(workers: Int = 2) throws -> SeriesDigests? {
        do {
            let entries = try entriesToApply()
            let digests = try Parallel.map(count: entries.count, workers: entries.count < 16 ? 1 : workers) {
                try Self.digest(entries[$0])
            }
            return SeriesDigests(patches: digests, digest: SeriesDigests.digest(Array(zip(entries, digests))))
        } catch let error as SeriesError {
            switch error {
            case .missingPatch, .noPatch, .incomplete: return nil
            default: throw error
            }
        }
    }

    /// The SHA-256 of an entry's bytes as they are stored. A small file is read into memory that is used again; one that is
    /// compressed has to be whole.
    private static func digest(_ entry: SeriesEntry) throws -> Digest {
        guard case .file(let path) = entry.content else { return try load(entry).digest }
        let file = try open(path, of: entry)
        return try file.small { bytes in
            Compression.detect(Array(bytes.prefix(512))) == nil ? Digest(of: bytes) : nil
        } ?? load(entry).digest
    }

    /// Reads one entry.
    /// - Parameter arena: Where its bytes are put.
    package static func load(_ entry: SeriesEntry, in arena: BlobArena? = nil) throws -> LoadedSeries.Patch {
        let stored = try blob(entry.content, of: entry, in: arena)
        guard let plain = try plain(stored, entry) else {
            return LoadedSeries.Patch(entry: entry, blob: stored, storedDigest: nil)
        }
        return LoadedSeries.Patch(
            entry: entry, blob: Blob(plain), storedDigest: stored.withUnsafeBytes { Digest(of: $0) })
    }

    /// The bytes without compression; `nil` where they have none.
    private static func plain(_ stored: Blob, _ entry: SeriesEntry) throws -> [UInt8]? {
        guard Compression.detect(stored.withUnsafeBytes { Array($0.prefix(512)) }) != nil else { return nil }
        return try Decompressor.decompress(stored.bytes, name: entry.name)
    }

    /// An entry's bytes as they are stored.
    private static func blob(
        _ content: SeriesEntry.Content, of entry: SeriesEntry, in arena: BlobArena?
    ) throws -> Blob {
        switch content {
        case .bytes(let bytes): return Blob(bytes)
        case .file(let path):
            return try open(path, of: entry).content { (descriptor, size) throws(Errno) in
                if let arena { return try arena.reading(descriptor, size: size) }
                return try Blob.reading(descriptor, size: size)
            }
        case .part(let whole, let folders):
            let stored = try blob(whole, of: entry, in: arena)
            return Blob(
                try PatchPart.of(
                    try plain(stored, entry) ?? stored.bytes, name: entry.name, strip: entry.strip, below: folders))
        }
    }

    private static func open(_ path: FilePath, of entry: SeriesEntry) throws -> OpenFile {
        guard let file = try OpenFile(path) else {
            throw SeriesError.missingPatch(at: entry.position, name: entry.name)
        }
        return file
    }
}

/// A regular file that is being read.
private final class OpenFile {
    private let path: FilePath
    private let descriptor: FileDescriptor
    private let size: Int
    /// What it was when it was opened.
    let identity: ContentIdentity

    /// Opens a file; `nil` where there is no regular one.
    init?(_ path: FilePath) throws(BytesError) {
        let number = path.withPlatformString { Glibc.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        guard number >= 0 else {
            let error = Errno(rawValue: errno)
            if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
            throw BytesError(path: path, operation: .read, errno: error)
        }
        self.path = path
        descriptor = FileDescriptor(rawValue: number)
        var status = stat()
        let result = fstat(number, &status)
        size = Int(status.st_size)
        identity = .inode(status)
        guard result == 0 else { throw BytesError(path: path, operation: .read, errno: Errno(rawValue: errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    }

    deinit { try? descriptor.close() }

    /// Lends the content of a file of up to 64 KiB; `nil` for a larger one, and where `body` gives nothing.
    func small<Value>(_ body: (UnsafeRawBufferPointer) -> Value?) -> Value? {
        let most = 1 << 16
        guard size <= most else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: most + 1, alignment: 16) { buffer in
            let received = pread(descriptor.rawValue, buffer.baseAddress, most + 1, 0)
            // What has grown meanwhile, or cannot be read at once, is read as large files are.
            guard received == size else { return nil }
            return body(UnsafeRawBufferPointer(rebasing: buffer[..<received]))
        }
    }

    func content(_ read: (FileDescriptor, Int) throws(Errno) -> Blob) throws(BytesError) -> Blob {
        do throws(Errno) {
            return try read(descriptor, size)
        } catch { throw BytesError(path: path, operation: .read, errno: error) }
    }
}
