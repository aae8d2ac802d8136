import ArgumentParser
import Bytes
import Patching
import Series
import SystemPackage

/// Which series.
struct SeriesOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The series: a folder with a series or series.conf file, such a file, patches of git format-patch, or a patch.",
            valueName: "path"),
        transform: path)
    var series: [FilePath] = []

    @Option(
        help: ArgumentHelp(
            "How the series is written: \(SeriesDialect.allCases.map(\.rawValue).joined(separator: ", ")) (default: found out).",
            valueName: "name"),
        completion: .choices(SeriesDialect.allCases), transform: choice)
    var dialect: SeriesDialect?

    @Option(
        help: ArgumentHelp(
            "Symbols for SUSE guards, a Debian featureset or architecture, separated by commas.", valueName: "names"))
    var guards: String?

    func validate() throws {
        if series.isEmpty { throw ValidationError("--series is missing: name a folder, a series file or a patch") }
    }

    private var reader: SeriesReader {
        SeriesReader(dialect: dialect, guards: Set((guards ?? "").split(separator: ",").map(String.init)))
    }

    /// The patches of one series, each read when it is needed.
    /// - Parameter mapped: Whether files are mapped instead of copied.
    func sources(_ path: FilePath, mapped: Bool) throws -> [PatchSource] {
        try reader.read(Environment.absolute(path)).sources(mapped: mapped)
    }

    /// All patches of all series with where they come from.
    func loadPatches() throws -> [LoadedSeries.Patch] {
        try series.flatMap { try reader.read(Environment.absolute($0)).load().patches }
    }

    /// The folder of the patches and the name of the file that lists them, as quilt has to know them.
    func quiltList() throws -> (folder: FilePath, name: String) {
        guard series.count == 1, let only = series.first else {
            throw ValidationError("--quilt-state takes one --series: quilt knows one list of patches")
        }
        let read = try reader.read(Environment.absolute(only))
        guard [.quilt, .debian].contains(read.dialect), let name = read.file.lastComponent?.string else {
            throw ValidationError(
                "--quilt-state takes a series that quilt can read; make one with 'dom0kit series convert'")
        }
        return (read.folder, name)
    }
}
