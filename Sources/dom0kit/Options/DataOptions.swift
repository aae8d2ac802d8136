import ArgumentParser
import Bytes
import Debian
import Pipeline
import SystemPackage

/// Where the kit's profiles and series are.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder with Profiles and Patches (default: $DOM0KIT_DATA, beside the program, or its share folder).",
            valueName: "dir"),
        transform: path)
    var data: FilePath?

    /// The profiles of that folder.
    func store() throws -> ProfileStore { ProfileStore(data: try folder()) }

    /// The mirrors that the machine is configured for. A source that lies on the machine needs no data folder.
    func machine() throws -> MachineSources {
        .read(suites: try (try? folder()).map(DebianSuites.load) ?? .unknown)
    }

    private func folder() throws -> FilePath {
        if let data {
            guard Files.isDirectory(data.appending("Profiles")) else { throw DataError(folder: data.string) }
            return Environment.absolute(data)
        }
        if let named = Environment.variables["DOM0KIT_DATA"], !named.isEmpty {
            guard Files.isDirectory(FilePath(named).appending("Profiles")) else { throw DataError(folder: named) }
            return Environment.absolute(FilePath(named))
        }
        // From the program's own folder upward: a source checkout, or PREFIX/share/dom0kit beside PREFIX/bin.
        var folder = Environment.program.removingLastComponent()
        while true {
            for candidate in [folder, folder.appending("share").appending("dom0kit")]
            where Files.isDirectory(candidate.appending("Profiles")) {
                return candidate
            }
            let above = folder.removingLastComponent()
            guard above != folder else { break }
            folder = above
        }
        throw DataError(folder: nil)
    }
}
