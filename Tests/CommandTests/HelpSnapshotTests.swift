import Foundation
import TestSupport
import Testing

/// The help of every command, pinned.
struct HelpSnapshotTests {
    /// A command as `--experimental-dump-help` describes it.
    private struct Command: Decodable {
        let commandName: String
        let subcommands: [Command]?
    }

    private struct Dump: Decodable {
        let command: Command
    }

    /// The words of every command line that ends with a command: `[]`, `["config"]`, `["config", "check"]`.
    private static func commands() throws -> [[String]] {
        func below(_ command: Command, _ words: [String]) -> [[String]] {
            [words]
                + (command.subcommands ?? []).filter { $0.commandName != "help" }
                .flatMap { below($0, words + [$0.commandName]) }
        }
        let dump = try run(CommandFolder.program.path, ["--experimental-dump-help"])
        return below(try JSONDecoder().decode(Dump.self, from: Data(dump.output)).command, [])
    }

    private static func name(_ words: [String]) -> String { (["dom0kit"] + words).joined(separator: "-") }

    @Test func everyCommand() throws {
        let commands = try Self.commands()
        #expect(commands.count > 20)
        let folder = try CommandFolder()
        for words in commands {
            let run = try folder.dom0kit(words + ["--help"], environment: ["COLUMNS": "80"])
            #expect(run.status == 0 && run.errors.isEmpty, "\(words)")
            try Snapshot.check(Snapshot.masked(run.output, folder: folder.path), as: "help/" + Self.name(words))
        }
        try Snapshot.checkNames(commands.map(Self.name), below: "help")
    }

    /// Every option and argument says what it is for.
    @Test func nothingIsWithoutHelp() throws {
        func undescribed(_ command: [String: Any], _ path: String) -> [String] {
            let arguments = (command["arguments"] as? [[String: Any]] ?? []).filter { argument in
                (argument["abstract"] as? String ?? "").isEmpty && argument["shouldDisplay"] as? Bool == true
            }
            // 'help' is the argument parser's own.
            let subcommands = (command["subcommands"] as? [[String: Any]] ?? []).filter {
                $0["commandName"] as? String != "help"
            }
            return arguments.map { "\(path) \($0["valueName"] ?? "")" }
                + subcommands.flatMap {
                    undescribed($0, "\(path) \($0["commandName"] ?? "")")
                }
        }
        let dump = try run(CommandFolder.program.path, ["--experimental-dump-help"])
        let top = try #require(try JSONSerialization.jsonObject(with: Data(dump.output)) as? [String: Any])
        #expect(undescribed(try #require(top["command"] as? [String: Any]), "dom0kit") == [])
    }
}
