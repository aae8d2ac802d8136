/// Parses the shell of `%prep`.
struct ShellParser {
    private let tokens: [ShellText.Token]
    private var index = 0
    /// The structures around the token at hand.
    private var depth = 0

    static func parse(_ lines: [(line: Int, text: String)]) throws(SpecProblem) -> [ShellNode] {
        var parser = ShellParser(tokens: try ShellText.tokens(lines))
        let nodes = try parser.list(until: [])
        guard parser.index == parser.tokens.count else {
            throw parser.problem("'\(parser.text)' is where no command begins")
        }
        return nodes
    }

    private init(tokens: [ShellText.Token]) { self.tokens = tokens }

    private var token: ShellText.Token? { index < tokens.count ? tokens[index] : nil }

    private var text: String {
        switch token {
        case .word(let word, _): word
        case .sign(let sign, _): sign
        case nil: ""
        }
    }

    private var line: Int { token?.line ?? tokens.last?.line ?? 1 }

    private func problem(_ reason: String) -> SpecProblem {
        SpecProblem(line: line, reason: "the shell text of %prep is not understood: \(reason)")
    }

    private func isSign(_ signs: String...) -> Bool {
        if case .sign(let sign, _) = token { signs.contains(sign) } else { false }
    }

    private mutating func skipSeparators() { while isSign("\n", ";", "&") { index += 1 } }

    private mutating func expect(_ word: String) throws(SpecProblem) {
        guard case .word(word, _) = token else { throw problem("'\(word)' is missing before '\(text)'") }
        index += 1
    }

    private mutating func list(until ends: Set<String>) throws(SpecProblem) -> [ShellNode] {
        var nodes: [ShellNode] = []
        while true {
            skipSeparators()
            guard let token else {
                guard ends.isEmpty else { throw problem("it ends without \(ends.sorted().joined(separator: " or "))") }
                return nodes
            }
            switch token {
            case .word(let word, _) where ends.contains(word): return nodes
            case .sign(let sign, _) where ends.contains(sign): return nodes
            case .sign(")", _), .sign(";;", _): return nodes
            default: nodes.append(try chain())
            }
        }
    }

    private mutating func chain() throws(SpecProblem) -> ShellNode {
        let first = try pipeline()
        var rest: [ShellLink] = []
        while isSign("&&", "||") {
            let sign = text
            index += 1
            while isSign("\n") { index += 1 }
            rest.append(ShellLink(sign: sign, node: try pipeline(), line: line))
        }
        return rest.isEmpty ? first : .chain(first, rest)
    }

