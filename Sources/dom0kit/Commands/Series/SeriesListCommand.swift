import ArgumentParser
import Report
import Series
import SystemPackage

/// `dom0kit series list PATH`
struct SeriesListCommand: ResultCommand {
    typealias Result = SeriesListReport

    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the patches of a series as they would be applied.",
        discussion: """
            What a spec does that may change the tree and is not read is shown as a gap. Exit codes: 0 listed; 12 listed, \
            with gaps.
            """)

    @Argument(help: "The series: a folder, a series or series.conf file, a mailbox, or a patch.", transform: path)
    var series: FilePath

    @OptionGroup var reading: SeriesReadingOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let read = try reading.reader(workers: global.jobCount).read(Environment.input(series))
        let report = SeriesListReport(read, digests: try read.digests(workers: global.jobCount))
        try global.show(report)
        try global.finish(report.status)
    }
}
