import ArgumentParser
import Bytes
import Diagnostics
import Kconfig
import KernelModel
import Report
import SystemPackage

/// `dom0kit config check`
struct ConfigCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Hold a .config against what a dom0 needs and what fragments ask for.",
        discussion: "Exits with 20 if it gives no dom0, or if a setting of a fragment is otherwise.")

    @Option(help: ArgumentHelp("The .config.", valueName: "file"), transform: path)
    var config: FilePath

    @Option(
        help: ArgumentHelp("The kernel's source tree: explains why a symbol is off.", valueName: "dir"), transform: path
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
            "The kernel's version, where neither the tree nor the .config says it.", valueName: "version"))
    var kernelVersion: String?

    @OptionGroup var treeOptions: TreeOptions
    @OptionGroup var requirements: RequirementOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let configuration = try KernelConfiguration(path: config)
        let kconfig = try tree.map { try KconfigTree.load(Environment.absolute($0), architecture: treeOptions.arch) }
        let rules = try requirements.load()
        let version = try version(configuration, kconfig)
        let asked = ConfigMerger.merge(fragments: try fragment.map { try ConfigFragment(path: $0) }).entries
        let modes = Set(dom0)
        let findings =
            rules.check(configuration, version: version, modes: modes)
            + ConfigComparison.findings(asked: asked, in: configuration)
        let report = ConfigCheckReport(
            config: config.string, kernelVersion: version, modes: dom0,
            checked: try rules.proving(version, modes: modes).count + asked.count,
            findings: kconfig?.explain(findings, in: configuration) ?? findings,
            inconsistencies: kconfig?.inconsistencies(in: configuration) ?? [],
            complaints: kconfig?.complaints ?? [])
        try global.show(report)
        try global.finish(report.verdict == .fail ? .notDom0Configuration : .success)
    }

    private func version(_ configuration: KernelConfiguration, _ kconfig: KconfigTree?) throws -> KernelVersion {
        if let kernelVersion {
            guard let version = KernelVersion(kernelVersion) else { throw KconfigError.malformedVersion(kernelVersion) }
            return version
        }
        guard let version = kconfig?.version ?? configuration.kernelVersion else {
            throw ValidationError("\(config) does not say its kernel's version; give --tree or --kernel-version")
        }
        return version
    }
}
