/// One command: what it is, and what becomes of it.
extension SpecPrep {
    mutating func run(_ command: ShellCommand, input given: Input) throws(SpecProblem) -> Truth {
        try charge()
        var words = command.words
        let input = self.input(of: command.redirections) ?? given
        // What stands in `$(…)` runs as well.
        for script in Self.substitutions(in: words + command.redirections.map(\.word)) {
            if output(ofScript: script) != nil { continue }
            try follow(script: script, command, inSubshell: true)
        }
        // `NAME=value … command`.
        var assignments: [String] = []
        while let first = words.first, Self.isAssignment(first) {
            assignments.append(first)
            words.removeFirst()
        }
        if words.isEmpty {
            for word in assignments {
                guardSplitting(word, command)
                assign(word)
            }
            write(command.redirections, text: "", line: command.line, what: command.text)
            return .yes
        }
        let outer = variables
        if !assignments.isEmpty {
            for word in assignments { assign(word) }
        }
        var values = self.values(words)
        // A macro that is still one is told by its name.
        if let first = words.first, first.hasPrefix("%") { values = [first] + self.values(Array(words.dropFirst())) }
        for word in assignments where word.hasPrefix("PATH") { guardSplitting(word, command) }
        let value = try run(Self.withoutPrefixes(values), command, input)
        if !assignments.isEmpty {
            let names = Set(assignments.map { String($0.prefix { $0 != "=" && $0 != "+" }) })
            for name in names { variables[name] = outer[name] }
        }
        return value
    }

    /// What is left of a command's words behind `time`, `nice`, `env NAME=value` and their kin.
    private struct Bare {
        var words: ArraySlice<String?>
        /// Whether what stands in front starts programs only: functions of the same name do not count then.
        var isProgram = false
    }

    /// Takes away the commands in front of a command.
    private static func withoutPrefixes(_ values: [String?]) -> Bare {
        var bare = Bare(words: values[...])
        while let first = bare.words.first, let name = first.map({ ShellText.plain($0) }) {
            switch Self.name(of: name) {
            case "time", "command", "builtin", "nohup", "exec", "stdbuf", "setarch", "ionice", "chrt", "linux32",
                "linux64",
                "unbuffer", "nice", "eatmydata":
                // `exec >file` is a redirection, `command -v` a question.
                let next = bare.words.dropFirst().first ?? nil
                if next == nil || name == "command" && next?.hasPrefix("-") == true { return bare }
                bare.words = bare.words.dropFirst()
                while let option = bare.words.first ?? nil, option.hasPrefix("-") {
                    bare.words = bare.words.dropFirst()
                    if ["-n", "-c", "-o", "-i", "-e"].contains(option) { bare.words = bare.words.dropFirst() }
                }
                // The shell's word `time` is followed by a whole command.
                if name != "time" { bare.isProgram = true }
            case "env":
                guard let rest = behind(env: bare.words.dropFirst()) else { return bare }
                bare = Bare(words: rest, isProgram: true)
            default: return bare
            }
        }
        return bare
    }

    /// The command that `env` starts; `nil` where it starts none, or with an option that is not known.
    private static func behind(env words: ArraySlice<String?>) -> ArraySlice<String?>? {
        var rest = words
        while let word = rest.first ?? nil {
            let plain = ShellText.plain(word)
            if isAssignment(plain) || ["-", "-i", "--ignore-environment"].contains(plain)
                || plain.hasPrefix("--unset=")
            {
                rest = rest.dropFirst()
            } else if plain == "-u" {
                rest = rest.dropFirst(2)
            } else {
                return plain.hasPrefix("-") ? nil : rest
            }
        }
        return rest.isEmpty ? nil : rest
    }

    /// A command whose words are known as far as they can be.
    private mutating func run(_ bare: Bare, _ command: ShellCommand, _ input: Input) throws(SpecProblem) -> Truth {
        let values = bare.words
        guard let first = values.first else { return .yes }
        guard let first else {
            gap(command, "the command is not known before it runs")
            return .unknown(command.text)
        }
        let word = ShellText.plain(first)
        let arguments = Array(values.dropFirst())
        if word.hasPrefix("%") { return try macro(command, word, arguments) }
        if !bare.isProgram, let body = functions[word] { return try call(body, arguments, command, input) }
        if word.contains("/"), !["/bin", "/usr/bin", "/sbin", "/usr/sbin"].contains(Self.folder(of: word)) {
            return try script(at: word, arguments, command, input)
        }
        let name = Self.name(of: word)
        if let value = try builtin(name, arguments, command, input) { return value }
        if let value = try patcher(name, arguments, command, input) { return value }
        if Harmless.holds(name, arguments.map { $0.map(ShellText.plain) }) {
            write(command.redirections, text: printed(command, input), line: command.line, what: command.text)
            if ["[", "[[", "test"].contains(name) { return truth(command) }
            return found(by: name, command, input) ?? Self.answer(name, command)
        }
        if let known = arguments.allKnown, files(name, known, command, input) {
            write(command.redirections, text: nil, line: command.line, what: command.text)
            return .assumed(checked: false)
        }
        if let value = try other(name, arguments, command, input) { return value }
        gap(command)
        return .unknown(command.text)
    }

