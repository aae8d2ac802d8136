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
struct ProfileListCommand: ResultCommand {
    typealias Result = ProfileListReport

    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all profiles.",
        discussion: """
            A file that cannot be used as a profile does not hide the others: it is listed with file, line and reason, \
            the verdict is then warn, and the exit code 0. Commands that need that profile end with 65.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let (profiles, damaged) = try data.store().loadAll()
        try global.show(ProfileListReport(profiles: profiles, damaged: damaged))
    }
}

/// `dom0kit profile show NAME`
struct ProfileShowCommand: ResultCommand {
    typealias Result = ProfileReport

    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show what a profile says.")

    @Argument(help: "The profile's name.", completion: .profiles)
    var name: String

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try global.show(ProfileReport(profile: try data.store().load(name)))
    }
}
