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
            for word in assignments { assign(word) }
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
        let value = try run(Self.withoutPrefixes(values), command, input)
        if !assignments.isEmpty {
            let names = Set(assignments.map { String($0.prefix { $0 != "=" && $0 != "+" }) })
            for name in names { variables[name] = outer[name] }
        }
        return value
    }

    /// Commands in front of a command: `time`, `nice`, `env NAME=value`.
    private static func withoutPrefixes(_ values: [String?]) -> [String?] {
        var rest = values[...]
        while let first = rest.first, let name = first.map({ ShellText.plain($0) }) {
            switch Self.name(of: name) {
            case "time", "command", "builtin", "nohup", "exec", "stdbuf", "setarch", "ionice", "chrt", "linux32",
                "linux64",
                "unbuffer", "nice", "eatmydata":
                // `exec >file` is a redirection, `command -v` a question.
                let next = rest.dropFirst().first ?? nil
                if next == nil || name == "command" && next?.hasPrefix("-") == true { return Array(rest) }
                rest = rest.dropFirst()
                while let option = rest.first ?? nil, option.hasPrefix("-") {
                    rest = rest.dropFirst()
                    if ["-n", "-c", "-o", "-i", "-e"].contains(option) { rest = rest.dropFirst() }
                }
            case "env":
                var tail = rest.dropFirst()
                while let word = tail.first ?? nil, word.contains("=") || word == "-i" { tail = tail.dropFirst() }
                if let word = tail.first ?? nil, word.hasPrefix("-") { return Array(rest) }
                if tail.isEmpty { return Array(rest) }
                rest = tail
            default: return Array(rest)
            }
        }
        return Array(rest)
    }

    /// A command whose words are known as far as they can be.
    mutating func run(_ values: [String?], _ command: ShellCommand, _ input: Input) throws(SpecProblem) -> Truth {
        guard let first = values.first else { return .yes }
        guard let first else {
            gap(command, "the command is not known before it runs")
            return .unknown(command.text)
        }
        let word = ShellText.plain(first)
        let arguments = Array(values.dropFirst())
        if word.hasPrefix("%") { return try macro(command, word, arguments) }
        if let body = functions[word] { return try call(body, arguments, command, input) }
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
                    if let end = closing(characters, index + 1) {
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
            for word in command.words.dropFirst() where Self.isAssignment(word) { assign(word) }
            for word in command.words.dropFirst()
            where name == "local" && !Self.isAssignment(word) && !word.hasPrefix("-") {
                variables[ShellText.plain(word)] = ""
            }
            return .yes
        case "unset":
            for word in plain { word.map { variables[$0] = nil } }
            return .yes
        case "read":
            for word in plain.compactMap({ $0 }) where !word.hasPrefix("-") { variables[word] = nil }
            return .unknown(command.text)
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
            if let separator = plain.firstIndex(of: "--") {
                let rest = plain[(separator + 1)...]
                guard let known = Array(rest).allKnown else {
                    gap(command)
                    return .yes
                }
                positional = known
            }
            return .yes
        case "eval", ".", "source", "sh", "bash", "dash", "ksh", "zsh", "exec":
            return try shell(name, arguments, command, input)
        default: return nil
        }
        return .yes
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
        let value = try run(body, input: input)
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
