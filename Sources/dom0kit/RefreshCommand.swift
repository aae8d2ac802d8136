import ArgumentParser
import Bytes
import Diagnostics
import KernelTree
import Patching
import Report
import Series
import SystemPackage

/// `dom0kit refresh`
struct RefreshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract:
            "Rewrite a series so that it applies without offset and fuzz; the resulting tree is proven identical.",
        discussion: """
            Only hunks that moved are written anew; headers, comments and all other patches keep their bytes. \
            Exit codes: 0 done or nothing to do; 10 the series does not apply; 11 a patch cannot be made clean.
            """)

    @Option(help: ArgumentHelp("The tree: a folder.", valueName: "dir"), transform: path)
    var tree: FilePath

    @OptionGroup var series: SeriesOptions
    @OptionGroup var placement: PlacementOptions

    @Flag(help: "Change nothing, only tell which patches would change.")
    var dryRun = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let loaded = try series.loadPatches()
        let patches = loaded.map(\.input)
        let refresh = try SeriesRefresh.run(
            patches: patches, on: try FolderTree(Environment.absolute(tree)), policy: placement.policy,
            workers: global.jobCount)
        if refresh.isProven && !dryRun {
            let files = try refresh.patches.map { try Self.file(of: loaded[$0.index]) }
            for (patch, file) in zip(refresh.patches, files) { try Files.write(patch.blob.bytes, to: file) }
        }
        try global.show(RefreshReport(refresh, names: patches.map(\.name), written: refresh.isProven && !dryRun))
        try global.finish(
            !refresh.before.failures.isEmpty ? .seriesFails : refresh.isProven ? .success : .outsidePolicy)
    }

    /// The file to write a patch to: it must be there as it was applied, not compressed and not part of an mbox.
    private static func file(of patch: LoadedSeries.Patch) throws -> FilePath {
        guard case .file(let path) = patch.entry.content, try Files.read(path) == patch.blob.bytes else {
            throw ValidationError(
                "'\(patch.entry.name)' is compressed or part of a mailbox and cannot be rewritten in place")
        }
        return path
    }
}