    private func printed(_ command: ShellCommand, _ input: Input) -> String? {
        var silent = command
        silent.redirections.removeAll(where: \.writes)
        return output(of: [.command(silent)], input: input)
    }

    /// Whether grep finds something, in text that is known.
    private func found(by name: String, _ command: ShellCommand, _ input: Input) -> Truth? {
        guard ["grep", "egrep", "fgrep"].contains(name) else { return nil }
        var plain = command
        plain.words = command.words.drop { Self.isAssignment($0) }.filter { $0 != "-q" && $0 != "-s" }
            .map { $0 == "-qE" || $0 == "-Eq" ? "-E" : $0 == "-qv" ? "-v" : $0 }
        return printed(plain, input).map { $0.isEmpty ? .no : .yes }
    }

    private static func folder(of word: String) -> String {
        guard let slash = word.lastIndex(of: "/") else { return "" }
        return String(word[..<slash])
    }

    /// What is known of the status of a command that changes nothing.
    private static func answer(_ name: String, _ command: ShellCommand) -> Truth {
        switch name {
        case "true", ":", "echo", "printf", "set", "shopt", "cat", "pwd", "sleep", "umask", "ulimit": .yes
        case "false": .no
        default: .unknown(command.text)
        }
    }

    /// A variable that changes how everything behind it is read: how words are split, or which program a name means.
    private mutating func guardSplitting(_ word: String, _ command: ShellCommand) {
        let name = word.prefix { $0 != "=" && $0 != "+" }
        switch name {
        case "IFS": gap(command, "words are split in another way from here on")
        case "PATH":
            var other = self
            other.variables["PATH"] = "/usr/bin"
            let value = other.expand(String(word[word.index(after: word.firstIndex(of: "=") ?? word.startIndex)...]))
            let folders = value.map { ShellText.plain($0).split(separator: ":", omittingEmptySubsequences: false) }
            if folders?.allSatisfy({ $0.hasPrefix("/") && place(path: String($0)) == nil }) != true {
                gap(command, "which programs are run from here on is not known")
            }
        default: break
        }
    }

