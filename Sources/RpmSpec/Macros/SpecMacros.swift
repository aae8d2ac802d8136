/// Something in a spec that cannot be read.
package struct SpecProblem: Error {
    /// The line, from 1.
    package let line: Int
    /// What is wrong.
    package let reason: String
}

/// The macros of a spec file, expanded without ever running anything.
///
/// `%(shell)`, `%{lua:…}` and the other forms that would run something expand to nothing, and are noted.
struct SpecMacros {
    /// A macro: its body, and the options it takes where it is parametric.
    struct Definition {
        var options: String?
        var body: String
    }

    private(set) var definitions: [String: Definition] = [:]
    /// What was met and not evaluated, with the line it was met in.
    private(set) var notEvaluated: [(line: Int, text: String)] = []
    /// The line in work, for notes and errors.
    var line = 0
    /// Whether a file of the sources has content; `nil` where it is not there.
    var isFilled: (String) -> Bool? = { _ in nil }

    init(_ values: [String: String]) {
        definitions = values.mapValues { Definition(options: nil, body: $0) }
        definitions["nil"] = Definition(options: nil, body: "")
    }

    mutating func define(_ name: String, _ body: String, options: String? = nil) {
        incomplete.remove(name)
        definitions[name] = Definition(options: options, body: body)
    }

    mutating func undefine(_ name: String) { definitions[name] = nil }

    /// The definition of the spec's own that changes what `%patch` and `%autopatch` do; `nil` where there is none.
    var steering: String? {
        func words(_ name: String) -> [Substring]? { definitions[name]?.body.split { $0 == " " || $0 == "\t" } }
        let plainFlags: Set<Substring> = ["-s", "--no-backup-if-mismatch", "-b", "--quiet"]
        if let flags = words("_default_patch_flags"), !flags.allSatisfy(plainFlags.contains) {
            return "%_default_patch_flags"
        }
        let programs: Set<Substring> = ["patch", "/usr/bin/patch", "/bin/patch", "%{_bindir}/patch"]
        if let program = words("__patch"), program.count != 1 || !program.allSatisfy(programs.contains) {
            return "%__patch"
        }
        return definitions.keys.filter { $0.hasPrefix("__scm_apply_") }.min().map { "%" + $0 }
    }

    func isDefined(_ name: String) -> Bool { definitions[name] != nil }

    /// Whether a text names a macro whose value depends on something that is not evaluated.
    func hangs(_ text: String) -> Bool {
        text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { word in
            guard let body = definitions[String(word)]?.body else { return false }
            return body.contains("%(") || body.contains("%{lua:") || incomplete.contains(String(word))
        }
    }

    /// How many texts were expanded, macros within macros among them: each line of a kernel's spec takes a few.
    private var steps = 0
    private static let mostSteps = 500_000

    /// Whether a parametric macro's body is in work.
    private var isInCall = false

    /// Macros whose values were made with something that is not evaluated (`%global`).
    var incomplete: Set<String> = []

    /// Text with every macro replaced; unknown ones stay as they are, as in rpm.
    mutating func expand(_ text: String) throws(SpecProblem) -> String { try expand(Array(text), depth: 0) }

    private mutating func note(_ text: String) { notEvaluated.append((line, text)) }

    private mutating func expand(_ text: [Character], depth: Int) throws(SpecProblem) -> String {
        steps += 1
        guard steps <= Self.mostSteps else {
            throw SpecProblem(
                line: line, reason: "its macros expand to more than a spec has (over \(Self.mostSteps) steps)")
        }
        // rpm itself gives up at a depth of 64.
        guard depth < 64 else { throw SpecProblem(line: line, reason: "a macro expands to itself without end") }
        var result = ""
        var index = 0
        while index < text.count {
            guard text[index] == "%", index + 1 < text.count else {
                result.append(text[index])
                index += 1
                continue
            }
            guard result.utf8.count <= 1 << 20 else {
                throw SpecProblem(line: line, reason: "a macro expands to more than 1 MiB of text")
            }
            let next = text[index + 1]
            if next == "%" {
                result.append("%")
                index += 2
            } else if next == "{" || next == "(" || next == "[" {
                guard let end = Self.closing(text, from: index + 1) else {
                    throw SpecProblem(line: line, reason: "'%\(next)' is not closed")
                }
                let inner = Array(text[(index + 2)..<end])
                switch next {
                case "{": result += try braced(inner, depth)
                case "(": result += try command(inner, depth)
                default:
                    let value = try SpecExpression.evaluate(try expand(inner, depth: depth + 1), line: line)
                    result += value.text
                }
                index = end + 1
            } else {
                var start = index + 1
                while start < text.count, text[start] == "!" || text[start] == "?" { start += 1 }
                var end = start
                if end < text.count, "*#".contains(text[end]) {
                    end += 1
                } else {
                    while end < text.count, text[end].isLetter || text[end].isNumber || text[end] == "_" { end += 1 }
                }
                let name = String(text[start..<end])
                guard !name.isEmpty else {
                    result.append("%")
                    index += 1
                    continue
                }
                let flags = String(text[(index + 1)..<start])
                // `%with NAME` takes the rest of its line, as any macro with parameters does.
                if ["with", "without", "defined", "undefined"].contains(name), flags.isEmpty, definitions[name] == nil,
                    end < text.count, text[end] == " " || text[end] == "\t"
                {
                    let stop = text[end...].firstIndex(of: "\n") ?? text.count
                    let words = try expand(Array(text[end..<stop]), depth: depth + 1).split { $0 == " " || $0 == "\t" }
                    if let word = words.first {
                        result += try braced(Array(name + " " + word), depth)
                        index = stop
                        continue
                    }
                }
                if definitions[name]?.options != nil, flags.isEmpty {
                    // A parametric macro takes the rest of its line.
                    let stop = text[end...].firstIndex(of: "\n") ?? text.count
                    result += try call(name, try expand(Array(text[end..<stop]), depth: depth + 1), depth)
                    index = stop
                } else {
                    result += try value(name, flags: flags, alternative: nil, whole: String(text[index..<end]), depth)
                    index = end
                }
            }
        }
        return result
    }

