import Bytes
public import Diagnostics
import Glibc
public import KernelTree
public import Patching
public import Series
public import SystemPackage

/// A series to move from the tree it was made for to another one.
public struct RebaseRequest: Sendable {
    /// The tree that the series applies to.
    public var from: SourceLocation
    /// The tree that it is to apply to.
    public var to: SourceLocation
    /// The series.
    public var series: PatchSeries
    /// The folder for the new series; `nil` for a look at what would happen.
    public var into: FilePath?
    /// How the series is applied to the old tree.
    public var policy: PlacementPolicy
    /// How many threads work.
    public var workers = 1
    /// The environment of git.
    public var environment: [String: String] = [:]

    /// Asks for a series to be moved.
    public init(
        from: SourceLocation, to: SourceLocation, series: PatchSeries, into: FilePath?, policy: PlacementPolicy
    ) {
        self.from = from
        self.to = to
        self.series = series
        self.into = into
        self.policy = policy
    }

    /// What became of the series.
    public struct Outcome: Sendable {
        /// The patches, in order; those before the one that does not apply to the old tree, where one does not.
        public let patches: [PortedPatch]
        /// What became of the patch that does not apply to the old tree: then nothing is written.
        public let unfit: SeriesReport?
        /// What of the series was to be moved, and what is left out.
        public let selection: SeriesSelection
        /// The list of the new series; `nil` where nothing was written.
        public let list: FilePath?
        /// The folder of what could not be moved; `nil` where there is none.
        public let conflicts: FilePath?
    }

    /// Moves the series, and writes the new one.
    /// - Throws: `SeriesError`, `KernelTreeError`, `PatchError`, `BytesError`.
    public func perform(progress: any ProgressSink) async throws -> Outcome {
        if let into, Files.exists(into) { throw SeriesError.taken(path: into) }
        let loaded = try series.load(workers: workers)
        let inputs = loaded.inputs
        let paths = try Set(inputs.flatMap { try Self.paths(of: $0, policy) })
        let old = try await TreeSource.open(from, environment: environment)
        let new = try await TreeSource.open(to, environment: environment)
        for tree in [old, new] { try await tree.fetch(Array(paths)) }
        let renames = try await UpstreamRenames.find(paths.sorted(), old: old, new: new)
        var porter = PatchPorter(old: old, new: new, renames: renames, policy: policy)
        var ported: [PortedPatch] = []
        for (index, input) in inputs.enumerated() {
            try Task.checkCancellation()
            progress.report(.advanced(done: index, total: inputs.count, item: input.name))
            switch try porter.port(input) {
            case .ported(let patch): ported.append(patch)
            case .unfit(let report):
                return Outcome(
                    patches: ported, unfit: report, selection: series.selection, list: nil, conflicts: nil)
            }
        }
        let (list, conflicts) = try write(ported, loaded)
        return Outcome(patches: ported, unfit: nil, selection: series.selection, list: list, conflicts: conflicts)
    }

    /// The files that a patch names.
    private static func paths(of input: PatchInput, _ policy: PlacementPolicy) throws -> [RelativePath] {
        try ParsedPatch.parse(input.blob, name: input.name, strip: input.strip, reading: policy.reading).files.flatMap {
            [$0.oldPath, $0.newPath, $0.indexPath].compactMap { $0 }
        }
    }

    // MARK: the new series

    /// Writes the list, the patches, and what could not be moved: all of it, or nothing.
    private func write(
        _ ported: [PortedPatch], _ loaded: LoadedSeries
    ) throws -> (list: FilePath?, conflicts: FilePath?) {
        guard let into else { return (nil, nil) }
        var moved = series
        var index = 0
        for (place, line) in series.lines.enumerated() {
            guard case .entry(var entry) = line, entry.isIncluded else { continue }
            let patch = ported[index]
            index += 1
            switch patch.verdict {
            // Its bytes are those of its file, compressed or not.
            case .fits: continue
            case .moved, .merged:
                guard let blob = patch.blob else { continue }
                if case .file = entry.content, blob === loaded.patches[index - 1].blob { continue }
                entry.content = .bytes(blob.bytes)
                entry.name = Self.plainName(entry.name)
                moved.lines[place] = .entry(entry)
            case .upstream: moved.lines[place] = .text("# upstream: \(entry.name)")
            case .conflict: moved.lines[place] = .text("# conflict: \(entry.name)")
            }
        }
        let staging = into.removingLastComponent().appending(
            ".\(into.lastComponent?.string ?? "series").rebase-\(UInt32.random(in: 0 ... .max))")
        do {
            let dialect: SeriesDialect =
                switch series.dialect {
                case .quilt, .debian, .suse: series.dialect
                default: .quilt
                }
            try SeriesWriter.write(moved, as: dialect, to: staging)
            var conflicts: FilePath?
            for (patch, input) in zip(ported, loaded.inputs) where patch.verdict == .conflict {
                let folder = staging.appending("conflicts").pushing(FilePath(patch.name).lexicallyNormalized())
                conflicts = into.appending("conflicts")
                try Files.createDirectories(folder)
                try Files.write(input.blob.bytes, to: folder.appending("patch"))
                for file in patch.files {
                    guard let marked = file.marked else { continue }
                    let target = folder.appending("files").pushing(FilePath(file.path.string).lexicallyNormalized())
                    try Files.createDirectories(target.removingLastComponent())
                    try Files.write(marked, to: target)
                }
            }
            guard rename(staging.string, into.string) == 0 else {
                throw BytesError(path: into, operation: .create, errno: Errno(rawValue: errno))
            }
            return (into.appending(SeriesWriter.fileName(dialect)), conflicts)
        } catch {
            try? Files.remove(staging)
            throw error
        }
    }

    /// The name without what says how the file was compressed: what is written anew is not.
    private static func plainName(_ name: String) -> String {
        for suffix in [".gz", ".bz2", ".xz", ".zst"] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return name
    }
}
