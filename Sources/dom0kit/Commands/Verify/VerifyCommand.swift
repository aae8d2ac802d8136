import ArgumentParser
import Diagnostics
import KernelTree
import Patching
import Porting
import Report
import SystemPackage

/// `dom0kit verify`
struct VerifyCommand: ResultCommand {
    typealias Result = VerifyReport

    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check whether series of patches fit trees, and explain why not; nothing is changed.",
        discussion: """
            With --like all the rules of every consumer are tried, and differences between them are reported. \
            Exit codes: 0 all fit; 10 some do not apply; 11 all apply, but not strictly clean (--strict); 12 \
            undecided: a series could not be read in full, or selects no patch.
            """)

    @Option(
        help: ArgumentHelp(
            """
            A tree: a folder, a tar archive, a linux-source package (.deb), a source package (.dsc, .src.rpm), or \
            git:REPOSITORY@REVISION. May be repeated.
            """, valueName: "tree"))
    var tree: [String] = []

    @OptionGroup var series: SeriesOptions
    @OptionGroup var placement: PlacementOptions

    @Flag(help: "Judge each --series by itself, instead of all of them applied one on top of the other.")
    var each = false

    @Option(
        help: ArgumentHelp(
            "A folder that keeps results, so that the next run only examines what has changed.",
            valueName: "dir"),
        transform: path)
    var cache: FilePath?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        try series.require()
        if tree.isEmpty { throw ValidationError("--tree is missing: name a folder, an archive or a git revision") }
    }

    func run() async throws {
        MappedFileGuard.start()
        let trees = try tree.map {
            VerifyRequest.Tree(name: $0, location: try TreeSource.locate($0, resolve: Environment.absolute))
        }
        let stacks = each ? try series.stacks() : [try series.stack()]
        var request = VerifyRequest(trees: trees, series: stacks, policies: placement.policies)
        request.memory = cache.map { .init(folder: Environment.absolute($0), writer: Environment.build) }
        request.workers = global.jobCount
        request.environment = Environment.toolVariables
        let outcome = try await request.perform(progress: global.progress())
        MappedFileGuard.keep(outcome)
        let report = VerifyReport(
            outcome, policies: placement.policies, strict: placement.strict,
            explainsAll: placement.all || global.verbose,
            allowsEmpty: series.allowEmpty)
        try global.show(report)
        try global.finish(report.status)
    }
}
