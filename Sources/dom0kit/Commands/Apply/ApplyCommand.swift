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

    @Option(
        help: ArgumentHelp("The tree: a folder; with --dry-run also what 'dom0kit verify' takes.", valueName: "tree"))
    var tree: String

    @OptionGroup var series: SeriesOptions
    @OptionGroup var placement: PlacementOptions

    @Flag(help: "Change nothing, only tell what would happen.")
    var dryRun = false

    @Flag(help: "Keep the state before each patch in .pc, as quilt does, so that quilt can take the patches back.")
    var quiltState = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let location = try TreeSource.locate(tree, resolve: Environment.absolute)
        guard case .folder(let folder) = location else { return try await tryOut(location) }
        var patches = try series.series.flatMap { try series.sources($0, mapped: true) }
        let list = quiltState ? try series.quiltList() : nil
        let transaction = dryRun ? nil : try TreeTransaction(in: folder, workers: global.jobCount)
        Leftovers.expectCutFiles { transaction?.discard() }
        let before = list == nil ? 0 : try QuiltState.applied(of: patches.map(\.name), on: try FolderTree(folder))
        patches.removeFirst(before)
        let remaining = patches.map(\.name)
        let options = ApplicationOptions(buildsChanges: false, keepsPreimages: quiltState)
        var unrestorable: [RelativePath] = []
        /// The result for the user. Made before the tree is changed: it reads the patches, and a patch file that is cut
        /// off then must not leave a changed tree without a result.
        func report(_ applied: AppliedSeries, written: Bool) throws -> String {
            var report = ApplyReport(
                applied.report, tree: tree, policy: placement.policy, written: written, strict: placement.strict)
            report.appliedBefore = before
            report.unrestorable = unrestorable
            return try global.render(report)
        }
        var told: String?
        /// What is written with the changes of a series that applies.
        func accept(_ applied: AppliedSeries) throws -> [FileChange]? {
            try Task.checkCancellation()
            if placement.strict && !applied.report.isStrictlyClean { return nil }
            var changes: [FileChange] = []
            if let list {
                let state = try QuiltState(
                    applied, patches: remaining, on: try FolderTree(folder), folder: list.folder.string,
                    series: list.name)
                unrestorable = state.unrestorable
                changes = state.changes
            }
            told = try report(applied, written: !dryRun)
            return changes
        }
        let applied: AppliedSeries
        if let transaction {
            applied = try transaction.apply(patches, policy: placement.policy, options: options, finish: accept)
        } else {
            applied = try SeriesApplication.run(
                sources: patches, on: try FolderTree(folder), policy: placement.policy, workers: global.jobCount,
                options: options)
            if applied.report.failures.isEmpty { _ = try accept(applied) }
        }
        Leftovers.keep(applied)
        try global.show(rendered: try told ?? report(applied, written: false))
        try global.finish(placement.status(applied.report))
    }

    /// Tells what would happen on a tree that is no folder.
    private func tryOut(_ location: SourceLocation) async throws {
        guard dryRun else {
            throw ValidationError(
                "\(location) cannot be written to: unpack it with 'dom0kit source import', or ask with --dry-run")
        }
        if quiltState { throw ValidationError("--quilt-state needs a tree that is a folder") }
        let source = try await TreeSource.open(location, environment: Environment.toolVariables)
        let patches = try series.series.flatMap { try series.sources($0, mapped: false) }
        let verifier = try SeriesVerifier(
            sources: patches, policy: placement.policy, workers: global.jobCount)
        let outcome = try await verifier.verify(fetching: source)
        try global.show(
            ApplyReport(
                outcome, tree: tree, policy: placement.policy, written: false, strict: placement.strict))
        try global.finish(placement.status(outcome))
    }
}

extension PlacementOptions {
    /// The exit code for a series' outcome.
    func status(_ report: SeriesReport) -> ExitStatus {
        if !report.failures.isEmpty { return .seriesFails }
        return strict && !report.isStrictlyClean ? .outsidePolicy : .success
    }
}
