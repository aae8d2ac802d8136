import ArgumentParser
import Report
import Series
import SystemPackage

/// `dom0kit series twins PATH`
struct SeriesTwinsCommand: ResultCommand {
    typealias Result = SeriesTwinsReport

    static let configuration = CommandConfiguration(
        commandName: "twins",
        abstract: "Find native files that a fork-style Xen series changes without their twins ('NAME-xen.c').",
        discussion: "Exit codes: 0 all twins follow, or some do not; 11 some do not (--strict).")

    @Argument(help: "The series, in any form.", transform: path)
    var series: FilePath

    @Option(
        help: ArgumentHelp(
            "The tree with the series applied, to find twins that no patch touches.", valueName: "dir"),
        transform: path)
    var tree: FilePath?

    @Flag(help: "Exit with 11 if a twin does not follow.")
    var strict = false

    @OptionGroup var reading: SeriesReadingOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let read = try reading.reader(workers: global.jobCount).read(Environment.input(series))
        let coverage = try TwinCoverage(
            of: try read.load(workers: global.jobCount), tree: tree.map(Environment.absolute))
        let report = SeriesTwinsReport(name: read.name, coverage: coverage)
        try global.show(report)
        try global.finish(strict && report.verdict != .pass ? .outsidePolicy : .success)
    }
}
