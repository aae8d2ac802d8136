import ArgumentParser
import Diagnostics
import KernelTree
import Patching
import Report
import SystemPackage

/// `dom0kit apply`
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Apply a series of patches to a tree: all of it, or nothing.",
        discussion: """
            Hunks are placed as GNU patch places them with the same options. The series is applied in memory first; \
            only if all of it fits is the tree changed, and a run that is interrupted then is completed or taken back \
            by the next one. Exit codes: 0 applied; 10 does not apply; 11 applies, but not strictly clean (--strict).
            """)

    @Option(help: ArgumentHelp("The tree: a folder.", valueName: "dir"), transform: path)
    var tree: FilePath

    @OptionGroup var series: SeriesOptions
    @OptionGroup var placement: PlacementOptions

    @Flag(help: "Change nothing, only tell what would happen.")
    var dryRun = false

    @Flag(help: "Keep the state before each patch in .pc, as quilt does, so that quilt can take the patches back.")
    var quiltState = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let folder = Environment.absolute(tree)
        if !dryRun { _ = try TreeTransaction.recover(in: folder) }
        let source = try FolderTree(folder)
        let patches = try series.load()
        let applied = try SeriesApplication.run(
            patches: patches, on: source, policy: placement.policy, workers: global.jobCount,
            options: ApplicationOptions(keepsPreimages: quiltState))
        let isFine = applied.report.failures.isEmpty && (!placement.strict || applied.report.isStrictlyClean)
        try Task.checkCancellation()
        if isFine && !dryRun {
            let state =
                quiltState
                ? try QuiltState.changes(of: applied, patches: patches, on: source, folder: series.folder().string) : []
            try TreeTransaction.commit(applied.changes + state, in: folder, workers: global.jobCount)
        }
        try global.show(
            ApplyReport(
                applied.report, tree: tree.string, policy: placement.policy, written: isFine && !dryRun,
                strict: placement.strict))
        try global.finish(placement.status(applied.report))
    }
}

extension PlacementOptions {
    /// The exit code for a series' outcome.
    func status(_ report: SeriesReport) -> ExitStatus {
        if !report.failures.isEmpty { return .seriesFails }
        return strict && !report.isStrictlyClean ? .outsidePolicy : .success
    }
}