    static func isAssignment(_ word: String) -> Bool {
        guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
        let name = word[..<equals]
        let plain = name.last == "+" ? name.dropLast() : name
        guard let first = plain.first, !first.isNumber else { return false }
        return plain.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    mutating func assign(_ word: String) {
        guard let equals = word.firstIndex(of: "=") else { return }
        var name = String(word[..<equals])
        let value = expand(String(word[word.index(after: equals)...])).map(ShellText.plain)
        if name.hasSuffix("+") {
            name.removeLast()
            variables[name] = value.flatMap { value in variables[name].map { $0 + value } }
        } else {
            variables[name] = value
        }
        if let text = variables[name], text.utf8.count > 1 << 20 { variables[name] = nil }
    }

    /// The commands inside `$(…)` and backticks of words.
    private static func substitutions(in words: [String]) -> [String] {
        var found: [String] = []
        for word in words where ShellText.isComputed(word) {
            let characters = Array(word)
            var index = 0
            while index < characters.count {
                if characters[index] == ShellText.quote {
                    index += 2
                    continue
                }
                if characters[index] == "`" {
                    let end = characters[(index + 1)...].firstIndex(of: "`") ?? characters.count
                    found.append(String(characters[min(index + 1, end)..<end]))
                    index = end + 1
                    continue
                }
                if "$<>".contains(characters[index]), index + 1 < characters.count, characters[index + 1] == "(" {
                    if let end = ShellText.closing(characters, index + 1) {
                        let inner = String(characters[(index + 2)..<end])
                        if !inner.hasPrefix("(") { found.append(inner) }
                        index = end + 1
                        continue
                    }
                }
                index += 1
            }
        }
        return found
    }

    // MARK: the shell's own commands

    /// - Returns: `nil` for a command that is none of the shell's.
    private mutating func builtin(
        _ name: String, _ arguments: [String?], _ command: ShellCommand, _ input: Input
    ) throws(SpecProblem) -> Truth? {
        let plain = arguments.map { $0.map(ShellText.plain) }
        switch name {
        case "cd", "chdir":
            let operands = plain.filter { $0 != "-P" && $0 != "-L" && $0 != "--" }
            if operands == ["-"], let last = stack.last {
                folder = last
            } else {
                let before = folder
                change(to: operands.first ?? nil)
                if folder == nil { gap(command, "the folder is not known from here on") }
                if stack.isEmpty { stack.append(before) } else { stack[stack.count - 1] = before }
            }
            return .assumed(checked: false)
        case "pushd":
            stack.append(folder)
            change(to: plain.first ?? nil)
            if folder == nil { gap(command, "the folder is not known from here on") }
            return .assumed(checked: false)
        case "popd":
            if let last = stack.popLast() {
                folder = last
            } else {
                gap(command, "the folder is not known from here on")
            }
            return .assumed(checked: false)
        case "export", "local", "declare", "typeset", "readonly":
            declare(name, command)
            return .yes
        case "unset":
            for case let word? in plain where !word.hasPrefix("-") {
                if variables[word] == nil || plain.first == "-f" { functions[word] = nil }
                if plain.first != "-f" { variables[word] = nil }
            }
            return .yes
        case "read", "getopts":
            for word in plain.compactMap({ $0 }) where !word.hasPrefix("-") { variables[word] = nil }
            if name == "getopts" { (variables["OPTARG"], variables["OPTIND"]) = (nil, nil) }
            return .unknown(command.text)
        case "let":
            // Whatever it names may have another value.
            for word in command.words.dropFirst() {
                for part in ShellText.plain(word).split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") })
                {
                    variables[String(part)] = nil
                }
            }
            return .unknown(command.text)
        case "printf":
            guard let option = plain.first ?? nil, option.hasPrefix("-v") else { return nil }
            let target = option == "-v" ? plain.dropFirst().first ?? nil : String(option.dropFirst(2))
            if let target { variables[target] = nil } else { gap(command) }
            return .yes
        case "alias":
            if !arguments.isEmpty { gap(command, "a word means another command from here on") }
            return .yes
        case "hash":
            if plain.contains(where: { $0?.hasPrefix("-p") ?? true }) { gap(command) }
            return .yes
        case "shopt":
            // These change what words or pipes mean.
            let risky = ["nocasematch", "expand_aliases", "lastpipe", "compat31"]
            if plain.contains(where: { $0.map(risky.contains) ?? true }) { gap(command) }
            return .yes
        case "shift":
            let number = plain.first.map { $0.flatMap { Int($0) } } ?? 1
            if let number, number >= 0, number <= positional.count {
                positional.removeFirst(number)
            } else {
                gap(command)
            }
            return .yes
        case "return":
            stop = .returned
            return plain.first.map { $0 == "0" ? .yes : $0 == nil ? .unknown("return") : .no } ?? .yes
        case "exit":
            exitLine = callLine ?? command.line
            stop = .exited(plain.first.map { $0.flatMap { Int($0) } } ?? 0)
            return .yes
        case "break": stop = .broke
        case "continue": stop = .continued
        case "trap":
            // What it names runs when the shell ends or fails.
            if let action = plain.first ?? nil, !action.isEmpty, action != "-" {
                try compare(
                    [.command(ShellCommand(words: ["eval", ShellText.quoted(action)], line: command.line))], [], "trap",
                    command.line)
            }
            return .yes
        case "set":
            set(plain, command)
            return .yes
        case "eval", ".", "source", "sh", "bash", "dash", "ksh", "zsh", "exec":
            return try shell(name, arguments, command, input)
        default: return nil
        }
        return .yes
    }

    /// `set`: options, and the positional parameters.
    private mutating func set(_ words: [String?], _ command: ShellCommand) {
        guard let known = words.allKnown else { return gap(command) }
        var rest = known[...]
        while let word = rest.first, word.count > 1, word.hasPrefix("-") || word.hasPrefix("+"), word != "--" {
            rest = rest.dropFirst()
            if word.hasSuffix("o") { _ = rest.first.map { Self.plainOptions.contains($0) ? () : gap(command) } }
            if word.hasSuffix("o") { rest = rest.dropFirst() }
            // Letters that say what happens after a failure, or what is shown.
            if !word.dropFirst().allSatisfy({ "aeuxvhbmEHTo".contains($0) }) { gap(command) }
        }
        let isGiven = rest.first == "--"
        if isGiven { rest = rest.dropFirst() }
        if isGiven || !rest.isEmpty { positional = Array(rest) }
    }

    private static let plainOptions: Set<String> = [
        "allexport", "errexit", "errtrace", "functrace", "hashall", "history", "ignoreeof", "monitor", "nounset",
        "notify",
        "pipefail", "posix", "verbose", "xtrace", "emacs", "vi",
    ]

    /// `export`, `local` and their kin.
    private mutating func declare(_ name: String, _ command: ShellCommand) {
        let isLocal = name != "export" && name != "readonly" && !locals.isEmpty
        for word in command.words.dropFirst() {
            if word.hasPrefix("-") {
                // A reference to another variable, a number, or letters that change.
                if name != "export", name != "readonly", word.contains(where: "nilucA".contains) { gap(command) }
                continue
            }
            let variable = String(ShellText.plain(word).prefix { $0 != "=" && $0 != "+" })
            if isLocal, let last = locals.indices.last, locals[last].index(forKey: variable) == nil {
                locals[last].updateValue(variables[variable], forKey: variable)
            }
            if Self.isAssignment(word) {
                guardSplitting(word, command)
                assign(word)
            } else if isLocal {
                variables[variable] = ""
            }
        }
    }

    /// Calls a function of the spec.
    private mutating func call(
        _ body: ShellNode, _ arguments: [String?], _ command: ShellCommand, _ input: Input
    ) throws(SpecProblem) -> Truth {
        guard let known = arguments.allKnown else {
            gap(command, "what a function is called with is not known")
            return .unknown(command.text)
        }
        let outer = positional
        let before = (applied.count, gaps.count)
        positional = known.map(ShellText.plain)
        locals.append([:])
        let value = try run(body, input: input)
        // What was local is again what it was outside.
        for (name, before) in locals.popLast() ?? [:] { variables[name] = before }
        positional = outer
        if stop == .returned { stop = nil }
        write(command.redirections, text: nil, line: command.line, what: command.text)
        // The name that Fedora and RHEL give to a function that leaves short patches out: this is told.
        if command.words.first == "ApplyOptionalPatch", (applied.count, gaps.count) == before, let word = known.first,
            let file = ShellText.plain(word).split(separator: "/").last.map(String.init),
            let number = lists.number(of: file)
        {
            var application = PatchApplication(number: number, file: file, fuzz: 1, line: callLine ?? command.line)
            application.isOptional = true
            apply(application)
        }
        if case .yes = value { return .assumed(checked: applied.count > before.0) }
        return value
    }

    mutating func change(to path: String?) {
        guard let path, !ShellText.isPattern(path), let target = build(path) else {
            folder = nil
            return
        }
        folder = target.split(separator: "/").map(String.init)
        if let link = links.first(where: { target == $0 || target.hasPrefix($0 + "/") }) {
            gap(lists.line, "what is done in the folder behind the link '\(link)' is not followed")
        }
    }

    // MARK: output

    /// Where a command's output goes: a file of the tree is changed by it.
    mutating func write(_ redirections: [ShellRedirection], text: String?, line: Int, what: String) {
        for redirection in redirections where redirection.writes {
            guard let path = expand(redirection.word).map(ShellText.plain), !path.isEmpty,
                !ShellText.isPattern(redirection.word)
            else {
                gap(line, "a file that is not known is written: \(what.prefix(160))")
                continue
            }
            write(
                to: path, text: redirection.sign.hasPrefix("&") ? nil : text, appends: redirection.sign.hasSuffix(">>"),
                line, what)
        }
    }

    /// Text arrives in a file.
    mutating func write(to path: String, text: String?, appends: Bool, _ line: Int, _ what: String) {
        switch place(path: path) {
        case .source(let name):
            altered.insert(name)
            if lists.number(of: name) != nil { gap(line, "a patch is written by the spec itself: \(what.prefix(160))") }
        case .build(let file):
            if let text {
                let before = appends ? texts[file] : ""
                let source = copies[file]
                forget(file)
                if let before { texts[file] = before + text } else if appends, let source { altered.insert(source) }
                made.insert(file)
                add(.write(file: file, text: text, appends: appends), line)
            } else {
                change([file], line, what)
                made.insert(file)
            }
        case nil:
            if path.hasPrefix("/") || path.hasPrefix("~") { return }
            gap(line, "a file that is not known is written: \(what.prefix(160))")
        }
    }
}

extension Array where Element == String? {
    /// All of them, where all are known.
    var allKnown: [String]? {
        let known = compactMap { $0 }
        return known.count == count ? known : nil
    }
}
