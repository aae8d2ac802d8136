import ArgumentParser
import Debian
import KernelTree
import Pipeline
import Report
import SystemPackage

/// `dom0kit source import PROFILE|PATH --into DIR`
struct SourceImportCommand: ResultCommand {
    typealias Result = SourceReport

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

    @Option(help: ArgumentHelp("The folder to create.", valueName: "dir"), transform: path)
    var into: FilePath

    @Option(
        help: ArgumentHelp("Where packages are kept between runs (default: .dom0kit/packages).", valueName: "dir"),
        transform: path)
    var packages: FilePath = ".dom0kit/packages"

    @Flag(help: "Apply the patches the source brings: debian/patches, the spec's, or those of series.conf.")
    var patched = false

    @Option(
        help: ArgumentHelp(
            "Symbols for SUSE guards, a Debian featureset or architecture, separated by commas.", valueName: "names"))
    var guards: String?

    @Option(
        help: ArgumentHelp("The upstream source, for a spec or checkout that does not carry it.", valueName: "source"))
    var base: String?

    @Option(
        help: ArgumentHelp(
            "The fuzz for patches of a spec that do not state their own (2 for rpm before 4.6).", valueName: "n"))
    var fuzz: Int?

    func validate() throws {
        if let fuzz, !(0...3).contains(fuzz) { throw ValidationError("--fuzz takes a number from 0 to 3") }
    }

    @Option(help: ArgumentHelp("The keyring a source package must be signed with.", valueName: "file"), transform: path)
    var keyring: FilePath?

    @OptionGroup var spec: SpecOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        let fetcher = PackageFetcher(
            folder: Environment.absolute(packages), machine: try data.machine(),
            environment: Environment.toolVariables)
        var request = SourceImportRequest(
            try .parse(source, profiles: data.store, resolve: Environment.absolute),
            into: Environment.absolute(into), fetcher: fetcher)
        request.appliesPatches = patched
        request.symbols = guards.map { Set($0.split(separator: ",").map(String.init)) }
        request.specFuzz = fuzz
        request.macros = spec.macros
        request.base = try base.map { try SourceLocation.parse($0, resolve: Environment.absolute) }
        request.keyring = keyring.map(Environment.absolute)
        request.environment = Environment.toolVariables
        let tree = try await request.perform(progress: progress)
        progress.finish()
        try global.show(SourceReport(tree), done: "the source is imported")
    }
}
