import ArgumentParser
import KernelTree
import Porting
import Report
import Series
import SystemPackage

/// `dom0kit series upstream PATH --in TREE`
struct SeriesUpstreamCommand: ResultCommand {
    typealias Result = SeriesUpstreamReport

    static let configuration = CommandConfiguration(
        commandName: "upstream", abstract: "Find the patches of a series that a tree already contains.",
        discussion: """
            A patch is upstream if it can be taken back in the tree and does not apply there; of a git revision also if \
            it names a commit that the revision contains, or if a commit has the same patch-id (as git patch-id --stable \
            computes it), unless the change itself is not there, as after a revert. \
            Exit codes: 0 whether or not some are upstream; 11 some are (--strict).
            """)

    @Argument(help: "The series, in any form.", transform: path)
    var series: FilePath

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp(
            "The tree: git:REPOSITORY@REVISION, or anything else that 'dom0kit verify' takes.", valueName: "tree"))
    var upstream: String

    @Option(
        help: ArgumentHelp(
            "Compare patch-ids with the commits after this revision.", valueName: "revision"))
    var since: String?

    @Flag(help: "Exit with 11 if patches are upstream.")
    var strict = false

    @OptionGroup var reading: SeriesReadingOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let location = try TreeSource.locate(upstream, resolve: Environment.absolute)
        if case .git = location {
        } else if since != nil {
            throw ValidationError("--since names a revision: it goes with --in git:REPOSITORY@REVISION")
        }
        let progress = global.progress()
        defer { progress.finish() }
        let read = try reading.reader(workers: global.jobCount).read(Environment.input(series))
        let search = UpstreamSearch(in: location, since: since, environment: Environment.toolVariables)
        let findings = try await search.find(try read.load(workers: global.jobCount), progress: progress)
        progress.finish()
        let report = SeriesUpstreamReport(name: read.name, upstream: upstream, since: since, findings: findings)
        try global.show(report)
        try global.finish(strict && report.verdict != .pass ? .outsidePolicy : .success)
    }
}
