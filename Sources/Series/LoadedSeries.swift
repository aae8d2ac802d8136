import Archive
public import Bytes
public import Patching
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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

    /// The SHA-256 of the series: of one line `DIGEST  NAME` a patch, as sha256sum(1) writes it, with ` -pN` and ` -R`
    /// behind it where they are not the default. `sha256sum $(cat series) | sha256sum` gives the same for a plain series.
    public var digest: Digest {
        Digest(
            of: patches.map { patch in
                let entry = patch.entry
                return "\(patch.digest)  \(entry.name)" + (entry.strip == 1 ? "" : " -p\(entry.strip)")
                    + (entry.reverse ? " -R" : "") + "\n"
            }.joined())
    }
}

extension PatchSeries {
    /// Reads the included patches, decompressing those that are compressed.
    /// - Parameter workers: How many threads read.
    /// - Throws: ``SeriesError/missingPatch(at:name:)``, `BytesError` or `ArchiveError`; of several, the first by order.
    ///   ``SeriesError/incomplete(at:reason:)`` or ``SeriesError/noPatch(at:name:)`` for an entry that is no patch: a series without it would be another.
    public func load(workers: Int = 2) throws -> LoadedSeries {
        let entries = included
        try requireComplete()
        let results = Mutex<[Result<LoadedSeries.Patch, any Error>?]>(Array(repeating: nil, count: entries.count))
        let next = Atomic<Int>(0)
        let work: @Sendable () -> Void = {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < entries.count else { return }
                let result = Result { try Self.load(entries[index]) }
                results.withLock { $0[index] = result }
            }
        }
        let helpers = entries.count < 16 ? [] : (1..<max(workers, 1)).compactMap { _ in Worker.start(work) }
        work()
        for helper in helpers { helper.join() }
        return LoadedSeries(name: name, patches: try results.withLock { $0 }.compactMap { try $0?.get() })
    }

    /// A series that leaves something out that it cannot say would be another one.
    private func requireComplete() throws(SeriesError) {
        if let gap = gaps.first { throw .incomplete(at: gap.position, reason: gap.text) }
        if let other = included.first(where: { $0.action != .patch }) {
            throw .noPatch(at: other.position, name: other.name)
        }
    }

    /// The included patches, each read when it is needed.
    /// - Throws: ``SeriesError/incomplete(at:reason:)`` or ``SeriesError/noPatch(at:name:)``.
    public func sources() throws(SeriesError) -> [PatchSource] {
        try requireComplete()
        return included.map { entry in
            PatchSource(name: entry.name, strip: entry.strip, reverse: entry.reverse) {
                if case .file(let path) = entry.content { ContentIdentity.ofFile(path) } else { nil }
            } load: {
                try Self.load(entry).blob
            }
        }
    }

    /// Reads the included patches; `nil` where one is missing, or is a list of files to remove.
    /// - Throws: As ``load(workers:)`` for everything else.
    public func loadIfComplete(workers: Int = 2) throws -> LoadedSeries? {
        do {
            return try load(workers: workers)
        } catch let error as SeriesError {
            switch error {
            case .missingPatch, .noPatch, .incomplete: return nil
            default: throw error
            }
        }
    }

    /// Reads one entry.
    package static func load(_ entry: SeriesEntry) throws -> LoadedSeries.Patch {
        let (stored, plain) = try content(entry.content, of: entry)
        guard let plain else { return LoadedSeries.Patch(entry: entry, blob: stored, storedDigest: nil) }
        return LoadedSeries.Patch(entry: entry, blob: plain, storedDigest: Digest(of: stored.bytes))
    }

    /// An entry's bytes as stored, and what is in them where they are compressed.
    private static func content(
        _ content: SeriesEntry.Content, of entry: SeriesEntry
    ) throws -> (stored: Blob, plain: Blob?) {
        let stored: Blob
        let name: String
        switch content {
        case .bytes(let bytes): (stored, name) = (Blob(bytes), entry.name)
        case .file(let path):
            guard let file = try read(path) else {
                throw SeriesError.missingPatch(at: entry.position, name: entry.name)
            }
            (stored, name) = (file, path.string)
        case .part(let whole, let folders):
            let inner = try Self.content(whole, of: entry)
            let part = try PatchPart.of(
                (inner.plain ?? inner.stored).bytes, name: entry.name, strip: entry.strip, below: folders)
            return (Blob(part), nil)
        }
        let head = stored.withUnsafeBytes { Array($0.prefix(512)) }
        guard Compression.detect(head) != nil else { return (stored, nil) }
        return (stored, Blob(try Decompressor.decompress(stored.bytes, name: name)))
    }

    /// A regular file's content; `nil` where there is none.
    private static func read(_ path: FilePath) throws(BytesError) -> Blob? {
        func failed(_ errno: Errno) -> BytesError { BytesError(path: path, operation: "read", errno: errno) }
        let number = path.withPlatformString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        guard number >= 0 else {
            let error = Errno(rawValue: errno)
            if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
            throw failed(error)
        }
        defer { close(number) }
        var status = stat()
        guard fstat(number, &status) == 0 else { throw failed(Errno(rawValue: errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        do throws(Errno) {
            return try Blob.reading(FileDescriptor(rawValue: number), size: Int(status.st_size))
        } catch { throw failed(error) }
    }
}
