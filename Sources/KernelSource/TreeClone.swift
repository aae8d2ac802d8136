import Archive
import Bytes
import Concurrency
public import Diagnostics
import KernelTree
public import SystemPackage

/// A second tree that shares its files with the first by hard links: made in a second or two, at almost no disk space.
///
/// Whoever changes the clone must replace files, never write into them; the kit's patch engine does so. Where hard links
/// are not possible (another file system) files are copied.
public enum TreeClone {
    /// Clones a tree, whole or not at all.
    /// - Parameters:
    ///   - source: The tree to clone; nobody may change it meanwhile.
    ///   - target: The folder to make; it must not be there. Its parent must.
    /// - Returns: How many regular files the clone has.
    /// - Throws: ``KernelTreeError``.
    @discardableResult
    public static func make(
        _ source: FilePath, at target: FilePath, progress: any ProgressSink = NoProgress()
    ) async throws -> Int {
        guard !Files.exists(target) else { throw KernelTreeError.taken(folder: target) }
        do {
            return try await TreeCopy(.link).copy(source, to: target, progress: progress)
        } catch {
            try? await BlockingWork.run { _ in try Files.remove(target) }
            throw error
        }
    }
}
