import Bytes
import Glibc
import KernelTree
import SystemPackage

/// The paths of a tree that a pattern of a shell stands for, none of them reached through a link.
struct TreePattern {
    /// The paths, in order.
    let paths: [FilePath]

    /// Looks for a pattern's paths. A name that begins with a dot is found only by a pattern that does.
    /// - Throws: ``KernelTreeError`` for a pattern that leads outside; `BytesError`.
    init(_ pattern: String, in tree: FilePath) throws {
        var found = [tree]
        let parts = pattern.split(separator: "/").map(String.init)
        guard !pattern.hasPrefix("/"), !parts.isEmpty, !parts.contains("..") else {
            throw KernelTreeError.patchFails(message: "the pattern '\(pattern)' leads outside the tree")
        }
        for part in parts where part != "." {
            found = try found.flatMap { folder -> [FilePath] in
                var status = stat()
                guard lstat(folder.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return [] }
                return try Files.list(folder).filter { fnmatch(part, $0, FNM_PERIOD) == 0 }.map(folder.appending)
            }
        }
        paths = found
    }
}

extension FolderCount {
    static let kind = S_IFMT
    static let regular = S_IFREG
}
