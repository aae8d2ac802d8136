import Bytes
import Glibc
public import SystemPackage

/// Facts of a source tree that a reproducible build takes from it.
public enum KernelSource {
    /// When the source was released: the time of its top `Makefile`, which a release changes, in seconds since 1970.
    ///
    /// Archives carry that time, so that it is the same wherever they are unpacked.
    /// - Throws: `BytesError` where there is no such file.
    public static func time(of tree: FilePath) throws -> Int {
        let makefile = tree.appending("Makefile")
        var status = stat()
        guard stat(makefile.string, &status) == 0 else {
            throw BytesError(path: makefile, operation: .read, errno: Errno(rawValue: errno))
        }
        return status.st_mtim.tv_sec
    }
}
