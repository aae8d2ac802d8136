import ArgumentParser
import Diagnostics
import KernelTree
import Pipeline
import Report
import SystemPackage

/// `dom0kit run PROFILE`
struct RunCommand: ResultCommand {
    typealias Result = RunReport

    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Take a distribution kernel from its source to a booted dom0 with guests.",
        discussion: """
            The stages are import, apply, configure, build, inspect, boot and evidence. A stage whose inputs did not \
            change is not run again; an interrupted run continues where it was. The source stays at the version that was \
            taken first until --refresh asks the mirrors again.
            """)

    @Argument(help: "The profile; see 'dom0kit profile list'.", completion: .profiles)
    var profile: String

    @Option(
        help: ArgumentHelp(
            "A kernel source instead of the profile's, or the file it asks for; anything 'source import' takes.",
            valueName: "source"))
    var source: String?

    @Option(
        help: ArgumentHelp("The upstream source, for a spec or checkout that does not carry it.", valueName: "source"))
    var base: String?

    @Option(
        help: ArgumentHelp(
            "A compiler instead of the profile's: a name, a path, or a folder with its packages (.deb) or with what they were unpacked to.",
            valueName: "gcc"))
    var toolchain: String?

    @Flag(
        help:
            "Apply the profile's compat series too, so that programs of today run on a kernel of another age, and boot it with them."
    )
    var compat = false

    @Option(
        help: ArgumentHelp("A series instead of the profile's; may be repeated.", valueName: "path"), transform: path
    )
    var series: [FilePath] = []

    @Option(
        help: ArgumentHelp("A config fragment laid over the profile's; may be repeated.", valueName: "file"),
        transform: path)
    var fragment: [FilePath] = []

    @Option(
        help: ArgumentHelp("A test hypervisor instead of the profile's.", valueName: "name"), completion: .hypervisors)
    var hypervisor: String?

    @Option(
        help: ArgumentHelp("The last stage to run: \(words(Stage.allCases)) (default: evidence).", valueName: "stage"),
        completion: .choices(Stage.allCases), transform: choice)
    var stopAfter: Stage = .evidence

    @Option(help: ArgumentHelp("The work folder (default: .dom0kit/PROFILE).", valueName: "dir"), transform: path)
    var work: FilePath?

    @OptionGroup var spec: SpecOptions

    @Flag(help: "Ask the mirrors for newer versions of the source and the hypervisor.")
    var refresh = false

    @Flag(help: "Treat warnings as failures.")
    var strict = false

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if source == "" { throw ValidationError("--source must not be empty") }
        if base != nil, source == nil { throw ValidationError("--base goes with --source") }
        if toolchain == "" { throw ValidationError("--toolchain must not be empty") }
    }

    func run() async throws {
        let store = try data.store()
        let plan = try store.load(profile)
        var request = RunRequest(
            profile: try compat ? plan.withCompat() : plan, store: store,
            work: Environment.absolute(work ?? FilePath(".dom0kit").appending(profile)),
            source: try source.map { try SourceLocation.parse($0, resolve: Environment.absolute) },
            series: series.map(Environment.absolute),
            fragments: fragment.map(Environment.absolute), hypervisor: hypervisor, stopAfter: stopAfter,
            jobs: global.jobCount, variables: Environment.toolVariables, refresh: refresh, macros: spec.macros,
            kitVersion: Version.current)
        request.compat = compat
        request.base = try base.map { try SourceLocation.parse($0, resolve: Environment.absolute) }
        request.toolchain = toolchain.map {
            $0.contains("/") ? Environment.absolute(FilePath($0)).string : $0
        }
        let progress = global.progress()
        defer { progress.finish() }
        let result = try await Run(request).perform(progress: progress)
        progress.finish()
        try global.show(RunReport(result))
        try global.finish(strict && result.verdict == .warn ? .outsidePolicy : result.exitStatus)
    }
}
