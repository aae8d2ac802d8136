import Bytes
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Moving a folder within a file system.
enum Rename {
    /// Renames; the target must not be there, or be an empty folder.
    static func move(_ source: FilePath, to target: FilePath) throws(KernelTreeError) {
        guard rename(source.string, target.string) == 0 else {
            throw .system(BytesError(path: target, operation: "create", errno: Errno(rawValue: errno)))
        }
    }
}
