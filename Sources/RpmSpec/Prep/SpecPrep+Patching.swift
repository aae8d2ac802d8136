/// The programs that apply patches.
extension SpecPrep {
    /// - Returns: `nil` for a command that is none of them.
    mutating func patcher(
        _ name: String, _ arguments: [String?], _ command: ShellCommand, _ input: Input
    ) throws(SpecProblem) -> Truth? {
        guard ["patch", "git", "quilt"].contains(name) else { return nil }
        guard let known = arguments.allKnown else {
            let words = arguments.map { $0.map(ShellText.plain) }
            if name == "git", Self.isHarmless(git: words) { return .assumed(checked: false) }
            miss(command)
            return .unknown(command.text)
        }
        // These change what the programs do.
        let steering = ["POSIXLY_CORRECT", "GIT_DIR", "GIT_WORK_TREE", "QUILT_PATCH_OPTS", "QUILT_PUSH_ARGS"]
        if steering.contains(where: { variables[$0].map { !$0.isEmpty } ?? false }) {
            miss(command)
            return .unknown(command.text)
        }
        let before = gaps.count
        switch name {
        case "patch":
            if patch(known, command, input) == .dry {
                // Whether it would fit is a question, and only the tree answers it.
                write(command.redirections, text: nil, line: command.line, what: command.text)
                if !isQuestion { gap(command, "the build ends here if a patch does not fit") }
                return .unknown(command.text)
            }
        case "git": return git(known, command, input)
        default: quilt(known.map(ShellText.plain), command)
        }
        write(command.redirections, text: nil, line: command.line, what: command.text)
        return gaps.count == before ? .assumed(checked: true) : .unknown(command.text)
    }

    /// A patch is applied in a way that is not known: the series lacks it.
    mutating func miss(_ command: ShellCommand) {
        gap(command, "a patch is applied in a way that is not read")
    }

    /// Gives an application its file, or its text.
    private func bind(_ input: Input, to application: inout PatchApplication, _ line: Int) -> Bool {
        switch input {
        case .file(let place):
            if case .build(let path) = place, let text = texts[path] {
                application.text = text
                application.file = path.split(separator: "/").last.map(String.init) ?? path
                return true
            }
            guard let name = source(at: place), !ShellText.isPattern(name), !altered.contains(name) else {
                return false
            }
            application.file = name
            application.number = lists.number(of: name)
            return true
        case .text(let text):
            application.text = text
            application.file = "line-\(line).patch"
            return true
        case .none, .unknown: return false
        }
    }

    // MARK: patch

    /// Whether patch(1) has changed something, or was only asked.
    private enum Manner {
        case real, dry
    }

    /// `patch … < FILE` and `patch … -i FILE`.
    private mutating func patch(_ arguments: [String], _ command: ShellCommand, _ input: Input) -> Manner {
        var application = PatchApplication(file: "", strip: 0, fuzz: 2, line: callLine ?? command.line)
        guard let read = options(arguments.map(ShellText.plain), &application) else {
            miss(command)
            return .real
        }
        if read.isDry { return .dry }
        // Without -p only the last part of each name counts.
        let source: Input = read.file.map { file in place(path: file).map { .file($0) } ?? .unknown(nil) } ?? input
        guard read.folderIsKnown, read.hasStrip, bind(source, to: &application, callLine ?? command.line) else {
            miss(command)
            return .real
        }
        apply(application, in: read.folder)
        return .real
    }

    private struct PatchOptions {
        var folder: String?
        var folderIsKnown = true
        var file: String?
        var isDry = false
        var hasStrip = false
    }

