/// A spec file as far as patches are concerned: what it lists, and what its `%prep` applies, in order.
///
/// Steps:
/// 1. Lines are read with their continuations; conditionals decide which count.
/// 2. Macros are expanded, definitions are taken, tags of the preamble become macros (`%{version}`, `%{PATCH3}`).
/// 3. In `%prep`, macros and shell functions that apply patches become entries; other commands are noted, never run.
struct SpecFile {
    /// A patch that `%prep` applies.
    struct Application: Equatable {
        var number: Int?
        var file: String
        var strip = 1
        var reverse = false
        var fuzz: Int?
        /// The suffix of the backups it leaves (`-b`), which later commands may read.
        var backup: String?
        /// The folder it is applied in, below the one `%setup` made; empty for that itself.
        var folder = ""
        var line: Int
    }

    /// Listed patches by number, with the line that lists each.
    private(set) var patches: [Int: (file: String, line: Int)] = [:]
    /// Listed sources by number.
    private(set) var sources: [Int: String] = [:]
    /// What `%prep` applies, in order.
    private(set) var applied: [Application] = []
    /// What was met and not evaluated, or is read in one of several ways.
    private(set) var remarks: [(line: Int, text: String)] = []
    /// Name, version and release, expanded.
    var name: String { macros.definitions["name"]?.body ?? "" }

    private var macros: SpecMacros
    private let architecture: String
    private var section = "preamble"
    private var conditions: [(active: Bool, taken: Bool, outer: Bool)] = []
    private var folder = ""
    private var order: [Int] = []
    private var patchesAreSeen = false

    /// Reads a spec.
    /// - Parameters:
    ///   - lines: Its lines.
    ///   - architecture: What `%ifarch` is held against.
    ///   - macros: Macros from outside, as `--define` gives them.
    init(_ lines: [String], architecture: String, macros given: [String: String]) throws(SpecProblem) {
        self.architecture = architecture
        var initial = [
            "_target_cpu": architecture, "_arch": architecture, "_host_cpu": architecture, "_sourcedir": "",
            "_builddir": "",
        ]
        initial.merge(given) { $1 }
        macros = SpecMacros(initial)
        var number = 0
        while number < lines.count {
            let start = number + 1
            var text = lines[number]
            number += 1
            // A definition goes on behind a backslash, and as long as its braces are open.
            while Self.goesOn(text), number < lines.count {
                text = (text.hasSuffix("\\") ? String(text.dropLast()) : text) + "\n" + lines[number]
                number += 1
            }
            macros.line = start
            try take(text, start)
        }
        if let open = conditions.last, conditions.count > 0 {
            _ = open
            throw SpecProblem(line: lines.count, reason: "\(conditions.count) %if without %endif")
        }
        remarks += macros.notEvaluated.map { ($0.line, "not evaluated: \($0.text)") }
    }

    private static func goesOn(_ text: String) -> Bool {
        let words = text.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
        guard let first = words.first, first == "%define" || first == "%global" else { return false }
        if text.hasSuffix("\\") { return true }
        return text.filter { $0 == "{" }.count > text.filter { $0 == "}" }.count
    }

    private var isActive: Bool { conditions.allSatisfy(\.active) }

    private mutating func take(_ raw: String, _ line: Int) throws(SpecProblem) {
        let text = String(raw.drop { $0 == " " || $0 == "\t" })
        let word = String(text.prefix { $0 != " " && $0 != "\t" && $0 != "\n" })
        let rest = String(text.dropFirst(word.count).drop { $0 == " " || $0 == "\t" })
        if try conditional(word, rest, line) { return }
        guard isActive else { return }
        if text.hasPrefix("#") || word == "%dnl" { return }
        if try definition(word, rest) { return }
        if Self.sections.contains(word) {
            section = word == "%description" || word == "%package" ? "other" : String(word.dropFirst())
            if word == "%package" { section = "preamble-of-subpackage" }
            return
        }
        switch section {
        case "preamble": try preamble(text, line)
        case "patchlist": try list(text, line)
        case "prep":
            for part in try macros.keepingPatchMacros(text).split(separator: "\n") { try prep(String(part), line) }
        default: break
        }
    }

    private static let sections: Set<String> = [
        "%prep", "%build", "%install", "%check", "%clean", "%files", "%changelog", "%description", "%package", "%pre",
        "%post",
        "%preun", "%postun", "%pretrans", "%posttrans", "%triggerin", "%triggerun", "%triggerpostun", "%verifyscript",
        "%patchlist", "%sourcelist", "%conf", "%generate_buildrequires",
    ]

