import ArgumentParser
import KernelTree
import Porting
import Report
import Series
import SystemPackage

/// `dom0kit series upstream PATH --in git:REPO@REV`
struct SeriesUpstreamCommand: ResultCommand {
    typealias Result = SeriesUpstreamReport

    static let configuration = CommandConfiguration(
        commandName: "upstream", abstract: "Find the patches of a series that a git revision already contains.",
        discussion: """
            A patch is upstream if it names a commit that the revision contains, if a commit has the same patch-id \
            (as git patch-id --stable computes it), or if it can be reverted exactly in the revision's tree. \
            Exit codes: 0 whether or not some are upstream; 11 some are (--strict).
            """)

    @Argument(help: "The series, in any form.", transform: path)
    var series: FilePath

    @Option(name: .customLong("in"), help: ArgumentHelp("The revision: git:REPOSITORY@REVISION.", valueName: "source"))
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
        guard
            case .git(let repository, let revision) = try SourceLocation.parse(upstream, resolve: Environment.absolute)
        else { throw ValidationError("--in takes git:REPOSITORY@REVISION") }
        let progress = global.progress()
        defer { progress.finish() }
        let read = try reading.reader(workers: global.jobCount).read(Environment.input(series))
        let search = UpstreamSearch(
            repository: repository, revision: revision, since: since, environment: Environment.toolVariables)
        let findings = try await search.find(try read.load(workers: global.jobCount), progress: progress)
        progress.finish()
        let report = SeriesUpstreamReport(name: read.name, upstream: upstream, since: since, findings: findings)
        try global.show(report)
        try global.finish(strict && report.verdict != .pass ? .outsidePolicy : .success)
    }
}