    /// Reads the options of patch(1).
    /// - Returns: `nil` for an option that is not known.
    private func options(_ words: [String], _ application: inout PatchApplication) -> PatchOptions? {
        var read = PatchOptions()
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            if word.hasPrefix("--") {
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                let value = parts.count == 2 ? parts[1] : nil
                switch parts[0] {
                case "--fuzz":
                    guard let fuzz = value.flatMap({ Int($0) }) else { return nil }
                    application.fuzz = fuzz
                case "--strip":
                    guard let strip = value.flatMap({ Int($0) }) else { return nil }
                    application.strip = strip
                    read.hasStrip = true
                case "--suffix": application.backup = value
                case "--backup": application.backup = application.backup ?? ".orig"
                case "--reverse": application.reverse = true
                case "--input": read.file = value
                case "--directory":
                    read.folder = value.flatMap { build($0) }
                    read.folderIsKnown = read.folder != nil
                case "--dry-run": read.isDry = true
                case "--no-backup-if-mismatch", "--backup-if-mismatch", "--quiet", "--silent", "--force", "--batch",
                    "--forward",
                    "--remove-empty-files", "--unified", "--verbose", "--posix", "--ignore-whitespace":
                    // Blanks that may differ are read more strictly here: what fits fits there as well.
                    break
                default: return nil
                }
                continue
            }
            guard word.hasPrefix("-"), word.count > 1 else { return nil }
            // Letters may stand together, as in `-sp1`; one with a value takes the rest.
            var letters = word.dropFirst()
            while let letter = letters.popFirst() {
                func value() -> String? {
                    let attached = String(letters)
                    letters = ""
                    if !attached.isEmpty { return attached }
                    guard index < words.count else { return nil }
                    index += 1
                    return words[index - 1]
                }
                switch letter {
                case "p", "F":
                    guard let number = value().flatMap({ Int($0) }), number >= 0 else { return nil }
                    if letter == "p" {
                        application.strip = number
                        read.hasStrip = true
                    } else {
                        application.fuzz = number
                    }
                case "i": read.file = value()
                case "z": application.backup = value()
                case "b": application.backup = application.backup ?? ".orig"
                case "d":
                    read.folder = value().flatMap { build($0) }
                    read.folderIsKnown = read.folder != nil
                case "R": application.reverse = true
                case "V": _ = value()
                case "E", "t", "N", "f", "u", "s", "l": break
                default: return nil
                }
            }
        }
        return read
    }

    // MARK: git

    /// What git does to its own records, or only tells.
    private static let gitIdle: Set<String> = [
        "init", "config", "add", "commit", "gc", "tag", "status", "log", "diff", "show", "rev-parse", "describe",
        "branch",
        "ls-files", "cat-file", "update-index", "write-tree", "remote", "version", "--version", "shortlog", "name-rev",
        "blame",
        "rev-list", "symbolic-ref", "for-each-ref", "merge-base", "notes",
    ]

    private static func isHarmless(git words: [String?]) -> Bool {
        guard let (verb, rest) = gitVerb(words.map { $0 ?? "?" }) else { return false }
        return gitIdle.contains(verb) && !steers(verb, rest)
    }

    /// Whether a command that else leaves the tree alone writes a file of its own choice, or changes how patches are
    /// applied.
    private static func steers(_ verb: String, _ words: [String]) -> Bool {
        if words.contains(where: { $0.hasPrefix("--output") }) { return true }
        guard verb == "config" else { return false }
        return words.contains { word in
            word == "-f" || word.hasPrefix("--file") || isSteering(key: word)
        }
    }

    private static func isSteering(key: String) -> Bool {
        let lower = key.lowercased()
        return lower.hasPrefix("apply.") || lower.hasPrefix("am.") || lower.hasPrefix("alias.")
            || ["core.autocrlf", "core.eol", "core.symlinks", "core.worktree", "core.ignorecase"].contains {
                lower.hasPrefix($0)
            }
    }

    /// The verb of a git command, and what is behind it; options that lead elsewhere are not read.
    private static func gitVerb(_ words: [String]) -> (verb: String, rest: [String])? {
        var rest = words[...]
        while let word = rest.first, word.hasPrefix("-"), word != "--version" {
            rest = rest.dropFirst()
            if word == "-c" {
                if let setting = rest.popFirst(), isSteering(key: setting) { return nil }
            } else if word == "-C" || word == "--work-tree" || word == "--git-dir" {
                guard let value = rest.popFirst(), value == "." || word == "--git-dir" else { return nil }
            } else if !["--work-tree=.", "--no-pager", "--bare", "-p"].contains(word), !word.hasPrefix("--git-dir=") {
                return nil
            }
        }
        guard let verb = rest.popFirst() else { return nil }
        return (verb, Array(rest))
    }

    private mutating func git(_ arguments: [String], _ command: ShellCommand, _ input: Input) -> Truth {
        guard let (verb, words) = Self.gitVerb(arguments.map(ShellText.plain)) else {
            gap(command)
            return .unknown(command.text)
        }
        if Self.gitIdle.contains(verb) {
            if Self.steers(verb, words) { gap(command) }
            write(command.redirections, text: nil, line: command.line, what: command.text)
            return ["diff", "status", "ls-files", "describe", "rev-parse"].contains(verb)
                ? .unknown(command.text) : .assumed(checked: false)
        }
        guard verb == "am" || verb == "apply" else {
            gap(command)
            return .unknown(command.text)
        }
        var template = PatchApplication(file: "", strip: 1, fuzz: 0, line: callLine ?? command.line)
        template.isForGit = true
        var files: [String] = []
        var isDry = false
        var onlyTells = false
        let rest = Array(arguments.suffix(words.count))
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            if word.hasPrefix("-p"), let strip = Int(word.dropFirst(2)) {
                template.strip = strip
            } else if word == "-R" || word == "--reverse" {
                template.reverse = true
            } else if word == "--check" {
                isDry = true
            } else if ["--stat", "--numstat", "--summary"].contains(word) {
                onlyTells = true
            } else if word.hasPrefix("--whitespace=") || word.hasPrefix("--committer")
                || [
                    "--index", "-v", "-q", "--quiet", "--verbose", "-s", "--signoff", "--keep-cr", "-3", "--3way",
                    "--apply", "-k",
                    "--keep", "--binary", "--allow-empty", "--no-gpg-sign", "--reject", "--ignore-date",
                    "--keep-non-patch", "-",
                    "--no-add-check", "--unsafe-paths", "--scissors", "--no-scissors",
                ].contains(word)
            {
                continue
            } else if word.hasPrefix("-") {
                miss(command)
                return .unknown(command.text)
            } else {
                files.append(rest[index - 1])
            }
        }
        if onlyTells, !isDry, !words.contains("--apply") { return .assumed(checked: false) }
        if isDry {
            if !isQuestion { gap(command, "the build ends here if a patch does not fit") }
            return .unknown(command.text)
        }
        var inputs: [Input] = []
        if files.isEmpty {
            inputs = [input]
        } else if let all = globbed(files) {
            inputs = all.map { file in place(path: ShellText.plain(file)).map { .file($0) } ?? .unknown(nil) }
        } else {
            inputs = [.unknown(nil)]
        }
        for input in inputs {
            var application = template
            guard bind(input, to: &application, template.line) else {
                miss(command)
                return .unknown(command.text)
            }
            apply(application)
        }
        return .assumed(checked: true)
    }

    // MARK: quilt

    /// `quilt push -a`, with a list and patches that come from the sources.
    private mutating func quilt(_ words: [String], _ command: ShellCommand) {
        guard let verb = words.first else { return }
        if ["series", "applied", "unapplied", "top", "next", "previous", "files", "--version", "header", "diff"]
            .contains(verb)
        {
            return
        }
        var fuzz = 2
        var takesAll = false
        for word in words.dropFirst() {
            if word.hasPrefix("--fuzz="), let number = Int(word.dropFirst("--fuzz=".count)) {
                fuzz = number
            } else if word == "-a" || word == "-qa" || word == "-aq" {
                takesAll = true
            } else if !["-q", "-v", "--quiltrc=-", "--color=never"].contains(word) {
                return miss(command)
            }
        }
        let folder = variables["QUILT_PATCHES"] ?? "patches"
        let list = variables["QUILT_SERIES"] ?? "series"
        let paths = list.hasPrefix("/") ? [list] : [folder + "/" + list, list]
        guard verb == "push", takesAll, let text = paths.compactMap({ text(at: place(path: $0)) }).first else {
            return miss(command)
        }
        var applications: [PatchApplication] = []
        for line in Self.lines(text) {
            let line = line.prefix { $0 != "#" }
            var parts = line.split { $0 == " " || $0 == "\t" }.map(String.init)[...]
            guard let name = parts.popFirst() else { continue }
            var application = PatchApplication(file: "", strip: 1, fuzz: fuzz, line: callLine ?? command.line)
            for part in parts {
                if part == "-R" {
                    application.reverse = true
                } else if part.hasPrefix("-p"), let strip = Int(part.dropFirst(2)) {
                    application.strip = strip
                } else {
                    return miss(command)
                }
            }
            guard let place = place(path: folder + "/" + name), bind(.file(place), to: &application, application.line)
            else {
                return miss(command)
            }
            applications.append(application)
        }
        for application in applications { apply(application) }
    }
}
