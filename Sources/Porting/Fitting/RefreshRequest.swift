import KernelTree
public import Patching
public import Series
public import SystemPackage

/// A series to rewrite so that it applies without offset and fuzz.
public struct RefreshRequest: Sendable {
    /// The folder of the tree.
    public var tree: FilePath
    /// The series.
    public var series: SeriesStack
    /// How exact placement has to be for the series as it is.
    public var policy: PlacementPolicy
    /// Whether only what would change is worked out.
    public var changesNothing = false
    /// How many threads work.
    public var workers = 1

    /// What became of the series.
    public struct Outcome: Sendable {
        /// The rewritten patches and the proof.
        public let refresh: SeriesRefresh
        /// The names of the patches of the series, in order.
        public let names: [String]
        /// Whether the patch files were changed.
        public let written: Bool
    }

    /// Asks for a series to be rewritten.
    public init(tree: FilePath, series: SeriesStack, policy: PlacementPolicy) {
        self.tree = tree
        self.series = series
        self.policy = policy
    }

    /// Rewrites the series in memory, proves the result, and only then writes the patch files that change.
    /// - Throws: ``PortingError/listedTwice(name:)``; `SeriesError`, where a patch that would change is not a plain file;
    ///   `PatchError`, `FolderTreeError` or `BytesError`.
    public func perform() throws -> Outcome {
        let loaded = try series.load(workers: workers)
        let patches = loaded.map(\.input)
        let refresh = try SeriesRefresh.run(
            patches: patches, on: try FolderTree(tree), policy: policy, workers: workers)
        // A patch file that is listed twice has one text. Other series of the stack may have files of the same name.
        let rewritten = Dictionary(refresh.patches.map { ($0.index, $0.blob) }, uniquingKeysWith: { $1 })
        var texts: [FilePath: [UInt8]] = [:]
        for (index, patch) in loaded.enumerated() {
            guard case .file(let path) = patch.entry.content else { continue }
            let text = (rewritten[index] ?? patch.blob).bytes
            if let other = texts.updateValue(text, forKey: path.lexicallyNormalized()), other != text {
                throw PortingError.listedTwice(name: patch.entry.name)
            }
        }
        let writes = refresh.isProven && !changesNothing
        if writes {
            // All files are checked before the first is written.
            let files = try refresh.patches.map { try loaded[$0.index].file() }
            for (patch, file) in zip(refresh.patches, files) { try LoadedSeries.Patch.write(patch.blob, to: file) }
        }
        return Outcome(refresh: refresh, names: patches.map(\.name), written: writes)
    }
}
