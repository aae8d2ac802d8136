import Bytes
import Diagnostics
import KernelTree
import Patching
import Series
import SystemPackage

/// A Debian kernel tree of the Lenny era, patched as its `debian/bin/patch.apply` does.
struct LennyTree {
    let tree: FilePath
    let symbols: Set<String>

    /// Applies all revisions, then what the architecture and featureset ask for, and writes `version.Debian`.
    func apply(_ progress: any ProgressSink) async throws {
        let series = try SeriesReader(dialect: .lenny, guards: symbols).read(tree)
        // `patch -p1 -f -s -t --no-backup-if-mismatch --fuzz=1`
        let policy = PlacementPolicy(
            name: "lenny", command: "patch -p1 -f -s -t --no-backup-if-mismatch --fuzz=1", fuzz: 1,
            acceptsBinary: false,
            appliesRepeated: true)
        progress.report(.began(what: "apply \(series.included.count) patches of debian/patches/series"))
        var patches: [PatchInput] = []
        for entry in series.included {
            let patch = try PatchSeries.load(entry)
            guard entry.action == .files else {
                patches.append(patch.input)
                continue
            }
            try await SourcePackage.apply(patches, to: tree, policy: policy)
            patches = []
            try remove(String(decoding: patch.blob.bytes, as: UTF8.self), entry)
        }
        try await SourcePackage.apply(patches, to: tree, policy: policy)
        if let version = try series.debianVersion() {
            let matched = Set(series.included.flatMap(\.guards)).filter { guarded in
                symbols.contains(guarded) || symbols.contains(String(guarded.drop { $0 != "=" }.dropFirst()))
            }
            let words = [version.upstream, version.revision] + matched.sorted()
            try Files.write(words.joined(separator: " ") + "\n", to: tree.appending("version.Debian"))
        }
    }

    /// A list of files to remove: lines `rm PATTERN` and `unifdef FILE OPTION…`.
    private func remove(_ list: String, _ entry: SeriesEntry) throws {
        for (index, line) in list.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let operation = words.first, !operation.hasPrefix("#") else { continue }
            guard ["rm", "remove"].contains(operation), words.count == 2 else {
                throw KernelTreeError.patchFails(
                    message: "\(entry.name):\(index + 1): '\(operation)' is not carried out, only 'rm' is")
            }
            for path in try TreePattern(words[1], in: tree).paths { try Files.remove(path) }
        }
    }
}
