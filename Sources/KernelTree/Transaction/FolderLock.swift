import Bytes
import Glibc
import SystemPackage

/// The right to write to a tree: one process at a time has it.
final class FolderLock: Sendable {
    /// The tree's top.
    let folder: Beneath

    /// Opens the top of a tree and takes the right to write to it.
    /// - Throws: ``FolderTreeError/cannotOpen(folder:errno:)`` or ``FolderTreeError/busy(folder:)``.
    init(_ path: FilePath) throws(FolderTreeError) {
        do throws(Errno) {
            folder = try Beneath(opening: path)
        } catch { throw .cannotOpen(folder: path, errno: error) }
        guard flock(folder.number, LOCK_EX | LOCK_NB) == 0 else { throw .busy(folder: path) }
    }

    // A child that is being started may still share the descriptor: closing alone would not unlock.
    deinit { unlock() }

    /// Gives the right to write back. May be called more than once.
    func unlock() { flock(folder.number, LOCK_UN) }
}
