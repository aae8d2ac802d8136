import ArgumentParser
import Bytes
import Report
import Series
import SystemPackage

/// `dom0kit series twins PATH`
struct SeriesTwinsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "twins",
        abstract: "Find native files that a fork-style Xen series changes without their *-xen.c twins.",
        discussion: "Exit codes: 0 all twins follow, or some do not; 11 some do not (--strict).")

    @Argument(help: "The series, in any form.", transform: path)
    var series: FilePath

    @Option(
        help: ArgumentHelp(
            "The tree with the series applied: twins that no patch touches are found in it.", valueName: "dir"),
        transform: path)
    var tree: FilePath?

    @Flag(help: "Make a twin that does not follow end with code 11.")
    var strict = false

    @OptionGroup var reading: SeriesReadingOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let read = try reading.reader.read(Environment.absolute(series))
        let folder = tree.map(Environment.absolute)
        let coverage = try TwinCoverage(of: try read.load(workers: global.jobCount)) { name in
            guard let path = folder?.pushing(FilePath(name)), Files.isRegular(path) else { return nil }
            return try Files.read(path)
        }
        let report = SeriesTwinsReport(name: read.name, coverage: coverage)
        try global.show(report)
        try global.finish(strict && report.verdict != .pass ? .outsidePolicy : .success)
    }
}
