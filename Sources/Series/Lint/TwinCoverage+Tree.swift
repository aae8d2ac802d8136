import Bytes
public import SystemPackage

extension TwinCoverage {
    /// Looks at a series, with the tree that it has been applied to.
    /// - Parameters:
    ///   - series: The patches, in order.
    ///   - tree: The folder of the tree; `nil` where there is none, and twins are only known by the patches.
    /// - Throws: `PatchError`, or `BytesError` where a file cannot be read.
    public init(of series: LoadedSeries, tree: FilePath?) throws {
        try self.init(of: series) { name in
            guard let path = tree?.pushing(FilePath(name)), Files.isRegular(path) else { return nil }
            return try Files.read(path)
        }
    }
}
