import Bytes
import Glibc
public import Patching
import SystemPackage

extension LoadedSeries.Patch {
    /// The file to write the patch to: it must be there as it was read, not compressed and not part of a mailbox.
    /// - Throws: ``SeriesError/notRewritable(at:name:)`` or `BytesError`.
    public func file() throws -> FilePath {
        guard case .file(let path) = entry.content, try Files.read(path) == blob.bytes else {
            throw SeriesError.notRewritable(at: entry.position, name: entry.name)
        }
        return path
    }

    /// Rewrites the patch, whole or not at all, with the permissions it had. A symbolic link stays one.
    /// - Throws: `BytesError`.
    public static func write(_ blob: Blob, to path: FilePath) throws {
        var target = path
        if let real = realpath(path.string, nil) {
            target = FilePath(platformString: real)
            free(real)
        }
        var status = stat()
        let mode = stat(target.string, &status) == 0 ? status.st_mode & 0o777 : 0o644
        try Files.write(blob.bytes, to: target, permissions: FilePermissions(rawValue: CModeT(mode)))
    }
}
