import ArgumentParser
import Bytes
import Diagnostics
import Kconfig
import KernelModel
import Pipeline
import SystemPackage

/// `dom0kit config …`
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Make, check and explain kernel configurations.",
        subcommands: [ConfigCheckCommand.self, ConfigMergeCommand.self, ConfigExplainCommand.self])
}

/// Which dom0 requirements apply.
struct RequirementOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The dom0 requirements (default: those of the kit's that are about the configuration's architecture and era).",
            valueName: "file"), transform: path)
    var requirements: FilePath?

    @OptionGroup var data: DataOptions

    /// The requirements for a configuration, read and checked.
    func load(for configuration: KernelConfiguration, version: KernelVersion?) throws -> Dom0Requirements {
        guard let requirements else {
            return try Dom0Requirements.choose(
                among: try data.store().requirements(), for: configuration, version: version)
        }
        let given = try Dom0Requirements.load(file: requirements)
        if let doubt = configuration.architectureDoubt { throw KconfigError.architectureDoubtful(doubt) }
        if let architecture = configuration.architecture, !given.covers(architecture) {
            throw KconfigError.otherArchitecture(
                configuration.path, architecture, requirements: given.architecture)
        }
        return given
    }
}

/// The kernel tree of a configuration.
struct TreeOptions: ParsableArguments {
    @Option(
        name: .customLong("arch"),
        help: ArgumentHelp(
            "The kernel's ARCH: \(words(KernelArchitecture.allCases)) (default: the configuration's, or x86_64).",
            valueName: "arch"),
        completion: .choices(KernelArchitecture.allCases), transform: choice)
    var architecture: KernelArchitecture?

    /// As Kbuild takes it.
    func arch(of configuration: KernelConfiguration) throws -> String {
        if let architecture { return architecture.rawValue }
        if let doubt = configuration.architectureDoubt { throw KconfigError.architectureDoubtful(doubt) }
        return (configuration.architecture ?? .x86_64).rawValue
    }
}
