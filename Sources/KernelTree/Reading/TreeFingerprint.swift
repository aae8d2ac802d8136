import Archive
public import Bytes
import Concurrency
import Glibc
public import SystemPackage

/// A cheap mark of a tree's state: every path with its kind, permissions, length and times. Contents are not read.
public enum TreeFingerprint {
    /// What a mark is about.
    public enum Scope: Sendable {
        /// The tree's content, as far as times of modification tell: equal for a tree and its hard-linked or faithfully
        /// copied clone. Whoever sets times back can deceive it.
        case content
        /// These very files: their inodes and times of change too, which nobody can set. A clone has another mark, and so
        /// has a tree whose files have been linked.
        case files
    }

    /// The mark of a folder.
    ///
    /// Folders count by path and permissions alone; their times change with every build in a neighbour.
    /// - Throws: ``KernelTreeError``.
    public static func of(_ folder: FilePath, _ scope: Scope = .content) async throws -> Digest {
        try await BlockingWork.run { cancellation in
            let parts = try FolderWalk(root: folder).run(cancellation, initial: { [UInt8]() }) { record, entry in
                record.append(contentsOf: entry.path)
                let isFolder = entry.status.st_mode & S_IFMT == S_IFDIR
                // Fixed-width numbers after a NUL: no two trees have the same record.
                record.append(0)
                append(UInt64(entry.status.st_mode), to: &record)
                append(isFolder ? 0 : UInt64(bitPattern: Int64(entry.status.st_size)), to: &record)
                append(isFolder ? 0 : UInt64(bitPattern: Int64(entry.status.st_mtim.tv_sec)), to: &record)
                append(isFolder ? 0 : UInt64(bitPattern: Int64(entry.status.st_mtim.tv_nsec)), to: &record)
                guard scope == .files, !isFolder else { return }
                append(UInt64(entry.status.st_ino), to: &record)
                append(UInt64(bitPattern: Int64(entry.status.st_ctim.tv_sec)), to: &record)
                append(UInt64(bitPattern: Int64(entry.status.st_ctim.tv_nsec)), to: &record)
            }
            var hash = DigestStream(.sha256)
            for part in parts { hash.update(part) }
            guard let digest = Digest(hex: hash.finish()) else { return Digest(of: parts.flatMap { $0 }) }
            return digest
        }
    }

    private static func append(_ number: UInt64, to record: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { record.append(contentsOf: $0) }
    }
}
