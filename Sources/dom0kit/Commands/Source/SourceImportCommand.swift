import ArgumentParser
import Bytes
import Debian
import Diagnostics
import KernelSource
import KernelTree
import Pipeline
import Report
import SystemPackage

/// `dom0kit source import PROFILE|PATH --into DIR`
struct SourceImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Unpack a kernel source into a folder: all of it, or nothing.",
        discussion: """
            The source is a profile (its package is downloaded from the machine's own mirror and verified by apt), \
            debian:SUITE/PACKAGE (a source package from that mirror), a folder, a tar archive under any compression, a \
            linux-source package, a Debian source package (.dsc), an RPM source package, a spec with its sources, an \
            openSUSE kernel-source checkout, or git:REPOSITORY@REVISION. Checksums are always verified; archives that \
            would reach outside the folder are refused; nothing that comes with a source is run.
            """)

    @Argument(help: "A profile's name, or the path of a source.", completion: .profiles)
    var source: String

    @Option(help: ArgumentHelp("The folder to make.", valueName: "dir"), transform: path)
    var into: FilePath

    @Option(help: ArgumentHelp("Where packages are kept between runs.", valueName: "dir"), transform: path)
    var packages: FilePath = ".dom0kit/packages"

    @Flag(help: "Apply the patches the source brings: debian/patches, the spec's, or those of series.conf.")
    var patched = false

    @Option(
        help: ArgumentHelp(
            "Symbols for SUSE guards, a Debian featureset or architecture, separated by commas.", valueName: "names"))
    var guards: String?

    @Option(
        help: ArgumentHelp("The upstream source of a spec or checkout that does not carry it.", valueName: "source"))
    var base: String?

    @Option(
        help: ArgumentHelp("A macro that a spec finds defined, as NAME=VALUE. May be given again.", valueName: "macro"))
    var define: [String] = []

    @Option(
        help: ArgumentHelp(
            "The fuzz of a spec's patches whose lines give none (rpm before 4.6 took 2).", valueName: "n"))
    var fuzz: Int?

    func validate() throws {
        guard define.allSatisfy({ $0.contains("=") && !$0.hasPrefix("=") }) else {
            throw ValidationError("--define takes NAME=VALUE")
        }
        if let fuzz, !(0...3).contains(fuzz) { throw ValidationError("--fuzz takes a number from 0 to 3") }
    }

    @Option(help: ArgumentHelp("The keyring a source package must be signed with.", valueName: "file"), transform: path)
    var keyring: FilePath?

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        let fetcher = PackageFetcher(
            folder: Environment.absolute(packages), machine: try data.machine(),
            environment: Environment.toolVariables)
        var importer = SourceImporter(fetcher: fetcher)
        let location: SourceLocation
        if ["git:", "debian:"].contains(where: source.hasPrefix) || source.contains("/")
            || Files.exists(Environment.absolute(FilePath(source)))
        {
            location = try SourceLocation.parse(source, resolve: Environment.absolute)
        } else {
            let profile = try data.store().load(source)
            location = try await Self.location(of: profile, fetcher, progress)
            importer.adopt(profile.source)
        }
        importer.appliesPatches = importer.appliesPatches || patched
        importer.keyring = keyring.map(Environment.absolute)
        importer.environment = Environment.toolVariables
        if let guards { importer.symbols = Set(guards.split(separator: ",").map(String.init)) }
        importer.base = try base.map { try SourceLocation.parse($0, resolve: Environment.absolute) }
        if let fuzz { importer.specFuzz = fuzz }
        for macro in define {
            let parts = macro.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            importer.macros[parts[0]] = parts[1]
        }
        let tree = try await importer.importTree(
            from: location, into: Environment.absolute(into), progress: progress)
        progress.finish()
        try global.show(SourceReport(tree), done: "the source is imported")
    }

    /// The package that a profile means.
    private static func location(
        of profile: Profile, _ fetcher: PackageFetcher, _ progress: any ProgressSink
    ) async throws -> SourceLocation {
        if let suite = profile.source.suite, let name = profile.source.sourcePackage {
            return .debianSource(PackageRequest(name), suite: suite)
        }
        guard let suite = profile.source.suite, let name = profile.source.package else { throw profile.noSource }
        guard let pattern = PackagePattern(name) else { return .package(PackageRequest(name), suite: suite) }
        let newest = try await fetcher.newest(pattern, named: name, suite: suite, progress: progress)
        return .package(PackageRequest(newest), suite: suite)
    }
}
