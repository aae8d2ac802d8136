import ArgumentParser
import KernelModel
import Pipeline
import Report
import SystemPackage

/// `dom0kit build`
struct BuildCommand: ResultCommand {
    typealias Result = BuildReport

    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build a kernel out of tree, reproducibly.",
        discussion: """
            The tree is only read; everything is made in the output folder, where an interrupted build is continued. The \
            configuration is settled by the tree's own Kconfig first: a setting that does not survive is a warning.
            """)

    @Option(help: ArgumentHelp("The kernel's source tree.", valueName: "dir"), transform: path)
    var tree: FilePath

    @Option(help: ArgumentHelp("The .config to build with.", valueName: "file"), transform: path)
    var config: FilePath

    @Option(name: .customLong("into"), help: ArgumentHelp("The output folder (O=).", valueName: "dir"), transform: path)
    var folder: FilePath

    @Option(
        help: ArgumentHelp(
            "The kernel's ARCH: \(words(KernelArchitecture.allCases)) (default: x86_64).", valueName: "arch"),
        completion: .choices(KernelArchitecture.allCases), transform: choice)
    var architecture: KernelArchitecture = .x86_64

    @Option(help: ArgumentHelp("A make target; may be repeated.", valueName: "target"))
    var target: [String] = ["bzImage"]

    @Option(
        help: ArgumentHelp("The image in the output folder (default: arch/x86/boot/bzImage).", valueName: "path"),
        transform: path)
    var image: FilePath = "arch/x86/boot/bzImage"

    @Option(help: ArgumentHelp("The compiler (CC), such as gcc-12 or 'ccache gcc'.", valueName: "command"))
    var compiler: String?

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        var request = KernelBuildRequest(
            tree: Environment.absolute(tree), configuration: Environment.absolute(config),
            output: Environment.absolute(folder), environment: Environment.toolVariables)
        request.architecture = architecture
        request.compiler = compiler
        request.targets = target
        request.image = image
        request.jobs = global.jobCount
        let built = try await request.perform(progress: progress)
        progress.finish()
        let report = BuildReport(outcome: built.outcome, request: built.request, findings: built.findings)
        try global.show(report, done: "the build is done")
        try global.finish(report.verdict == .fail ? .buildFails : .success)
    }
}
