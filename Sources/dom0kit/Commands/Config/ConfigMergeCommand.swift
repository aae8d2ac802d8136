import ArgumentParser
import Pipeline
import Report
import SystemPackage

/// `dom0kit config merge`
struct ConfigMergeCommand: ResultCommand {
    typealias Result = ConfigMergeReport

    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make a .config with the tree's own Kconfig: a base, fragments of the tree, fragment files.",
        discussion: "Later settings win. Exits with 20 if one of them does not hold in the result.")

    @Option(help: ArgumentHelp("The kernel's source tree.", valueName: "dir"), transform: path)
    var tree: FilePath

    @Option(
        help: ArgumentHelp(
            "A make target (tinyconfig, defconfig), or a file with a slash in its name.", valueName: "base"))
    var base = "defconfig"

    @Option(help: ArgumentHelp("A fragment of the tree, such as xen_dom0.config; may be repeated.", valueName: "name"))
    var target: [String] = []

    @Argument(help: "Fragment files.", transform: path)
    var fragments: [FilePath] = []

    @Option(help: ArgumentHelp("The output folder, which gets the .config.", valueName: "dir"), transform: path)
    var into: FilePath

    @Option(help: ArgumentHelp("The compiler.", valueName: "cc"))
    var cc: String?

    @OptionGroup var treeOptions: TreeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        var request = ConfigMergeRequest(
            tree: Environment.absolute(tree), output: Environment.absolute(into),
            environment: Environment.toolVariables)
        request.architecture = treeOptions.architecture ?? .x86_64
        request.compiler = cc
        request.base = base.contains("/") ? .file(FilePath(base)) : .target(base)
        request.targets = target
        request.fragments = fragments
        let (resolved, findings) = try await request.perform(progress: progress)
        progress.finish()
        let report = ConfigMergeReport(resolved: resolved, findings: findings)
        try global.show(report, done: "the configuration is made")
        try global.finish(report.verdict == .fail ? .notDom0Configuration : .success)
    }
}
