import ArgumentParser
import Diagnostics
import KernelTree
import Patching
import Porting
import Report
import SystemPackage

/// `dom0kit apply`
struct ApplyCommand: ResultCommand {
    typealias Result = ApplyReport

    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Apply a series of patches to a tree: all of it, or nothing.",
        discussion: """
            Hunks are placed as GNU patch places them with the same options. The series is applied in memory first; \
            the tree is changed only if all of it fits, and a run that is interrupted then is completed or undone \
            by the next one. Exit codes: 0 applied; 10 does not apply; 11 applies, but not strictly clean (--strict); \
            12 undecided: the series could not be read in full, or selects no patch.
            """)

    @Option(
        help: ArgumentHelp(
            "The tree: a folder; with --dry-run also anything that 'dom0kit verify' takes.", valueName: "tree"))
    var tree: String

    @OptionGroup var series: SeriesOptions
    @OptionGroup var placement: PlacementOptions

    @Flag(help: "Change nothing; only report what would happen.")
    var dryRun = false

    @Flag(help: "Record the state before each patch in .pc, as quilt does, so that quilt can pop the patches.")
    var quiltState = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        try series.require()
        if placement.like == .all {
            throw ValidationError("--like all is for 'verify'; a series is applied for one consumer")
        }
    }

    func run() async throws {
        var request = ApplyRequest(
            tree: try TreeSource.locate(tree, resolve: Environment.absolute),
            series: try series.stack(workers: global.jobCount),
            policy: placement.policy)
        request.isStrict = placement.strict
        request.changesNothing = dryRun
        request.keepsQuiltState = quiltState
        request.workers = global.jobCount
        request.mask = Environment.mask
        request.environment = Environment.toolVariables
        // Opened before the tree is changed: a result that cannot be delivered must not be the only sign of a change.
        let target = try OutputTarget(global.output)
        var rendered: [UInt8] = []
        var status = ExitStatus.success
        let outcome = try await request.perform(mapping: MappedFileGuard.start) { outcome in
            let report = ApplyReport(
                outcome, tree: tree, policy: placement.policy, strict: placement.strict,
                explainsAll: placement.all || global.verbose,
                allowsEmpty: series.allowEmpty, workers: global.jobCount)
            rendered = try global.render(report)
            status = report.status
        }
        MappedFileGuard.keep(outcome)
        try target.deliver(rendered, done: outcome.written ? "\(tree) is patched" : nil)
        try global.finish(status)
    }
}
