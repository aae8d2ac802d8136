import ArgumentParser
import Series
import SystemPackage

/// Which series.
struct SeriesOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The series: a folder with a series or series.conf file, such a file, patches of git format-patch, or a \
            patch; '-' for a patch or mailbox on standard input. Where several are taken, they \
            are applied one on top of the other, in the order given.
            """,
            valueName: "path"),
        transform: path)
    var series: [FilePath] = []

    @Option(
        help: ArgumentHelp(
            "How the series is written: \(SeriesDialect.allCases.map(\.rawValue).joined(separator: ", ")) (default: detected).",
            valueName: "name"),
        completion: .choices(SeriesDialect.allCases), transform: choice)
    var dialect: SeriesDialect?

    @Option(
        help: ArgumentHelp(
            "Symbols for SUSE guards, a Debian featureset or architecture, separated by commas.", valueName: "names"))
    var guards: String?

    @Flag(help: "Take a series that selects no patch as it is; otherwise that ends with code 12.")
    var allowEmpty = false

    @OptionGroup var spec: SpecOptions

    /// Makes sure that one is named.
    func require() throws {
        if series.isEmpty { throw ValidationError("--series is missing: name a folder, a series file or a patch") }
    }

    private func reader(workers: Int) -> SeriesReader {
        var reader = SeriesReader(dialect: dialect, guards: Set((guards ?? "").split(separator: ",").map(String.init)))
        reader.macros = spec.macros
        reader.workers = workers
        return reader
    }

    /// All series, one on top of the other in the order given.
    func stack(workers: Int) throws -> SeriesStack {
        let reader = reader(workers: workers)
        return SeriesStack(
            name: series.map(\.string).joined(separator: " + "),
            series: try series.map { try reader.read(Environment.input($0)) })
    }

    /// Each series by itself.
    func stacks(workers: Int) throws -> [SeriesStack] {
        let reader = reader(workers: workers)
        return try series.map { SeriesStack(name: $0.string, series: [try reader.read(Environment.input($0))]) }
    }
}