    /// Takes `%if` and its kin.
    private mutating func conditional(_ word: String, _ rest: String, _ line: Int) throws(SpecProblem) -> Bool {
        let outer = isActive
        func value(_ kind: String) throws(SpecProblem) -> Bool {
            guard outer else { return false }
            let text = try macros.expand(String(rest.prefix { $0 != "\n" }))
            switch kind {
            case "if": return try SpecExpression.evaluate(Self.withoutComment(text), line: line).isTrue
            case "ifarch": return architectures(text).contains(architecture)
            case "ifnarch": return !architectures(text).contains(architecture)
            case "ifos": return architectures(text).contains("linux")
            default: return !architectures(text).contains("linux")
            }
        }
        switch word {
        case "%if", "%ifarch", "%ifnarch", "%ifos", "%ifnos":
            let holds = try value(String(word.dropFirst()))
            conditions.append((holds, holds, outer))
        case "%elif", "%elifarch", "%elifos":
            guard let last = conditions.popLast() else { throw SpecProblem(line: line, reason: "\(word) without %if") }
            var holds = false
            if last.outer, !last.taken {
                let text = try macros.expand(rest)
                holds =
                    word == "%elif"
                    ? try SpecExpression.evaluate(Self.withoutComment(text), line: line).isTrue
                    : architectures(text).contains(word == "%elifarch" ? architecture : "linux")
            }
            conditions.append((holds, last.taken || holds, last.outer))
        case "%else":
            guard let last = conditions.popLast() else { throw SpecProblem(line: line, reason: "%else without %if") }
            conditions.append((!last.taken, true, last.outer))
        case "%endif":
            guard conditions.popLast() != nil else { throw SpecProblem(line: line, reason: "%endif without %if") }
        default:
            if word.hasPrefix("%if") { throw SpecProblem(line: line, reason: "the conditional \(word) is not known") }
            return false
        }
        return true
    }

    private static func withoutComment(_ text: String) -> String { String(text.prefix { $0 != "#" }) }

    private func architectures(_ text: String) -> [String] {
        Self.withoutComment(text).split { $0 == " " || $0 == "\t" || $0 == "," }.map(String.init)
    }

    /// Takes `%define` and its kin.
    private mutating func definition(_ word: String, _ rest: String) throws(SpecProblem) -> Bool {
        switch word {
        case "%define", "%global":
            let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            var body = String(rest.dropFirst(name.count))
            var options: String?
            if body.hasPrefix("("), let end = body.firstIndex(of: ")") {
                options = String(body[body.index(after: body.startIndex)..<end])
                body = String(body[body.index(after: end)...])
            }
            body = String(body.drop { $0 == " " || $0 == "\t" || $0 == "\n" })
            if body.hasPrefix("{"), body.hasSuffix("}") { body = String(body.dropFirst().dropLast()) }
            guard !name.isEmpty else { throw SpecProblem(line: macros.line, reason: "\(word) names no macro") }
            macros.define(name, word == "%global" && options == nil ? try macros.expand(body) : body, options: options)
        case "%undefine": macros.undefine(String(rest.prefix { $0 != " " && $0 != "\t" }))
        case "%bcond_with", "%bcond_without", "%bcond":
            let words = rest.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let name = words.first else { throw SpecProblem(line: macros.line, reason: "\(word) names nothing") }
            var isOn = word == "%bcond_without"
            if word == "%bcond", words.count > 1 {
                isOn = try SpecExpression.evaluate(
                    try macros.expand(words[1...].joined(separator: " ")), line: macros.line
                ).isTrue
            }
            if macros.isDefined("_without_" + name) { isOn = false }
            if macros.isDefined("_with_" + name) { isOn = true }
            if isOn { macros.define("with_" + name, "1") } else { macros.undefine("with_" + name) }
        case "%include", "%load", "%{load":
            remarks.append((macros.line, "not evaluated: \(word) \(rest)"))
        default: return false
        }
        return true
    }

