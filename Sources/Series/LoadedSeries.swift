import Archive
public import Bytes
public import Patching
import Synchronization
import SystemPackage

/// The bytes of a series' patches.
public struct LoadedSeries: Sendable {
    /// A patch with its bytes.
    public struct Patch: Sendable {
        /// What the series says about it.
        public let entry: SeriesEntry
        /// Its bytes, decompressed.
        public let blob: Blob
        /// The SHA-256 of its file as it is stored (of the message, for mail).
        public let digest: Digest

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
        if let gap = gaps.first { throw SeriesError.incomplete(at: gap.position, reason: gap.text) }
        if let other = entries.first(where: { $0.action != .patch }) {
            throw SeriesError.noPatch(at: other.position, name: other.name)
        }
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
        let (stored, plain) = try bytes(entry.content, of: entry)
        return LoadedSeries.Patch(entry: entry, blob: Blob(plain), digest: Digest(of: stored))
    }

    /// An entry's bytes as stored, and without compression.
    private static func bytes(
        _ content: SeriesEntry.Content, of entry: SeriesEntry
    ) throws -> (stored: [UInt8], plain: [UInt8]) {
        switch content {
        case .bytes(let bytes): return (bytes, try Decompressor.decompress(bytes, name: entry.name))
        case .file(let path):
            guard Files.isRegular(path) else { throw SeriesError.missingPatch(at: entry.position, name: entry.name) }
            let stored = try Files.read(path)
            return (stored, try Decompressor.decompress(stored, name: path.string))
        case .part(let whole, let folders):
            let part = try PatchPart.of(
                try bytes(whole, of: entry).plain, name: entry.name, strip: entry.strip, below: folders)
            return (part, part)
        }
    }
}
