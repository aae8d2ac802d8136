/// Commands that run other commands: `eval`, `sh -c`, scripts, `xargs`.
extension SpecPrep {
    /// Follows text as a script.
    mutating func follow(script text: String, _ command: ShellCommand, inSubshell: Bool) throws(SpecProblem) {
        let line = callLine ?? command.line
        let nodes: [ShellNode]
        do throws(SpecProblem) {
            guard text.utf8.count <= 1 << 20 else { throw SpecProblem(line: line, reason: "it is too long") }
            try charge(1 + text.utf8.count / 64)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { (line, String($0)) }
            nodes = try ShellParser.parse(lines)
        } catch {
            if error.reason.contains("commands: loops") { throw error }
            gap(command, "a script that is not understood may change the tree")
            return
        }
        let outer = callLine
        callLine = line
        if inSubshell {
            _ = try subshell { (prep) throws(SpecProblem) in try prep.run(nodes) }
        } else {
            try run(nodes)
        }
        callLine = outer
    }

    /// `eval`, `sh`, `.` and their kin.
    mutating func shell(
        _ name: String, _ arguments: [String?], _ command: ShellCommand, _ input: Input
    ) throws(SpecProblem) -> Truth {
        guard let known = arguments.allKnown?.map(ShellText.plain) else {
            gap(command)
            return .unknown(command.text)
        }
        switch name {
        case "exec":
            // Alone it only says where output goes.
            let isToTree = command.redirections.contains {
                $0.writes && expand($0.word).map(ShellText.plain) != "/dev/null"
            }
            if !known.isEmpty || isToTree { gap(command) }
            return .yes
        case "eval": try follow(script: known.joined(separator: " "), command, inSubshell: false)
        case ".", "source":
            guard let file = known.first else { return .yes }
            try source(file, Array(known.dropFirst()), command, inSubshell: false)
        default:
            var rest = known[...]
            while let option = rest.first, option.hasPrefix("-") || option.hasPrefix("+"), option != "-" {
                rest = rest.dropFirst()
                if option == "-o" { rest = rest.dropFirst() }
                if !option.hasPrefix("--"), option.contains("c"), option != "--rcfile" {
                    guard let text = rest.popFirst() else { return .yes }
                    let outer = positional
                    positional = Array(rest.dropFirst())
                    try follow(script: text, command, inSubshell: true)
                    positional = outer
                    return .assumed(checked: false)
                }
                if option == "-s" { break }
            }
            if let file = rest.first, file != "-" {
                try source(file, Array(rest.dropFirst()), command, inSubshell: true)
                break
            }
            switch input {
            case .text(let text): try follow(script: text, command, inSubshell: true)
            case .file(let place):
                guard let text = text(at: place) else {
                    gap(command, "a script that is not known may change the tree")
                    break
                }
                try follow(script: text, command, inSubshell: true)
            default: gap(command, "a script that is not known may change the tree")
            }
        }
        write(command.redirections, text: nil, line: command.line, what: command.text)
        return .assumed(checked: false)
    }

    /// Follows a script file.
    private mutating func source(
        _ path: String, _ arguments: [String], _ command: ShellCommand, inSubshell: Bool
    ) throws(SpecProblem) {
        guard let text = text(at: place(path: path)) else {
            return gap(command, "a script that is not known may change the tree")
        }
        let outer = positional
        if inSubshell || !arguments.isEmpty { positional = arguments }
        try follow(script: text, command, inSubshell: inSubshell)
        positional = outer
        if !inSubshell, stop == .returned { stop = nil }
    }

