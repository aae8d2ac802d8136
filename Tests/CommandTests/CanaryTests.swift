import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// No command starts a program that an input names, and none changes anything outside of its output: all commands over all
/// kinds of hostile input, beside a detector that is shown to work.
///
/// `build`, `config merge` and `boot` run the tree's own makefiles or a kernel, as their purpose is; they are given the
/// inputs that are not those.
@Suite(.enabled(if: hasTools("git", "make"), "needs git and make"))
struct CanaryTests {
    /// The command lines of each command, words parted by `|`.
    static let cases: [String: [String]] = [
        "source import": sources.map { "\($0)|--into|out/s" } + sources.map { "\($0)|--patched|--into|out/p" }
            + ["plain|--into|out/s|--data|kit", "file|--into|out/s|--data|kit", "tree|--into|out/s"]
            + specs.map { "spec/\($0)|--patched|--into|out/p|--with|x|--define|x=%(./evil define)" },
        "series list": series + specs.map { "spec/\($0)" },
        "series lint": series + specs.map { "spec/\($0)" },
        "series convert": series.map { "\($0)|--to|quilt|--into|out/c" } + series.map { "\($0)|--to|rpm|--into|out/c" }
            + specs.map { "spec/\($0)|--to|suse|--into|out/c" },
        "series twins": series.map { "\($0)" } + series.map { "\($0)|--tree|tree" },
        "series upstream": (["repo", "lazy", "repo/sub", "tree"]).flatMap { repository in
            ["q-good", "q-names", "mail.eml"].map { "\($0)|--in|git:\(repository)@HEAD|--since|start" }
        },
        "verify": (series + specs.map { "spec/\($0)" }).flatMap { name in
            ["linked", "git:repo@start"].map { "--tree|\($0)|--series|\(name)" }
        }
            + trees.map { "--tree|\($0)|--series|q-good|--like|all" }
            + ["--tree|plain|--series|q-good|--cache|out/cache", "--tree|journal|--series|q-good"]
            + ["repo", "lazy", "repo/sub", "tree"].map {
                "--first-break|git:\($0)|--good|start|--bad|HEAD|--newest-fit|--series|q-good"
            },
        "apply": (series + specs.map { "spec/\($0)" }).map { "--tree|out/tree|--series|\($0)" }
            + series.map { "--tree|out/tree|--series|\($0)|--quilt-state" }
            + ["--tree|out/journal|--series|q-good"] + trees.map { "--tree|\($0)|--series|q-good|--dry-run" },
        "refresh": series.map { "--tree|plain|--series|\($0)|--dry-run" } + ["--tree|tree|--series|q-good|--dry-run"],
        "rebase": ["plain", "linked", "git:repo@start", "git:lazy@start", "links.tar", "good.tar"].flatMap { tree in
            ["q-good", "q-names", "q-makelink", "suse", "mail.eml"].map {
                "--from|\(tree)|--to|git:repo@HEAD|--series|\($0)|--into|out/r"
            }
        } + specs.map { "--from|plain|--to|linked|--series|spec/\($0)|--into|out/r" }
            + ["--from|git:repo@start|--to|git:repo@HEAD|--series|q-good|--twins|--into|out/t"],
        "config check": ["a", "bad", "script"].flatMap { config in
            ["", "|--tree|plain", "|--tree|tree|--fragment|config/script"].map {
                "--config|config/\(config)\($0)|--requirements|kit/Profiles/requirements/r.yaml|--kernel-version|6.1"
            }
        },
        "config explain": ["XEN", "$(evil)", "OPTION"].flatMap { symbol in
            ["plain", "tree"].map { "\(symbol)|--tree|\($0)|--config|config/a" }
        },
        "config merge": [
            "--tree|out/merge|--base|tinyconfig|--into|out/m|config/a",
            "--tree|out/merge|--base|./config/bad|--into|out/m",
            "--tree|out/merge|--target|$(evil).config|--into|out/m",
            "--tree|out/merge|--cc|$(evil)|--base|$(evil)|--into|out/m",
        ],
        "inspect": ["script", "short", "$(evil)", "packed"].map { "image/\($0)|--config|config/a" } + [
            "evil", "precious",
        ],
        "profile list": ["--data|kit"],
        "profile show": ["plain", "file", "target", "suite", "escape", "$(evil)"].map { "\($0)|--data|kit" },
        "doctor": ["--data|kit", ""],
        "run": ["plain", "file"].flatMap { profile in
            ["out/tree", "good.tar", "spec/good.spec", "git:repo@start", "dsc/linux_6.1-1.dsc", "links.tar"].map {
                "\(profile)|--data|kit|--work|out/w|--stop-after|apply|--source|\($0)"
            }
        }
            + ["q-good", "q-names", "q-makelink", "q-options", "mail.eml"].map {
                "plain|--data|kit|--work|out/w|--stop-after|apply|--source|good.tar|--series|\($0)"
            },
        "build": [
            "--tree|image|--config|config/a|--into|out/b", "--tree|out/merge|--config|config/bad|--into|out/b",
        ],
        "boot": [
            "--kernel|image/script|--data|kit|--work|out/boot", "--kernel|image/$(evil)|--data|kit|--work|out/boot",
        ],
    ]

