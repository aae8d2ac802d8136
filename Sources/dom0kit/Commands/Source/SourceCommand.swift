import ArgumentParser

/// `dom0kit source …`
struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "Kernel sources, as distributions publish them.",
        subcommands: [SourceImportCommand.self])
}
