import ArgumentParser
import Report
import Series
import SystemPackage

/// `dom0kit series lint PATH`
struct SeriesLintCommand: ResultCommand {
    typealias Result = SeriesLintReport

    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Find faults in a series without a tree.",
        discussion:
            "Exit codes: 0 no findings, or warnings; 10 the series cannot apply; 11 warnings (--strict); 12 it could not be read in full."
    )

    @Argument(help: "The series: a folder, a series or series.conf file, a mailbox, or a patch.", transform: path)
    var series: FilePath

    @Option(
        help: ArgumentHelp(
            "A header that every patch must have; of several names separated by '|' one is enough. May be repeated.",
            valueName: "name"))
    var require: [String] = []

    @Option(help: ArgumentHelp("The symbols that guards may use, separated by commas.", valueName: "a,b"))
    var knownGuards: String?

    @Flag(help: "Exit with 11 if there are warnings.")
    var strict = false

    @OptionGroup var reading: SeriesReadingOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        var lint = SeriesLint()
        lint.requiredHeaders = require.map { $0.split(separator: "|").map(String.init) }
        lint.knownGuards = knownGuards.map { Set($0.split(separator: ",").map(String.init)).union(reading.symbols) }
        let read = try reading.reader(workers: global.jobCount).read(Environment.absolute(series))
        let report = SeriesLintReport(read, findings: try lint.check(read))
        try global.show(report)
        try global.finish(report.status(strict: strict))
    }
}
