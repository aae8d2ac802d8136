import ArgumentParser
import KernelModel
import Pipeline
import Report
import SystemPackage

/// `dom0kit inspect IMAGE`
struct InspectCommand: ResultCommand {
    typealias Result = InspectReport

    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a kernel image is, and whether Xen would take it as dom0.",
        discussion: "Exits with 40 if it is not a dom0.")

    @Argument(help: "A bzImage (vmlinuz) or vmlinux.", transform: path)
    var image: FilePath

    @Option(
        help: ArgumentHelp(
            "How dom0 is to run: \(words(DomainMode.dom0Modes)) (default: either will do).", valueName: "mode"),
        completion: .choices(DomainMode.dom0Modes), transform: { try choice(of: $0, among: DomainMode.dom0Modes) })
    var dom0: [DomainMode] = []

    @Option(
        help: ArgumentHelp("The kernel's .config, if it is not embedded in the image.", valueName: "file"),
        transform: path)
    var config: FilePath?

    @OptionGroup var requirements: RequirementOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let inspection = ImageInspection(
            image, modes: dom0, configuration: config, requirements: requirements.load(for:version:))
        let found = try inspection.perform()
        let report = InspectReport(
            path: image.string, sha256: found.sha256, facts: found.facts, missing: found.missing,
            configurationFile: config?.string, modes: dom0.isEmpty ? DomainMode.dom0Modes : dom0)
        try global.show(report)
        try global.finish(report.isDom0 ? .success : .notDom0Image)
    }
}
