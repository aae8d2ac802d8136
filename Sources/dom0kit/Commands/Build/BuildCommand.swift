import ArgumentParser
import Bytes
import Diagnostics
import Kconfig
import KernelBuild
import KernelModel
import Report
import SystemPackage

/// `dom0kit build`
struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build a kernel out of tree, reproducibly.",
        discussion: """
            The tree is only read; everything is made in the output folder, and an interrupted build goes on there. The \
            configuration is settled by the tree's own Kconfig first: a setting that does not survive is a warning.
            """)

    @Option(help: ArgumentHelp("The kernel's source tree.", valueName: "dir"), transform: path)
    var tree: FilePath

    @Option(help: ArgumentHelp("The .config to build with.", valueName: "file"), transform: path)
    var config: FilePath

    @Option(name: .customLong("into"), help: ArgumentHelp("The output folder (O=).", valueName: "dir"), transform: path)
    var folder: FilePath

    @Option(
        help: ArgumentHelp("The kernel's ARCH: \(words(KernelArchitecture.allCases)).", valueName: "arch"),
        completion: .choices(KernelArchitecture.allCases), transform: choice)
    var architecture: KernelArchitecture = .x86_64

    @Option(help: ArgumentHelp("What make is asked for; may be given again.", valueName: "target"))
    var target: [String] = ["bzImage"]

    @Option(help: ArgumentHelp("The image below the output folder.", valueName: "path"), transform: path)
    var image: FilePath = "arch/x86/boot/bzImage"

    @Option(help: ArgumentHelp("The compiler (CC), such as gcc-12 or 'ccache gcc'.", valueName: "command"))
    var compiler: String?

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        let environment = BuildEnvironment(
            architecture: architecture.rawValue, compiler: compiler,
            epoch: try KernelSource.time(of: Environment.absolute(tree)),
            searchPath: Environment.toolVariables["PATH"] ?? "", passed: Environment.toolVariables)
        let resolver = KconfigResolver(
            tree: Environment.absolute(tree), output: Environment.absolute(folder), architecture: architecture.rawValue,
            variables: compiler.map { ["CC=\($0)"] } ?? [], environment: environment.variables)
        let resolved = try await resolver.resolve(
            base: .file(Environment.absolute(config)),
            fragments: [try ConfigFragment(path: Environment.absolute(config))],
            progress: progress)
        let request = BuildRequest(
            tree: resolver.tree, output: resolver.output, targets: target, image: image, jobs: global.jobCount,
            environment: environment, log: resolver.output.appending("dom0kit-build.log"))
        progress.report(.began(what: "build \(target.joined(separator: " "))"))
        let outcome = try await KernelBuilder.build(request, progress: progress)
        progress.finish()
        let report = BuildReport(outcome: outcome, request: request, findings: resolved.findings)
        try global.show(report, done: "the build is done")
        try global.finish(report.verdict == .fail ? .buildFails : .success)
    }
}
