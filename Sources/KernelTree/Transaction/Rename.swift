import Bytes
import Glibc
import SystemPackage

/// Moving a folder within a file system.
package enum Rename {
    /// Renames; the target must not be there, or be an empty folder.
    package static func move(_ source: FilePath, to target: FilePath) throws(KernelTreeError) {
        guard rename(source.string, target.string) == 0 else {
            throw .system(BytesError(path: target, operation: .create, errno: Errno(rawValue: errno)))
        }
    }
}
