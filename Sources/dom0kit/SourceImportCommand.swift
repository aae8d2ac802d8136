import ArgumentParser
import Bytes
import DebianPackages
import Diagnostics
import KernelTree
import Pipeline
import Report
import SystemPackage

/// `dom0kit source import PROFILE|PATH --into DIR`
struct SourceImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Unpack a kernel source into a folder: all of it, or nothing.",
        discussion: """
            The source is a profile (its package is downloaded from the machine's own mirror and verified by apt), a \
            folder, a tar archive under any compression, a linux-source package, or a Debian source package (.dsc). \
            Checksums are always verified; archives that would reach outside the folder are refused.
            """)

    @Argument(help: "A profile's name, or the path of a source.")
    var source: String

    @Option(help: ArgumentHelp("The folder to make.", valueName: "dir"), transform: path)
    var into: FilePath

    @Option(help: ArgumentHelp("Where packages are kept between runs.", valueName: "dir"), transform: path)
    var packages: FilePath = ".dom0kit/packages"

    @Flag(help: "Apply the patches a source package brings (debian/patches).")
    var patched = false

    @Option(help: ArgumentHelp("The keyring a source package must be signed with.", valueName: "file"), transform: path)
    var keyring: FilePath?

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        let fetcher = PackageFetcher(folder: Environment.absolute(packages), environment: Environment.toolVariables)
        let given = Environment.absolute(FilePath(source))
        let location: SourceLocation
        if source.contains("/") || Files.exists(given) {
            location = try SourceLocation.detect(given)
        } else {
            location = try await Self.location(of: try data.store().load(source), fetcher, progress)
        }
        var importer = SourceImporter(fetcher: fetcher)
        importer.appliesPatches = patched
        importer.keyring = keyring.map(Environment.absolute)
        importer.environment = Environment.toolVariables
        let tree = try await importer.importTree(
            from: location, into: Environment.absolute(into), progress: progress)
        progress.finish()
        try global.show(SourceReport(tree))
    }

    /// The package that a profile means.
    private static func location(
        of profile: Profile, _ fetcher: PackageFetcher, _ progress: any ProgressSink
    ) async throws -> SourceLocation {
        guard let suite = profile.source.suite, let name = profile.source.package else {
            throw PipelineError.noSource(profile: profile.name, hint: profile.source.hint)
        }
        guard let pattern = PackagePattern(name) else { return .package(PackageRequest(name), suite: suite) }
        let newest = try await fetcher.newest(pattern, named: name, suite: suite, progress: progress)
        return .package(PackageRequest(newest), suite: suite)
    }
}