    /// Takes a tag of the preamble.
    private mutating func preamble(_ text: String, _ line: Int) throws(SpecProblem) {
        for expanded in try macros.expand(text).split(separator: "\n") {
            guard let colon = expanded.firstIndex(of: ":") else { continue }
            let tag = expanded[..<colon].lowercased().filter { $0 != " " && $0 != "\t" }
            let value =
                String(expanded[expanded.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
                .split { $0 == " " || $0 == "\t" }.first.map(String.init) ?? ""
            if ["name", "version", "release", "epoch"].contains(tag) {
                macros.define(tag, value)
                macros.define(tag.uppercased(), value)
            } else if tag.hasPrefix("patch"), tag.dropFirst(5).allSatisfy(\.isNumber) {
                try add(patch: Int(tag.dropFirst(5)), value, line)
            } else if tag.hasPrefix("source"), tag.dropFirst(6).allSatisfy(\.isNumber) {
                let number = Int(tag.dropFirst(6)) ?? (sources.keys.max().map { $0 + 1 } ?? 0)
                sources[number] = Self.base(value)
                macros.define("SOURCE\(number)", Self.base(value))
            }
        }
    }

    /// Takes a line of `%patchlist`.
    private mutating func list(_ text: String, _ line: Int) throws(SpecProblem) {
        let value = try macros.expand(text).split { $0 == " " || $0 == "\t" }.first.map(String.init) ?? ""
        if !value.isEmpty { try add(patch: nil, value, line) }
    }

    private mutating func add(patch number: Int?, _ value: String, _ line: Int) throws(SpecProblem) {
        // Unnumbered ones go on behind the one listed last.
        let number = number ?? (order.last.map { $0 + 1 } ?? 0)
        if let earlier = patches[number] {
            throw SpecProblem(line: line, reason: "Patch\(number) is listed in line \(earlier.line) already")
        }
        patches[number] = (Self.base(value), line)
        order.append(number)
        macros.define("PATCH\(number)", Self.base(value))
        macros.define("P:\(number)", Self.base(value))
    }

    /// rpm looks for the last part of a URL in its source folder.
    private static func base(_ value: String) -> String { value.split(separator: "/").last.map(String.init) ?? value }

    /// Takes a line of `%prep`.
    private mutating func prep(_ text: String, _ line: Int) throws(SpecProblem) {
        let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let first = words.first, !first.hasPrefix("#") else { return }
        if first == "%setup" {
            folder = ""
        } else if first == "%autosetup" {
            folder = ""
            if !words.contains("-N") { try automatic(words, line) }
        } else if first == "%autopatch" {
            try automatic(words, line)
        } else if first.hasPrefix("%patch") {
            try patchMacro(words, line)
        } else if first == "ApplyPatch" || first == "ApplyOptionalPatch" {
            try shellFunction(words, line)
        } else if first == "cd" {
            change(to: words.count > 1 ? words[1] : "", line)
        } else if !Self.harmless.contains(first) {
            remarks.append((line, "a command of %prep is not run: \(text.prefix(100))"))
        }
    }

    /// Commands that leave the tree as it is, and the words of control structures.
    private static let harmless: Set<String> = [
        "if", "then", "else", "elif", "fi", "for", "do", "done", "case", "esac", "{", "}", "exit", "echo", "set",
        "true", ":", "local",
        "shift", "return", "ApplyPatch()", "ApplyOptionalPatch()", "test", "[", "]", "export", "unset",
    ]

    /// Follows `cd`: which of several trees patches go to.
    private mutating func change(to target: String, _ line: Int) {
        if target.hasPrefix("/") || target.contains("$") {
            remarks.append((line, "the folder '\(target)' is not followed"))
            return
        }
        for part in target.split(separator: "/") {
            var parts = folder.split(separator: "/").map(String.init)
            if part == ".." {
                // Above the tree of %setup lies the build folder; coming back is the usual way out of a sub-folder.
                if !parts.isEmpty { parts.removeLast() }
            } else if part != "." {
                parts.append(String(part))
            }
            folder = parts.joined(separator: "/")
        }
    }

    /// `%patchN …`, `%patch -P N …`, `%patch N …`, `%patch …` for Patch0.
    private mutating func patchMacro(_ words: [String], _ line: Int) throws(SpecProblem) {
        var template = Application(file: "", strip: 0, line: line)
        template.folder = folder
        var numbers = Int(words[0].dropFirst("%patch".count)).map { [$0] } ?? []
        var index = 1
        func argument(_ letter: String, _ index: inout Int) throws(SpecProblem) -> String {
            let attached = String(words[index].dropFirst(2))
            if !attached.isEmpty { return attached }
            index += 1
            guard index < words.count else {
                throw SpecProblem(line: line, reason: "\(words[0]): the option -\(letter) lacks its value")
            }
            return words[index]
        }
        func number(_ letter: String, _ index: inout Int) throws(SpecProblem) -> Int {
            let text = try argument(letter, &index)
            guard let value = Int(text), (0...1_000_000).contains(value) else {
                throw SpecProblem(line: line, reason: "\(words[0]): -\(letter) takes a number, not '\(text)'")
            }
            return value
        }
        while index < words.count {
            let word = words[index]
            switch word.prefix(2) {
            case "-p": template.strip = try number("p", &index)
            case "-P": numbers.append(try number("P", &index))
            case "-F": template.fuzz = try number("F", &index)
            case "-b", "-z": template.backup = try argument(String(word.dropFirst().prefix(1)), &index)
            case "-R": template.reverse = true
            case "-d":
                let inner = try argument("d", &index)
                template.folder = folder.isEmpty ? inner : folder + "/" + inner
            case "-E", "-Z", "-s", "-l", "-t", "-N", "-f": break
            default:
                if let value = Int(word) {
                    numbers.append(value)
                } else {
                    throw SpecProblem(line: line, reason: "\(words[0]): '\(word)' is not understood")
                }
            }
            index += 1
        }
        for number in numbers.isEmpty ? [0] : numbers {
            guard let listed = patches[number] else {
                throw SpecProblem(line: line, reason: "there is no Patch\(number)")
            }
            var application = template
            application.number = number
            application.file = listed.file
            applied.append(application)
        }
    }

    /// `%autosetup` and `%autopatch`: all patches in the order of the spec, or a range of numbers.
    private mutating func automatic(_ words: [String], _ line: Int) throws(SpecProblem) {
        var strip = words[0] == "%autosetup" ? 0 : 0
        var range = (low: 0, high: Int.max)
        var chosen: [Int] = []
        var index = 1
        while index < words.count {
            let word = words[index]
            func value() -> Int? {
                if word.count > 2 { return Int(word.dropFirst(2)) }
                index += 1
                return index < words.count ? Int(words[index]) : nil
            }
            switch word.prefix(2) {
            case "-p": strip = value() ?? 0
            case "-m": range.low = value() ?? 0
            case "-M": range.high = value() ?? Int.max
            case "-n", "-S", "-a", "-b": if word.count == 2 { index += 1 }
            default: if let number = Int(word), words[0] == "%autopatch" { chosen.append(number) }
            }
            index += 1
        }
        for number in chosen.isEmpty ? order.filter({ $0 >= range.low && $0 <= range.high }) : chosen {
            guard let listed = patches[number] else {
                throw SpecProblem(line: line, reason: "there is no Patch\(number)")
            }
            applied.append(Application(number: number, file: listed.file, strip: strip, folder: folder, line: line))
        }
    }

    /// The shell functions of Fedora's and RHEL's kernel specs: `patch -p1 -F1 -s` of a listed file.
    private mutating func shellFunction(_ words: [String], _ line: Int) throws(SpecProblem) {
        guard words.count > 1, !words[1].contains("$") else { return }
        let file = Self.base(words[1])
        let number = patches.first { $0.value.file == file }?.key
        if number == nil, words[0] == "ApplyPatch" {
            throw SpecProblem(line: line, reason: "ApplyPatch \(file): no Patch of the spec has that file")
        }
        let reverse = words.dropFirst(2).contains("-R")
        var application = Application(
            number: number, file: file, strip: 1, reverse: reverse, fuzz: 1, folder: folder, line: line)
        if let fuzz = words.dropFirst(2).first(where: { $0.hasPrefix("-F") }) {
            application.fuzz = Int(fuzz.dropFirst(2))
        }
        applied.append(application)
    }
}

extension SpecMacros {
    /// Expands a line of `%prep` but for the macros that apply patches, which are rpm's own.
    mutating func keepingPatchMacros(_ text: String) throws(SpecProblem) -> String {
        let word = text.prefix { $0 != " " && $0 != "\t" }
        let digits = word.dropFirst("%patch".count)
        let isPatch = word.hasPrefix("%patch") && digits.allSatisfy(\.isNumber)
        guard isPatch || word == "%setup" || word == "%autosetup" || word == "%autopatch" else {
            return try expand(text)
        }
        return String(word) + (try expand(String(text.dropFirst(word.count))))
    }
}