    private mutating func pipeline() throws(SpecProblem) -> ShellNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw problem("it is nested too deeply") }
        var negated = false
        while case .word("!", _) = token {
            negated.toggle()
            index += 1
        }
        var nodes = [try redirected()]
        while isSign("|", "|&") {
            index += 1
            while isSign("\n") { index += 1 }
            nodes.append(try redirected())
        }
        return nodes.count == 1 && !negated ? nodes[0] : .pipeline(nodes, negated: negated)
    }

    private static let redirections: Set<String> = [
        "<", ">", ">>", ">&", "<&", "&>", "&>>", ">|", "<<", "<<-", "<<<", "<>",
    ]

    /// A command or a structure, with where its input and output go.
    private mutating func redirected() throws(SpecProblem) -> ShellNode {
        let start = line
        guard let structure = try structure() else { return .command(try command()) }
        // Where a function's output goes is said with its definition.
        var redirections: [ShellRedirection] = []
        while case .sign(let sign, _) = token, Self.redirections.contains(sign) {
            redirections.append(try redirection(sign))
        }
        return redirections.isEmpty ? structure : .redirected(structure, redirections, line: start)
    }

    private mutating func redirection(_ sign: String) throws(SpecProblem) -> ShellRedirection {
        index += 1
        guard case .word(let word, _) = token else { throw problem("'\(sign)' names no file") }
        index += 1
        return ShellRedirection(sign: sign, word: word)
    }

    private mutating func command() throws(SpecProblem) -> ShellCommand {
        var command = ShellCommand(line: line)
        while let token {
            if case .word(let word, _) = token {
                command.words.append(word)
                index += 1
            } else if case .sign(let sign, _) = token, Self.redirections.contains(sign) {
                command.redirections.append(try redirection(sign))
            } else {
                break
            }
        }
        if command.words.isEmpty, command.redirections.isEmpty {
            throw problem("'\(text == "\n" ? "the line's end" : text)' is where a command should be")
        }
        return command
    }

    private mutating func structure() throws(SpecProblem) -> ShellNode? {
        let start = line
        if isSign("(") {
            index += 1
            let nodes = try list(until: [")"])
            guard isSign(")") else { throw problem("'(' is not closed") }
            index += 1
            return .group(nodes, isSubshell: true)
        }
        guard case .word(let word, _) = token else { return nil }
        switch word {
        case "if": return try condition(start)
        case "for", "while", "until": return try loop(word, start)
        case "case": return try choice(start)
        case "{":
            index += 1
            let nodes = try list(until: ["}"])
            try expect("}")
            return .group(nodes, isSubshell: false)
        case "function":
            index += 1
            let name = text
            index += 1
            if isSign("(") { index += 2 }
            return try function(name, start)
        default:
            guard index + 2 < tokens.count, tokens[index + 1] == .sign("(", line: tokens[index + 1].line),
                tokens[index + 2] == .sign(")", line: tokens[index + 2].line)
            else { return nil }
            index += 3
            return try function(word, start)
        }
    }

    private mutating func function(_ name: String, _ line: Int) throws(SpecProblem) -> ShellNode {
        while isSign("\n") { index += 1 }
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw problem("it is nested too deeply") }
        guard let body = try structure() else { throw problem("the function '\(name)' has no body") }
        return .function(name: name, body: body, line: line)
    }

    /// `case WORD in PATTERN | PATTERN) … ;; esac`
    private mutating func choice(_ line: Int) throws(SpecProblem) -> ShellNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw problem("it is nested too deeply") }
        index += 1
        guard case .word(let subject, _) = token else { throw problem("'case' has no word") }
        index += 1
        while isSign("\n") { index += 1 }
        try expect("in")
        var branches: [ShellCase] = []
        while true {
            skipSeparators()
            if case .word("esac", _) = token { break }
            if isSign("(") { index += 1 }
            var patterns: [String] = []
            while case .word(let pattern, _) = token {
                patterns.append(pattern)
                index += 1
                if isSign("|") { index += 1 } else { break }
            }
            guard !patterns.isEmpty, isSign(")") else { throw problem("a pattern of 'case' does not end") }
            index += 1
            branches.append(ShellCase(patterns: patterns, body: try list(until: ["esac"])))
            if isSign(";;") {
                index += 1
            } else if case .word("esac", _) = token {
                break
            } else {
                throw problem("a 'case' has no 'esac'")
            }
        }
        try expect("esac")
        return .choice(word: subject, branches, line: line)
    }

    private mutating func condition(_ line: Int) throws(SpecProblem) -> ShellNode {
        var branches: [ShellBranch] = []
        var otherwise: [ShellNode] = []
        index += 1
        while true {
            let test = try list(until: ["then"])
            try expect("then")
            branches.append(ShellBranch(test: test, body: try list(until: ["elif", "else", "fi"])))
            let end = text
            index += 1
            if end == "else" {
                otherwise = try list(until: ["fi"])
                try expect("fi")
            }
            if end != "elif" { return .condition(branches, otherwise: otherwise, line: line) }
        }
    }

    private mutating func loop(_ kind: String, _ line: Int) throws(SpecProblem) -> ShellNode {
        index += 1
        var header: [String] = []
        var test: [ShellNode] = []
        if kind == "for" {
            while case .word(let word, _) = token {
                header.append(word)
                index += 1
            }
            skipSeparators()
        } else {
            test = try list(until: ["do"])
        }
        try expect("do")
        let start = index
        let body = try list(until: ["done"])
        var plain: [String] = []
        for token in tokens[start..<index] {
            switch token {
            case .word(let word, _): plain.append(ShellText.plain(word))
            case .sign("\n", _): if plain.last != ";" { plain.append(";") }
            case .sign(let sign, _): plain.append(sign)
            }
        }
        try expect("done")
        return .loop(ShellLoop(kind: kind, header: header, test: test, body: body, plain: plain, line: line))
    }
}
