import ArgumentParser
import Bytes
import Patching
import SystemPackage

/// Which series.
struct SeriesOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The series: a folder with a series file, a series file, or a patch.", valueName: "path"),
        transform: path)
    var series: [FilePath] = []

    func validate() throws {
        if series.isEmpty { throw ValidationError("--series is missing: name a folder, a series file or a patch") }
    }

    /// All patches of all series, in order.
    func load() throws -> [PatchInput] { try series.flatMap { try Self.load(Environment.absolute($0)) } }

    /// The patches of one series.
    static func load(_ path: FilePath) throws -> [PatchInput] {
        let list = Files.isDirectory(path) ? path.appending("series") : path
        guard list.lastComponent?.string == "series" else {
            return [PatchInput(name: list.lastComponent?.string ?? list.string, bytes: try Files.read(list))]
        }
        let folder = list.removingLastComponent()
        let lines = String(decoding: try Files.read(list), as: UTF8.self).split(separator: "\n")
        return try lines.compactMap { line in
            let words = line.split(separator: " ").prefix { !$0.hasPrefix("#") }
            guard let name = words.first else { return nil }
            let strip = words.first { $0.hasPrefix("-p") }.flatMap { Int($0.dropFirst(2)) }
            return PatchInput(
                name: String(name), bytes: try Files.read(folder.appending(String(name))), strip: strip ?? 1,
                reverse: words.contains("-R"))
        }
    }
}
