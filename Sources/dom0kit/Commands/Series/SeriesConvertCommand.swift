import ArgumentParser
import Report
import Series
import SystemPackage

/// `dom0kit series convert PATH --to DIALECT --into DIR`
struct SeriesConvertCommand: ResultCommand {
    typealias Result = SeriesConvertReport

    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Convert a series to another dialect.",
        discussion:
            "Comments and the order are kept. What the dialect cannot express is an error; nothing is dropped silently."
    )

    @Argument(help: "The series: a folder, a series or series.conf file, a mailbox, or a patch.", transform: path)
    var series: FilePath

    @Option(
        help: ArgumentHelp(
            "The dialect to write: \(words(SeriesDialect.written)) (a spec of patches only).", valueName: "name"),
        completion: .choices(SeriesDialect.written), transform: { try choice(of: $0, among: SeriesDialect.written) })
    var to: SeriesDialect

    @Option(help: ArgumentHelp("The folder for the list and its patches.", valueName: "dir"), transform: path)
    var into: FilePath

    @OptionGroup var reading: SeriesReadingOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let read = try reading.reader(workers: global.jobCount).read(Environment.input(series))
        let loaded = try read.load(workers: global.jobCount)
        let file = try SeriesWriter.write(read, as: to, to: Environment.absolute(into))
        try global.show(SeriesConvertReport(read, to: to, file: file, loaded: loaded), done: "the series is written")
    }
}