    /// `%(…)`: two idioms of kernel specs are known by their text, everything else is noted and gives nothing.
    private mutating func command(_ inner: [Character], _ depth: Int) throws(SpecProblem) -> String {
        let text = try expand(inner, depth: depth + 1)
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "\n" }.map(String.init)
        // Whether a patch that may be empty has something in it.
        if words.count == 10, words[0] == "[", words[1] == "-s", words[3...5] == ["]", "&&", "echo"], words[7] == "||",
            words[8] == "echo", words[2].hasPrefix(SpecPrep.sources + "/"),
            let isFilled = isFilled(String(words[2].dropFirst(SpecPrep.sources.count + 1)))
        {
            return isFilled ? words[6] : words[9]
        }
        // A switch from the environment, with a default.
        if words.count == 2, words[0] == "echo", words[1].hasPrefix("${"), words[1].hasSuffix("}"),
            let separator = words[1].firstIndex(of: ":"), words[1][separator...].hasPrefix(":-")
        {
            let value = words[1][separator...].dropFirst(2).dropLast()
            if value.allSatisfy({ $0.isLetter || $0.isNumber }) { return String(value) }
        }
        if let known = SpecPrep.output(ofMacro: text) { return known }
        note("%(\(String(inner)))")
        return ""
    }

    /// `%{…}`.
    private mutating func braced(_ inner: [Character], _ depth: Int) throws(SpecProblem) -> String {
        let flags = String(inner.prefix { $0 == "!" || $0 == "?" })
        let rest = Array(inner.dropFirst(flags.count))
        let nameEnd = rest.firstIndex { !($0.isLetter || $0.isNumber || "_*#-".contains($0)) } ?? rest.count
        let name = String(rest[..<nameEnd])
        let tail = Array(rest[nameEnd...])
        let argument = tail.first == ":" || tail.first == " " || tail.first == "\t" ? Array(tail.dropFirst()) : tail
        switch name {
        case "lua", "load", "include", "uncompress", "getenv", "getconfdir", "trace", "dump":
            note("%{\(String(inner))}")
            return ""
        case "expand" where tail.first == ":":
            return try expand(Array(try expand(argument, depth: depth + 1)), depth: depth + 1)
        case "basename" where tail.first == ":":
            let text = try expand(argument, depth: depth + 1)
            return String(text.split(separator: "/").last ?? "")
        case "quote" where tail.first == ":": return try expand(argument, depth: depth + 1)
        case "dirname", "suffix", "lower", "upper", "reverse", "length", "shrink":
            guard tail.first == ":" else { break }
            return Self.transformed(try expand(argument, depth: depth + 1), name)
        case "expr" where tail.first == ":":
            return try SpecExpression.evaluate(try expand(argument, depth: depth + 1), line: line).text
        case "echo", "warn":
            return ""
        case "error" where tail.first == ":":
            throw SpecProblem(line: line, reason: "the spec stops itself: \(try expand(argument, depth: depth + 1))")
        // rpm's own names for PATCHn and SOURCEn.
        case "P" where tail.first == ":": return definitions["PATCH" + Self.trimmed(argument)]?.body ?? ""
        case "S" where tail.first == ":": return definitions["SOURCE" + Self.trimmed(argument)]?.body ?? ""
        case "defined": return isDefined(Self.trimmed(argument)) ? "1" : "0"
        case "undefined": return isDefined(Self.trimmed(argument)) ? "0" : "1"
        case "with": return isDefined("with_" + Self.trimmed(argument)) ? "1" : "0"
        case "without": return isDefined("with_" + Self.trimmed(argument)) ? "0" : "1"
        default: break
        }
        if name.hasPrefix("-") {
            return try option(name, flags: flags, tail: tail, whole: "%{\(String(inner))}", depth)
        }
        if definitions[name]?.options != nil, flags.isEmpty {
            // `%{name}` without arguments, `%{name:one argument}`, `%{name several arguments}`.
            let expanded = try expand(argument, depth: depth + 1)
            return try call(name, expanded, depth, asOne: tail.first == ":")
        }
        if tail.first == ":" || tail.isEmpty {
            return try value(
                name, flags: flags, alternative: tail.first == ":" ? argument : nil, whole: "%{\(String(inner))}", depth
            )
        }
        guard definitions[name]?.options != nil else {
            if isDefined(name) { return try value(name, flags: flags, alternative: nil, whole: "", depth) }
            return flags.isEmpty ? "%{\(String(inner))}" : ""
        }
        return try call(name, try expand(argument, depth: depth + 1), depth)
    }

    /// The simple functions of text that rpm has built in.
    private static func transformed(_ text: String, _ name: String) -> String {
        switch name {
        case "dirname":
            guard let slash = text.lastIndex(of: "/") else { return text }
            return String(text[..<slash])
        case "suffix":
            guard let dot = text.lastIndex(of: ".") else { return "" }
            return String(text[text.index(after: dot)...])
        case "lower": return text.lowercased()
        case "upper": return text.uppercased()
        case "reverse": return String(text.reversed())
        case "length": return "\(text.utf8.count)"
        default: return text.split { $0 == " " || $0 == "\t" || $0 == "\n" }.joined(separator: " ")
        }
    }

    /// `%{-x}`, `%{-x*}`, `%{-x:text}` and `%{!-x:text}`: what a parametric macro was called with; outside one as it is.
    private mutating func option(
        _ name: String, flags: String, tail: [Character], whole: String, _ depth: Int
    ) throws(SpecProblem) -> String {
        guard isInCall else { return whole }
        let isGiven = definitions[name] != nil
        let wanted = flags.filter { $0 == "!" }.count % 2 == 0
        if tail.first == ":" {
            return isGiven == wanted ? try expand(Array(tail.dropFirst()), depth: depth + 1) : ""
        }
        guard isGiven, wanted, let body = definitions[name]?.body else { return "" }
        return try expand(Array(body), depth: depth + 1)
    }

    /// A macro's value under its flags: `?` gives nothing where it is undefined, `!?` gives the alternative then.
    private mutating func value(
        _ name: String, flags: String, alternative: [Character]?, whole: String, _ depth: Int
    ) throws(SpecProblem) -> String {
        if incomplete.contains(name) { note("%{\(name)}, whose value is not evaluated") }
        let negated = flags.filter { $0 == "!" }.count % 2 == 1
        let conditional = flags.contains("?")
        let definition = definitions[name]
        if conditional {
            if (definition != nil) == negated { return "" }
            if let alternative { return try expand(alternative, depth: depth + 1) }
            if negated { return "" }
        }
        guard let definition else { return whole }
        return try expand(Array(definition.body), depth: depth + 1)
    }

    /// Calls a parametric macro: `%1` …, `%*`, `%#`, `%{-x}` and `%{-x*}` stand for its arguments and options.
    private mutating func call(_ name: String, _ arguments: String, _ depth: Int, asOne: Bool = false)
        throws(SpecProblem) -> String
    {
        guard let definition = definitions[name] else { return "" }
        let options = Array(definition.options ?? "")
        let words = asOne ? [arguments] : arguments.split { $0 == " " || $0 == "\t" }.map(String.init)
        var locals: [String: String] = [:]
        var positional: [String] = []
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.hasPrefix("-"), word.count >= 2, let place = options.firstIndex(of: Array(word)[1]),
                options != ["-"]
            else {
                positional.append(word)
                continue
            }
            let letter = String(options[place])
            locals["-" + letter] = word
            guard place + 1 < options.count, options[place + 1] == ":" else { continue }
            var argument = String(word.dropFirst(2))
            if argument.isEmpty, index < words.count {
                argument = words[index]
                index += 1
            }
            locals["-" + letter] = "-\(letter) \(argument)"
            locals["-" + letter + "*"] = argument
        }
        for (number, word) in positional.enumerated() { locals["\(number + 1)"] = word }
        locals["0"] = name
        locals["*"] = positional.joined(separator: " ")
        locals["**"] = words.joined(separator: " ")
        locals["#"] = "\(positional.count)"
        let outer = definitions
        for (local, text) in locals {
            define(local, text.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%"))
        }
        let wasInCall = isInCall
        isInCall = true
        let result = try expand(Array(definition.body), depth: depth + 1)
        isInCall = wasInCall
        // What the call was given goes; what it has defined by %global stays.
        for local in locals.keys { definitions[local] = outer[local] }
        return result
    }

    /// The bracket that closes the one at `start`, nested ones of its kind counted.
    private static func closing(_ text: [Character], from start: Int) -> Int? {
        let open = text[start]
        let close: Character = open == "{" ? "}" : open == "(" ? ")" : "]"
        var depth = 0
        for index in start..<text.count {
            if text[index] == open { depth += 1 }
            if text[index] == close {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }

    private static func trimmed(_ text: [Character]) -> String { String(text.filter { $0 != " " && $0 != "\t" }) }
}
