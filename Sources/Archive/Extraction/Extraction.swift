import Bytes
import Concurrency
public import Diagnostics
public import SystemPackage

/// Unpacks archives below a folder, and nowhere else.
public struct Extraction: Sendable {
    /// What symbolic links may point to.
    public enum LinkPolicy: Sendable {
        /// Only inside the unpacked tree, by relative targets.
        case insideTree
        /// The tree is a root file system: absolute targets mean its own top.
        case rootFileSystem
    }

    /// How much may come out.
    public var limits = ArchiveLimits()
    /// What symbolic links may point to.
    public var links = LinkPolicy.insideTree
    /// Whether the folder may hold something already (several packages into one root).
    public var merging = false

    /// An extraction with the strict settings.
    public init() {}

    /// What was unpacked.
    public struct Result: Sendable, Equatable {
        /// Regular files (a file archived twice counts twice), hard links among them.
        public var files = 0
        /// Symbolic links.
        public var links = 0
        /// Bytes of content.
        public var bytes = 0

        /// States a result.
        public init(files: Int = 0, links: Int = 0, bytes: Int = 0) {
            self.files = files
            self.links = links
            self.bytes = bytes
        }
    }

    /// Unpacks an archive. Reading and decompressing run on one thread, writing on another.
    ///
    /// On an error or a cancellation what was written so far stays: unpack into a temporary folder and rename it.
    /// Owners are not set; permissions are those of the archive without set-user-id, set-group-id and sticky bits.
    /// - Parameters:
    ///   - source: tar, ar, cpio or RPM, under any compression.
    ///   - folder: An existing folder, empty unless ``merging``.
    ///   - progress: Receives the number of entries every few hundred.
    /// - Throws: ``ArchiveError``.
    @discardableResult
    public func unpack(
        _ source: ArchiveSource, into folder: FilePath, progress: any ProgressSink = NoProgress()
    ) async throws -> Result {
        try await BlockingWork.run { try unpack(source, into: folder, progress: progress, $0) }
    }

    private func unpack(
        _ source: ArchiveSource, into folder: FilePath, progress: any ProgressSink,
        _ cancellation: BlockingWork.Cancellation
    ) throws -> Result {
        let reader = try ArchiveReader(source, limits: limits)
        let queue = OrderQueue(capacity: 4 << 20, batch: 256 << 10)
        let (merging, name) = (merging, reader.name)
        let write: @Sendable () -> Void = {
            do throws(ArchiveError) {
                var writer = try TreeWriter(into: folder, merging: merging, archive: name)
                while true {
                    let orders = queue.takeAll()
                    if orders.isEmpty { break }
                    for order in orders { try writer.write(order) }
                }
                try writer.finish()
            } catch { queue.fail(error) }
        }
        guard let writer = Worker.start(write) else {
            throw ArchiveError(
                name, .system(BytesError(path: folder, operation: .create, errno: .resourceTemporarilyUnavailable)))
        }
        let outcome = Swift.Result { try read(reader, queue, progress, cancellation) }
        queue.close()
        writer.join()
        // The writer's failure is the cause of the reader's where both failed.
        if let failure = queue.failure { throw failure }
        return try outcome.get()
    }

    private func read(
        _ reader: ArchiveReader, _ queue: OrderQueue, _ progress: any ProgressSink,
        _ cancellation: BlockingWork.Cancellation
    ) throws(ArchiveError) -> Result {
        var result = Result()
        var table = LinkTable()
        var seen = 0
        while let entry = try reader.next() {
            if cancellation.isCancelled { throw ArchiveError(reader.name, .cancelled) }
            let path = entry.location
            let modified = FileTime(seconds: entry.modified.seconds, nanoseconds: entry.modified.nanoseconds)
            table.remove(path)
            switch entry.kind {
            case .directory:
                try queue.append(.directory(path, permissions: entry.permissions, modified: modified))
            case .file:
                result.files += 1
                result.bytes += try send(entry, modified, from: reader, to: queue, cancellation)
            case .symlink:
                result.links += 1
                table.add(path, target: entry.linkTarget)
                try queue.append(.symlink(path, target: entry.linkTarget, modified: modified))
            case .hardLink:
                guard let target = EntryPath(archived: entry.linkTarget) else {
                    throw ArchiveError(
                        reader.name, entry: path.text, .unsafe("it is a hard link that leads outside the tree"))
                }
                // A second name of a link is a link of its own: its target counts from its own folder.
                if let linkTarget = table.target(of: target) { table.add(path, target: linkTarget) }
                result.files += 1
                try queue.append(.hardLink(path, target: target))
            case .device, .other:
                throw ArchiveError(
                    reader.name, entry: path.text,
                    .unsafe("it is a device, FIFO or socket, which does not belong in a source tree"))
            }
            seen += 1
            if seen % 256 == 0 { progress.report(.advanced(done: seen, total: nil, item: path.text)) }
        }
        switch table.fault(rooted: links == .rootFileSystem) {
        case .leavesTree(let link):
            throw ArchiveError(
                reader.name, entry: link.text, .unsafe("it is a symbolic link that leads outside the tree"))
        case .tooManySteps:
            throw ArchiveError(reader.name, .unsafe("its symbolic links take too many steps to follow"))
        case nil: break
        }
        return result
    }

    /// Passes a file's content on: small files whole, larger ones in pieces of about 256 KiB.
    private func send(
        _ entry: ArchiveEntry, _ modified: FileTime, from reader: ArchiveReader, to queue: OrderQueue,
        _ cancellation: BlockingWork.Cancellation
    ) throws(ArchiveError) -> Int {
        let pieceSize = 256 << 10
        var content: [UInt8] = []
        content.reserveCapacity(min(entry.size, pieceSize))
        var begun = false
        var total = 0
        while let piece = try reader.piece() {
            total += piece.count
            content.append(contentsOf: piece)
            if content.count >= pieceSize, total < entry.size {
                if cancellation.isCancelled { throw ArchiveError(reader.name, .cancelled) }
                if begun {
                    try queue.append(.more(content, complete: false))
                } else {
                    try queue.append(
                        .file(
                            entry.location, permissions: entry.permissions, modified: modified, content: content,
                            complete: false))
                }
                begun = true
                content = []
                content.reserveCapacity(pieceSize)
            }
        }
        guard total == entry.size else {
            throw ArchiveError(
                reader.name, entry: entry.location.text, .malformed("it has \(total) bytes instead of \(entry.size)"))
        }
        if begun {
            try queue.append(.more(content, complete: true))
        } else {
            try queue.append(
                .file(
                    entry.location, permissions: entry.permissions, modified: modified, content: content, complete: true
                ))
        }
        return total
    }
}
