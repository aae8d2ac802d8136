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
            With --first-break the history of a git repository is searched instead: for each patch the first commit after \
            which it no longer fits, and the last that it fits, each patch with what the earlier ones do to its files. \
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

    @Option(
        help: ArgumentHelp(
            "Look in this repository for the commits that break the patches: git:REPOSITORY.", valueName: "repository"))
    var firstBreak: String?

    @Option(help: ArgumentHelp("With --first-break: a revision that the series fits.", valueName: "revision"))
    var good: String?

    @Option(help: ArgumentHelp("With --first-break: a later one.", valueName: "revision"))
    var bad: String?

    @Flag(help: "With --first-break: also the newest revision, along first parents, that the whole series fits.")
    var newestFit = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        try series.require()
        if let firstBreak {
            guard firstBreak.hasPrefix("git:"), firstBreak.count > 4 else {
                throw ValidationError("--first-break takes git:REPOSITORY")
            }
            if good == nil || bad == nil { throw ValidationError("--first-break needs --good and --bad") }
            if !tree.isEmpty || each || cache != nil || placement.like == .all {
                throw ValidationError("--first-break has no use for --tree, --each, --cache and --like all")
            }
            if series.series.count > 1 { throw ValidationError("--first-break takes one --series") }
            return
        }
        if good != nil || bad != nil || newestFit {
            throw ValidationError("--good, --bad and --newest-fit say what --first-break looks at")
        }
        if tree.isEmpty { throw ValidationError("--tree is missing: name a folder, an archive or a git revision") }
    }

    func run() async throws {
        if let firstBreak { return try await findBreaks(in: String(firstBreak.dropFirst(4))) }
        MappedFileGuard.start()
        let trees = try tree.map {
            VerifyRequest.Tree(name: $0, location: try TreeSource.locate($0, resolve: Environment.absolute))
        }
        let stacks = each ? try series.stacks(workers: global.jobCount) : [try series.stack(workers: global.jobCount)]
        var request = VerifyRequest(trees: trees, series: stacks, policies: placement.policies)
        request.memory = cache.map { .init(folder: Environment.absolute($0), writer: Environment.build) }
        request.workers = global.jobCount
        request.environment = Environment.toolVariables
        let outcome = try await request.perform(progress: global.progress())
        MappedFileGuard.keep(outcome)
        let report = VerifyReport(
            outcome, policies: placement.policies, strict: placement.strict,
            explainsAll: placement.all || global.verbose,
            allowsEmpty: series.allowEmpty, workers: global.jobCount)
        try global.show(report)
        try global.finish(report.status)
    }

    private func findBreaks(in repository: String) async throws {
        let stack = try series.stack(workers: global.jobCount)
        if !series.allowEmpty { try stack.requireSelection() }
        guard let one = stack.series.first, let good, let bad else { return }
        let progress = global.progress()
        defer { progress.finish() }
        let search = FirstBreakSearch(
            repository: Environment.absolute(FilePath(repository)), good: good, bad: bad, policy: placement.policy,
            environment: Environment.toolVariables)
        let outcome = try await search.find(
            one, findsNewest: newestFit, workers: global.jobCount, progress: progress)
        progress.finish()
        let report = FirstBreakReport(outcome, good: good, bad: bad, findsNewest: newestFit)
        try global.show(report)
        try global.finish(report.status)
    }
}
