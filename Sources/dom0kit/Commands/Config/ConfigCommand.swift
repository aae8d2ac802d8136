import ArgumentParser
import Bytes
import Diagnostics
import Kconfig
import KernelModel
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
        help: ArgumentHelp("The dom0 requirements (default: the kit's own).", valueName: "file"), transform: path)
    var requirements: FilePath?

    @OptionGroup var data: DataOptions

    /// The requirements, read and checked.
    func load() throws -> Dom0Requirements {
        let file = try requirements ?? data.store().resolve("Profiles/requirements/dom0.yaml")
        return try Dom0Requirements.load(try Files.read(file), name: file.string)
    }
}

/// The kernel tree of a configuration.
struct TreeOptions: ParsableArguments {
    @Option(
        name: .customLong("arch"),
        help: ArgumentHelp(
            "The kernel's ARCH: \(words(KernelArchitecture.allCases)) (default: x86_64).", valueName: "arch"),
        completion: .choices(KernelArchitecture.allCases), transform: choice)
    var architecture: KernelArchitecture = .x86_64

    /// As Kbuild takes it.
    var arch: String { architecture.rawValue }
}