    /// A program by its path: a script of the sources, or something of the tree.
    mutating func script(
        at path: String, _ arguments: [String?], _ command: ShellCommand, _ input: Input
    ) throws(SpecProblem) -> Truth {
        let place = place(path: path)
        let name = Self.name(of: path)
        let words = arguments.map { $0.map(ShellText.plain) }
        // Kbuild's own programs work on configurations.
        if case .build(let file) = place {
            if file.hasSuffix("scripts/config") || file.hasSuffix("scripts/kconfig/merge_config.sh") {
                change([inFolder(".config")], command.line, command.text)
                return .assumed(checked: false)
            }
        }
        if case .build(let file) = place, file.hasSuffix("scripts/bin2c") {
            write(command.redirections, text: nil, line: command.line, what: command.text)
            return .assumed(checked: false)
        }
        guard let text = text(at: place) else {
            gap(command, "a program that is not known may change the tree")
            return .unknown(command.text)
        }
        if Harmless.packagingScripts.contains(name), !Harmless.patchers.contains(where: text.contains) {
            // Their arguments and the folder they run in are theirs to change.
            change([], command.line, command.text)
            write(command.redirections, text: nil, line: command.line, what: command.text)
            return .assumed(checked: false)
        }
        let first = text.prefix { $0 != "\n" }
        let isShell = ["/sh", "/bash", "/dash", " sh", " bash"].contains {
            first.hasSuffix($0) || first.contains($0 + " ")
        }
        guard first.hasPrefix("#!") ? isShell : true, let known = words.allKnown else {
            gap(command, "a program that is not read may change the tree")
            return .unknown(command.text)
        }
        let outer = positional
        positional = known
        try follow(script: text, command, inSubshell: true)
        positional = outer
        write(command.redirections, text: nil, line: command.line, what: command.text)
        return .assumed(checked: false)
    }

    /// A path in the folder at hand.
    func inFolder(_ path: String) -> String { build(path) ?? path }

    /// `xargs`: the command behind it, for each word of what it reads.
    mutating func xargs(_ arguments: [String?], _ command: ShellCommand, _ input: Input) throws(SpecProblem) -> Truth {
        guard var rest = arguments.allKnown?[...] else {
            gap(command)
            return .unknown(command.text)
        }
        var replaced: String?
        var each: Int?
        while let option = rest.first.map(ShellText.plain), option.hasPrefix("-") {
            rest = rest.dropFirst()
            switch option {
            case "-r", "-0", "--no-run-if-empty", "-t", "--null": continue
            case "-I", "-n", "-P", "-L", "-l", "-d":
                let value = rest.popFirst().map(ShellText.plain)
                if option == "-I" { replaced = value }
                if option == "-n" || option == "-L" { each = value.flatMap { Int($0) } }
            case "-i": replaced = "{}"
            default:
                if option.hasPrefix("-n"), let number = Int(option.dropFirst(2)) {
                    each = number
                } else if option.hasPrefix("-I") {
                    replaced = String(option.dropFirst(2))
                } else if !option.hasPrefix("-P"), option != "-0r", option != "-r0" {
                    gap(command)
                    return .unknown(command.text)
                }
            }
        }
        let inner = Array(rest)
        guard let name = inner.first.map(Self.name(of:)) else { return .yes }
        let plain = inner.dropFirst().map(ShellText.plain)
        if Harmless.holds(name, plain), functions[name] == nil { return .unknown(command.text) }
        if case .unknown(let producer?) = input, Self.name(of: producer.words.first ?? "") == "find" {
            if name == "rm", plain.allSatisfy({ ["-f", "-v", "-rf"].contains($0) }),
                let action = find(producer.words, deletes: true)
            {
                add(action, command.line)
                return .assumed(checked: false)
            }
            if Self.changesItsFiles(name, plain), let folders = searched(producer.words) {
                change(folders, command.line, "\(producer.text) | \(command.text)")
                return .assumed(checked: false)
            }
        }
        let text: String?
        switch input {
        case .text(let known): text = known
        case .file(let place): text = self.text(at: place)
        default: text = nil
        }
        guard let text, !text.contains(where: { "'\"\\".contains($0) }) else {
            gap(command)
            return .unknown(command.text)
        }
        let items = replaced == nil ? text.split { " \n\t".contains($0) }.map(String.init) : Self.lines(text)
        let size = replaced == nil ? max(1, each ?? max(1, items.count)) : 1
        var index = 0
        while index < items.count, stop == nil {
            let part = items[index..<min(index + size, items.count)].map(ShellText.quoted)
            let words: [String]
            if let replaced, let item = part.first {
                words = inner.map {
                    $0.split(separator: replaced, omittingEmptySubsequences: false).joined(separator: item)
                }
            } else {
                words = inner + part
            }
            _ = try run(ShellCommand(words: words, line: command.line), input: .text(""))
            index += size
        }
        return .assumed(checked: false)
    }

    /// Programs that change the files they are given, and nothing else.
    static func changesItsFiles(_ name: String, _ arguments: [String]) -> Bool {
        switch name {
        case "sed": arguments.contains { $0.hasPrefix("-i") || $0.hasPrefix("--in-place") }
        case "chmod", "touch", "dos2unix", "unix2dos", "chown", "chgrp": true
        default: false
        }
    }
}
