import ArgumentParser
import Pipeline
import Report

/// `dom0kit profile …`
struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "The distribution releases the kit knows.",
        subcommands: [ProfileListCommand.self, ProfileShowCommand.self], defaultSubcommand: ProfileListCommand.self)
}

/// `dom0kit profile list`
struct ProfileListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Name every profile.")

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let store = try data.store()
        try global.show(ProfileListReport(profiles: try store.names().map { try store.load($0) }))
    }
}

/// `dom0kit profile show NAME`
struct ProfileShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show what a profile says.")

    @Argument(help: "The profile's name.")
    var name: String

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try global.show(ProfileReport(profile: try data.store().load(name)))
    }
}
