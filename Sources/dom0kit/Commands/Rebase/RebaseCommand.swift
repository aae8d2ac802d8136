import ArgumentParser
import KernelTree
import Patching
import Porting
import Report
import SystemPackage

/// `dom0kit rebase`
struct RebaseCommand: ResultCommand {
    typealias Result = RebaseReport

    static let configuration = CommandConfiguration(
        commandName: "rebase",
        abstract: "Move a series from the tree it was made for to another one, as far as that can be proven.",
        discussion: """
            What a patch does to the old tree and what upstream did to the same files are put together. A patch that \
            fits keeps its bytes; one whose hunks moved or were merged is written anew, applies exactly, and gives what the \
            merge gave; one that the new tree has already is left out, with a comment. Merges of neighbouring lines and of \
            words of a line are likely, not certain: they are named, and end with a warning unless --accept derived. A \
            patch that cannot be moved is a comment in the new list, and lies in the folder 'conflicts' with its files in \
            diff3 form; the others go on. Exit codes: 0 moved; 10 conflicts, or the series does not apply to the old tree; \
            11 a merge is not certain (--strict); 12 undecided: the series could not be read in full, or selects no patch.
            """)

    /// What may be accepted.
    enum Acceptable: String, CaseIterable {
        case derived
    }

    @Option(
        help: ArgumentHelp(
            "The tree that the series applies to: anything that 'dom0kit verify' takes.", valueName: "tree"))
    var from: String

    @Option(help: ArgumentHelp("The tree that it is to apply to.", valueName: "tree"))
    var to: String

    @OptionGroup var series: SeriesOptions

    @Option(help: ArgumentHelp("The folder to create for the new series.", valueName: "dir"), transform: path)
    var into: FilePath?

    @Option(
        help: ArgumentHelp(
            "Take merges that are likely, but not certain: \(words(Acceptable.allCases)).", valueName: "what"),
        completion: .choices(Acceptable.allCases), transform: choice)
    var accept: Acceptable?

    @Flag(help: "Write nothing; only report what would become of each patch.")
    var dryRun = false

    @OptionGroup var placement: PlacementOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if (into == nil) != dryRun { throw ValidationError("name the new folder with --into, or use --dry-run") }
        if series.series.count > 1 { throw ValidationError("one series is moved at a time; use one --series") }
        if placement.like == .all {
            throw ValidationError("--like all is for 'verify'; a series is moved for one consumer")
        }
    }

    func run() async throws {
        let stack = try series.stack()
        if !series.allowEmpty { try stack.requireSelection() }
        guard let one = stack.series.first else { return }
        let progress = global.progress()
        defer { progress.finish() }
        var request = RebaseRequest(
            from: try TreeSource.locate(from, resolve: Environment.absolute),
            to: try TreeSource.locate(to, resolve: Environment.absolute), series: one,
            into: into.map(Environment.absolute), policy: placement.policy)
        request.workers = global.jobCount
        request.environment = Environment.toolVariables
        let outcome = try await request.perform(progress: progress)
        progress.finish()
        let report = RebaseReport(outcome, accepts: accept == .derived)
        try global.show(report, done: outcome.list == nil ? "nothing was written" : "the new series is written")
        try global.finish(report.status(strict: placement.strict))
    }
}
