import ArgumentParser
import Series
import SystemPackage

/// `dom0kit series …`
struct SeriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "series", abstract: "Series of patches, in every form that distributions use.",
        subcommands: [
            SeriesListCommand.self, SeriesLintCommand.self, SeriesConvertCommand.self,
            SeriesUpstreamCommand.self, SeriesTwinsCommand.self,
        ])
}

/// How one series is read.
struct SeriesReadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How the series is written: \(SeriesDialect.allCases.map(\.rawValue).joined(separator: ", ")) (default: detected).",
            valueName: "name"),
        completion: .choices(SeriesDialect.allCases), transform: choice)
    var dialect: SeriesDialect?

    @Option(help: ArgumentHelp("The symbols that guards find defined, separated by commas.", valueName: "a,b"))
    var guards: String?

    @OptionGroup var spec: SpecOptions

    /// The symbols for guards.
    var symbols: Set<String> { Set((guards ?? "").split(separator: ",").map(String.init)) }

    /// A reader with these options.
    func reader(workers: Int) -> SeriesReader {
        var reader = SeriesReader(dialect: dialect, guards: symbols)
        reader.macros = spec.macros
        reader.workers = workers
        return reader
    }
}