    private static let series =
        [
            "q-good", "q-ed", "q-prereq", "q-away", "q-link", "q-dots", "q-absolute", "q-makelink", "q-hook", "q-names",
            "q-options", "q-gone", "suse", "mail.eml", "packed.patch.gz", "box.mbox", "series/good.patch",
        ] + ["names/$(evil).patch", "names/-e evil.patch", "names/--output=precious.patch"]
    private static let specs = [
        "good.spec", "macros.spec", "lua.spec", "commands.spec", "writes.spec", "condition.spec",
    ]
    private static let sources = [
        "good.tar", "state.tar", "links.tar", "absolute.tar", "through.tar", "dots.tar", "good.tar.gz",
        "./bad;evil.tar.xz",
        "./$(evil).tar.gz", "script.tar", "dsc/linux_6.1-1.dsc", "git:repo@start", "git:repo@HEAD", "git:lazy@start",
        "git:repo@--output=precious/file", "git:ext::evil@HEAD", "plain",
    ]
    private static let trees = [
        "plain", "tree", "good.tar", "state.tar", "links.tar", "dots.tar", "git:repo@start", "git:lazy@start",
        "dsc/linux_6.1-1.dsc",
    ]

    /// The words of every command that has no others below it.
    private static func commands() throws -> Set<String> {
        struct Command: Decodable {
            let commandName: String
            let subcommands: [Command]?
        }
        struct Dump: Decodable { let command: Command }
        func leaves(_ command: Command, _ words: [String]) -> [String] {
            let below = (command.subcommands ?? []).filter { $0.commandName != "help" }
            return below.isEmpty
                ? [words.joined(separator: " ")] : below.flatMap { leaves($0, words + [$0.commandName]) }
        }
        let dump = try TestSupport.run(CommandFolder.program.path, ["--experimental-dump-help"])
        return Set(leaves(try JSONDecoder().decode(Dump.self, from: Data(dump.output)).command, []))
    }

    @Test("a command without a case here is a fault")
    func everyCommandHasCases() throws {
        let known = Set(Self.cases.filter { !$0.value.isEmpty }.keys)
        #expect(try Self.commands() == known)
    }

    @Test("nothing starts and nothing outside changes", arguments: cases.keys.sorted())
    func nothingStarts(command: String) throws {
        let hostile = try HostileFolder()
        let before = try hostile.fingerprint()
        let prepared = """
            rm -rf out; mkdir out; cp -a linked out/tree; cp -a journal out/journal
            mkdir -p out/merge/arch/x86 out/merge/init out/merge/scripts; cp plain/Kconfig out/merge/
            printf 'VERSION = 6\\nPATCHLEVEL = 1\\nSUBLEVEL = 0\\n%%config:\\n\\t@exit 1\\n' > out/merge/Makefile
            """
        var statuses: [Int32: Int] = [:]
        for line in try #require(Self.cases[command]) {
            #expect(shell(prepared, in: hostile.folder.path) == 0)
            let words = command.split(separator: " ").map(String.init)
            let arguments = words + line.split(separator: "|").map(String.init)
            let result = try hostile.folder.dom0kit(arguments, environment: hostile.environment)
            statuses[result.status, default: 0] += 1
            // Neither a crash nor a bug.
            #expect(result.status >= 0 && result.status < 128 && result.status != 70, "\(arguments): \(result)")
            #expect(hostile.started.isEmpty, "\(arguments) started \(hostile.started)")
            if !hostile.started.isEmpty { try Files.remove(hostile.folder.path.appending("started")) }
        }
        #expect(try hostile.fingerprint() == before, "\(command) changed something outside of its output")
        // Inputs that all are refused at the door show nothing.
        if ["verify", "apply", "source import", "series list", "run", "config explain", "series upstream"].contains(
            command)
        {
            #expect(statuses[0] ?? 0 > 1, "\(command): \(statuses)")
        }
    }

    @Test("the detector sees a program that starts, and each kind of change")
    func theDetectorWorks() throws {
        let hostile = try HostileFolder()
        #expect(hostile.started.isEmpty)
        #expect(shell("cd tree && ./git status", in: hostile.folder.path) == 0)
        #expect(hostile.started.contains("./git status"))
        try Files.remove(hostile.folder.path.appending("started"))
        // The tools that the doors were built for do walk through them.
        let evil = hostile.environment
        let diff = "GIT_EXTERNAL_DIFF='\(evil["PAGER"] ?? "")' git --git-dir=repo/.git diff start done -- init"
        _ = shell(diff, in: hostile.folder.path)
        #expect(hostile.started.contains("evil"), "git itself starts the canary")
        for change in [
            "echo x >> precious/file", "chmod 600 precious/link precious/file", "touch precious/folder/file",
            "touch precious/new", "rm precious/link", "ln -sfn folder precious/link", "echo x > repo/.git/new",
        ] {
            let before = try hostile.fingerprint()
            #expect(shell(change, in: hostile.folder.path) == 0)
            #expect(try hostile.fingerprint() != before, "\(change)")
        }
    }
}
