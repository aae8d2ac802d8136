import ArgumentParser
import Bytes
import Diagnostics
import Kconfig
import KernelModel
import Report
import SystemPackage

/// `dom0kit config check`
struct ConfigCheckCommand: ResultCommand {
    typealias Result = ConfigCheckReport

    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a .config against what a dom0 needs and what fragments ask for.",
        discussion: """
            Exits with 20 if it does not give a dom0, or if a setting of a fragment does not hold; with 12 if Kconfig \
            has not settled it, so that there is no telling.
            """)

    @Option(help: ArgumentHelp("The .config.", valueName: "file"), transform: path)
    var config: FilePath

    @Option(
        help: ArgumentHelp("The kernel's source tree, to explain why a symbol is off.", valueName: "dir"),
        transform: path
    )
    var tree: FilePath?

    @Option(
        help: ArgumentHelp("A fragment whose settings must hold; may be repeated.", valueName: "file"), transform: path)
    var fragment: [FilePath] = []

    @Option(
        help: ArgumentHelp(
            "How dom0 is to run: \(words(DomainMode.dom0Modes)); may be repeated (default: pv).", valueName: "mode"),
        completion: .choices(DomainMode.dom0Modes), transform: { try choice(of: $0, among: DomainMode.dom0Modes) })
    var dom0: [DomainMode] = [.pv]

    @Option(
        help: ArgumentHelp(
            "The kernel's version, if neither the tree nor the .config states it.", valueName: "version"))
    var kernelVersion: String?

    @OptionGroup var treeOptions: TreeOptions
    @OptionGroup var requirements: RequirementOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let mode = dom0.first(where: { !DomainMode.dom0Modes.contains($0) }) {
            throw ValidationError("Xen does not run dom0 as \(mode.rawValue); --dom0 takes pv or pvh")
        }
    }

    func run() async throws {
        let configuration = try KernelConfiguration(path: config)
        let tree = try tree.map {
            try KconfigTree.load(Environment.absolute($0), architecture: treeOptions.arch(of: configuration))
        }
        let version =
            try kernelVersion.map { try KernelVersion(parsing: $0) } ?? tree?.version ?? configuration.kernelVersion
        var check = ConfigCheck(
            configuration, requirements: try requirements.load(for: configuration, version: version))
        check.tree = tree
        check.version = version
        check.fragments = try fragment.map { try ConfigFragment(path: $0) }
        check.modes = Set(dom0)
        let report = ConfigCheckReport(config: config.string, modes: dom0, outcome: try check.perform())
        try global.show(report)
        switch report.verdict {
        case .fail: try global.finish(.notDom0Configuration)
        case .unknown: try global.finish(.undecided)
        case .pass, .warn: try global.finish(.success)
        }
    }
}
