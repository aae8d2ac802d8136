import ArgumentParser
import Diagnostics

/// The command line names a command that does not exist.
struct UnknownCommand: DiagnosedError {
    /// The commands it is looked for in, such as `dom0kit series`.
    let parent: String
    /// What is not one of them.
    let name: String
    /// The commands there are.
    let known: [String]

    var category: ErrorCategory { .usage }
    var message: String { "'\(parent)' has no command '\(name)'" }
    var remedy: String? {
        Suggestions.question(Suggestions.near(name, among: known))
            ?? "there are: \(known.joined(separator: ", ")); '\(parent) --help' says what they do"
    }

    /// Follows the commands that a command line names from the root on.
    /// - Returns: The first that does not exist; `nil` where all do. Options are left to the parser.
    static func first(in arguments: [String], of root: any ParsableCommand.Type) -> UnknownCommand? {
        var command = root
        var path = root.configuration.commandName ?? ""
        for (index, word) in arguments.enumerated() {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !word.hasPrefix("-") else { return nil }
            if index == 0, word == "help" { continue }
            guard let next = subcommands.first(where: { $0.configuration.commandName == word }) else {
                return UnknownCommand(
                    parent: path, name: word, known: subcommands.compactMap { $0.configuration.commandName })
            }
            command = next
            path += " " + word
        }
        return nil
    }
}
