import ArgumentParser
import Patching
import Porting
import Report
import SystemPackage

/// `dom0kit refresh`
struct RefreshCommand: ResultCommand {
    typealias Result = RefreshReport

    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract:
            "Rewrite a series so that it applies without offset and fuzz; the resulting tree is proven identical.",
        discussion: """
            Only hunks that moved are rewritten; headers, comments and all other patches stay as they are. Patches that do \
            not fit are listed and left as they are; the others are made clean without them. \
            Exit codes: 0 done, or nothing to do; 10 a patch does not apply; 11 a patch cannot be made clean, or a \
            hunk was placed by fuzz or in doubt (--strict).
            """)

    @Option(help: ArgumentHelp("The tree: a folder.", valueName: "dir"), transform: path)
    var tree: FilePath

    @OptionGroup var series: SeriesOptions
    @OptionGroup var placement: PlacementOptions

    @Flag(help: "Change nothing; only report which patches would change.")
    var dryRun = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        try series.require()
        if placement.like == .all {
            throw ValidationError("--like all is for 'verify'; a series is refreshed for one consumer")
        }
    }

    func run() async throws {
        let stack = try series.stack(workers: global.jobCount)
        if !series.allowEmpty { try stack.requireSelection() }
        var request = RefreshRequest(tree: Environment.absolute(tree), series: stack, policy: placement.policy)
        request.changesNothing = dryRun
        request.workers = global.jobCount
        let outcome = try request.perform()
        let report = RefreshReport(outcome.refresh, names: outcome.names, written: outcome.written)
        try global.show(report, done: outcome.written ? "the patches are rewritten" : "nothing was changed")
        try global.finish(report.status(strict: placement.strict))
    }
}
