import ArgumentParser
import Bytes
import Diagnostics
import Kconfig
import KernelImage
import KernelModel
import Report
import SystemPackage

/// `dom0kit inspect IMAGE`
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a kernel image is, and whether Xen would take it as dom0.",
        discussion: "Exits with 40 if it is no dom0.")

    @Argument(help: "A bzImage (vmlinuz) or vmlinux.", transform: path)
    var image: FilePath

    @Option(
        help: ArgumentHelp(
            "How dom0 is to run: \(words(DomainMode.dom0Modes)) (default: either will do).", valueName: "mode"),
        completion: .choices(DomainMode.dom0Modes), transform: { try choice(of: $0, among: DomainMode.dom0Modes) })
    var dom0: [DomainMode] = []

    @Option(
        help: ArgumentHelp("The kernel's .config, where the image does not carry it.", valueName: "file"),
        transform: path)
    var config: FilePath?

    @OptionGroup var requirements: RequirementOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let facts = try KernelImageInspector.inspect(image)
        let report = InspectReport(
            path: image.string, sha256: try Digest(ofFile: image).hex, facts: facts, missing: try missing(facts),
            configurationFile: config?.string, modes: dom0.isEmpty ? DomainMode.dom0Modes : dom0)
        try global.show(report)
        try global.finish(report.isDom0 ? .success : .notDom0Image)
    }

    /// The requirements that the configuration does not meet, where there is one.
    private func missing(_ facts: ImageFacts) throws -> [ConfigFinding] {
        let known =
            try config.map { try KernelConfiguration(path: $0) }
            ?? facts.embeddedConfig.map { try KernelConfiguration($0, path: image.appending(".config")) }
        guard let known, let version = facts.image.version.flatMap(KernelVersion.init) ?? known.kernelVersion
        else { return [] }
        return try requirements.load().check(known, version: version, modes: Set(dom0.isEmpty ? [.pv] : dom0))
    }
}
