import Glibc
public import SystemPackage

/// Looking programs up.
public enum Tools {
    /// The first executable file of that name in a search path.
    /// - Parameters:
    ///   - name: A name without slashes.
    ///   - searchPath: Folders separated by colons, as in `PATH`.
    public static func find(_ name: String, in searchPath: String) -> FilePath? {
        for folder in searchPath.split(separator: ":") {
            let path = FilePath(String(folder)).appending(name)
            var status = stat()
            if stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path.string, X_OK) == 0 {
                return path
            }
        }
        return nil
    }
}
