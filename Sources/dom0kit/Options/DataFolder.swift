import ArgumentParser
import Bytes
import Debian
import Diagnostics
import Glibc
import Patching
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

/// The kit's data folder is not where it should be.
struct DataError: DiagnosedError {
    let folder: String?
    var category: ErrorCategory { .missingInput }
    var message: String {
        folder.map { "\($0) has no folder Profiles" } ?? "the kit's profiles are not beside the program"
    }
    var remedy: String? { "name the folder that has Profiles and Patches with --data or DOM0KIT_DATA" }
}

/// What the command line takes from the process around it.
enum Environment {
    /// The variables of this process.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }

    /// The variables that tools are run with: where they are, where they may put temporary files, and the proxies through
    /// which they reach the network.
    static var toolVariables: [String: String] {
        let passed = ["PATH", "HOME", "TMPDIR", "CCACHE_DIR", "http_proxy", "https_proxy", "no_proxy", "all_proxy"]
        var kept = variables.filter { passed.contains($0.key) }
        kept["LC_ALL"] = "C"
        if kept["PATH"] == nil { kept["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }
        return kept
    }

    /// The program to the build: its version and its file as it is.
    static var build: String {
        "dom0kit \(Version.current) \(ContentIdentity.ofFile("/proc/self/exe").map(\.text) ?? "")"
    }

    /// The program's own file, links resolved.
    static var program: FilePath {
        guard let resolved = realpath("/proc/self/exe", nil) else { return FilePath(CommandLine.arguments.first ?? "") }
        defer { free(resolved) }
        return FilePath(String(cString: resolved))
    }

    /// The path from the working directory where it is relative.
    static func absolute(_ path: FilePath) -> FilePath {
        if path.isAbsolute { return path.lexicallyNormalized() }
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return FilePath(String(cString: current)).pushing(path).lexicallyNormalized()
    }
}
