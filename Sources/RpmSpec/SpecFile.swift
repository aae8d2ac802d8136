/// A spec file as far as patches are concerned: what it lists, and what its `%prep` applies, in order.
///
/// Steps:
/// 1. Lines are read with their continuations; conditionals decide which count.
/// 2. Macros are expanded, definitions are taken, tags of the preamble become macros (`%{version}`, `%{PATCH3}`).
/// 3. The shell of `%prep` is followed (``SpecPrep``): what unpacks, copies and patches in a known way becomes steps, and
///    what may change the tree in a way that is not known is a gap. Nothing is ever run.
package struct SpecFile {
    /// What it lists.
    package private(set) var lists = SpecLists()
    /// What `%prep` applies, in order.
    package private(set) var applied: [PatchApplication] = []
    /// What `%prep` does to the build folder, in order.
    package private(set) var steps: [PrepStep] = []
    /// The address each source has in the spec, by its file name.
    package private(set) var addresses: [String: String] = [:]
    /// The comments of `%prep`.
    package private(set) var comments: [(line: Int, text: String)] = []
    /// What may change the tree, or the list of patches, in a way that is not known.
    package private(set) var gaps: [(line: Int, text: String)] = []
    /// What was met and not evaluated, or is read in one of several ways.
    package private(set) var remarks: [(line: Int, text: String)] = []

    private var macros: SpecMacros
    private let architecture: String
    private var section = "preamble"
    private var conditions: [(active: Bool, taken: Bool, outer: Bool, text: String)] = []
    /// The depth of conditions that are not evaluated, counted from the outermost; what is under them is not certain.
    private var uncertainDepth: Int?
    private var isUncertain = false
    private var hasPrep = false
    private var prep: [(line: Int, text: String)] = []
    /// The conditions around lines of `%prep` that have some.
    private var prepConditions: [Int: String] = [:]

    /// Reads a spec.
    /// - Parameters:
    ///   - lines: Its lines.
    ///   - architecture: What `%ifarch` is held against.
    ///   - macros: Macros from outside, as `--define` gives them.
    ///   - content: The content of a file of the sources; `nil` where it is not there.
    package init(
        _ lines: [String], architecture: String, macros given: [String: String], content: @escaping (String) -> [UInt8]?
    ) throws(SpecProblem) {
        self.architecture = architecture
        var initial = [
            "_target_cpu": architecture, "_arch": architecture, "_host_cpu": architecture,
            "_sourcedir": SpecPrep.sources, "_builddir": SpecPrep.build, "_specdir": SpecPrep.specs,
            "_target_os": "linux",
        ]
        for tool in [
            "patch", "rm", "mv", "cp", "mkdir", "sed", "perl", "chmod", "tar", "git", "make", "install", "cat", "xargs",
            "awk",
            "grep", "bzip2", "gzip", "xz", "ln", "python3", "ln_s",
        ] {
            initial["__" + tool] = tool
        }
        // Where rpm installs to: no part of the tree.
        let places = [
            "buildroot": "/.buildroot.", "_tmppath": "/tmp", "_prefix": "/usr", "_usr": "/usr", "_bindir": "/usr/bin",
            "_sbindir": "/usr/sbin", "_libdir": "/usr/lib64", "_datadir": "/usr/share", "_sysconfdir": "/etc",
            "_usrsrc": "/usr/src", "_libexecdir": "/usr/libexec", "_includedir": "/usr/include",
            "_mandir": "/usr/share/man",
        ]
        initial.merge(places) { $1 }
        initial.merge(given) { $1 }
        macros = SpecMacros(initial)
        macros.isFilled = { name in content(name).map { !$0.isEmpty } }
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
        if !conditions.isEmpty {
            throw SpecProblem(line: lines.count, reason: "\(conditions.count) %if without %endif")
        }
        let told = Set(gaps.map(\.line))
        for note in macros.notEvaluated where !told.contains(note.line) {
            remarks.append((note.line, "not evaluated: \(note.text)"))
        }
        lists.name = macros.definitions["name"]?.body ?? ""
        lists.version = macros.definitions["version"]?.body ?? ""
        lists.fuzz = macros.definitions["_default_patch_fuzz"].flatMap { Int($0.body) }
        lists.applier = macros.definitions["__scm"]?.body ?? "patch"
        lists.steering = macros.steering
        var script = SpecPrep(lists: lists, spec: lines, content: content)
        try script.follow(try ShellParser.parse(prep))
        steps = script.steps
        remarks += script.remarks
        gaps += script.gaps
        if !hasPrep { throw SpecProblem(line: max(lines.count, 1), reason: "it has no %prep, so it applies nothing") }
        applied = script.applied.map { application in
            var application = application
            application.condition = prepConditions[application.line]
            return application
        }
    }

    /// Whether a line is continued: a definition by a backslash or an open brace, any line by a macro that is not closed.
    private static func goesOn(_ text: String) -> Bool {
        let first = text.drop { $0 == " " || $0 == "\t" }
        if first.hasPrefix("#") { return false }
        if first.hasPrefix("%define") || first.hasPrefix("%global") {
            // Of two backslashes the first takes the second's meaning.
            if text.reversed().prefix(while: { $0 == "\\" }).count % 2 == 1 { return true }
            if text.filter({ $0 == "{" }).count > text.filter({ $0 == "}" }).count { return true }
        }
        var (braces, brackets, isPercent) = (0, 0, false)
        for character in text {
            switch character {
            case "{": if braces > 0 || isPercent { braces += 1 }
            case "}": if braces > 0 { braces -= 1 }
            case "(": if brackets > 0 || isPercent { brackets += 1 }
            case ")": if brackets > 0 { brackets -= 1 }
            default: break
            }
            isPercent = character == "%" && !isPercent
        }
        return braces > 0 || brackets > 0
    }

    private var isActive: Bool { conditions.allSatisfy(\.active) }

    private mutating func take(_ raw: String, _ line: Int) throws(SpecProblem) {
        let text = String(raw.drop { $0 == " " || $0 == "\t" })
        let word = String(text.prefix { $0 != " " && $0 != "\t" && $0 != "\n" })
        let rest = String(text.dropFirst(word.count).drop { $0 == " " || $0 == "\t" })
        if try conditional(word, rest, line) { return }
        if let depth = uncertainDepth, conditions.prefix(depth - 1).allSatisfy(\.active),
            Self.concernsPatches(text, section)
        {
            let condition = conditions.last?.text ?? ""
            gaps.append((line, "'\(text.prefix(80))' depends on '\(condition)', which is not evaluated"))
        }
        if uncertainDepth != nil, word == "%define" || word == "%global" {
            // Whatever it is defined as, it may be something else.
            let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            defer { macros.incomplete.insert(name) }
            if !isActive { return }
            _ = try definition(word, rest)
            return
        }
        guard isActive else { return }
        if text.hasPrefix("#") || word == "%dnl" {
            if section == "prep", text.hasPrefix("#") { comments.append((line, String(text.prefix { $0 != "\n" }))) }
            return
        }
        if try definition(word, rest) { return }
        if Self.sections.contains(word) {
            if word == "%prep" { (hasPrep, lists.line) = (true, macros.line) }
            section = word == "%description" || word == "%package" ? "other" : String(word.dropFirst())
            if word == "%package" { section = "preamble-of-subpackage" }
            return
        }
        switch section {
        case "preamble": try preamble(text, line)
        case "patchlist": try list(text, line)
        case "prep":
            if text.isEmpty { return }
            let before = macros.notEvaluated.count
            let expanded = try macros.keepingPatchMacros(text)
            for note in macros.notEvaluated[before...] {
                gaps.append((line, "a macro that is not evaluated may change the tree: \(note.text.prefix(160))"))
            }
            for part in expanded.split(separator: "\n") { prep.append((line, String(part))) }
            let around = conditions.map(\.text).joined(separator: " && ")
            if !around.isEmpty { prepConditions[line] = around }
        default: break
        }
    }

    /// Whether a line lists a patch or applies one.
    private static func concernsPatches(_ text: String, _ section: String) -> Bool {
        switch section {
        case "preamble":
            let tag = text.prefix { $0 != ":" }.lowercased()
            return tag.count < text.count && tag.hasPrefix("patch") && tag.dropFirst(5).allSatisfy(\.isNumber)
        case "patchlist": return !text.isEmpty && !text.hasPrefix("#")
        case "prep":
            let words = text.split { " \t;|".contains($0) }
            guard !text.hasPrefix("#"), let first = words.first.map(String.init) else { return false }
            return !Harmless.always.contains(first) && first != "%dnl"
        default: return false
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
            case "if": return try condition(text, rest, line)
            case "ifarch": return architectures(text).contains(architecture)
            case "ifnarch": return !architectures(text).contains(architecture)
            case "ifos": return architectures(text).contains("linux")
            default: return !architectures(text).contains("linux")
            }
        }
        switch word {
        case "%if", "%ifarch", "%ifnarch", "%ifos", "%ifnos":
            let holds = try value(String(word.dropFirst()))
            conditions.append((holds, holds, outer, word + " " + rest))
            if isUncertain, uncertainDepth == nil { uncertainDepth = conditions.count }
            isUncertain = false
        case "%elif", "%elifarch", "%elifos":
            guard let last = conditions.popLast() else { throw SpecProblem(line: line, reason: "\(word) without %if") }
            var holds = false
            if last.outer, !last.taken {
                let text = try macros.expand(rest)
                holds =
                    word == "%elif"
                    ? try condition(text, rest, line)
                    : architectures(text).contains(word == "%elifarch" ? architecture : "linux")
            }
            conditions.append((holds, last.taken || holds, last.outer, word + " " + rest))
            if isUncertain, uncertainDepth == nil { uncertainDepth = conditions.count }
            isUncertain = false
        case "%else":
            guard let last = conditions.popLast() else { throw SpecProblem(line: line, reason: "%else without %if") }
            conditions.append((last.outer && !last.taken, true, last.outer, "not (\(last.text))"))
        case "%endif":
            guard conditions.popLast() != nil else { throw SpecProblem(line: line, reason: "%endif without %if") }
            if let depth = uncertainDepth, conditions.count < depth { uncertainDepth = nil }
        default:
            if word.hasPrefix("%if") { throw SpecProblem(line: line, reason: "the conditional \(word) is not known") }
            return false
        }
        return true
    }

    /// The value of a condition. One that depends on something that is not evaluated, such as `%(shell)`, is taken not to
    /// hold, and noted.
    private mutating func condition(_ text: String, _ rest: String, _ line: Int) throws(SpecProblem) -> Bool {
        do throws(SpecProblem) {
            return try SpecExpression.evaluate(Self.withoutComment(text), line: line).isTrue
        } catch {
            // A macro that only the distribution defines is still one.
            let isForeign = text.firstRange(of: "%{") != nil
            let isHanging = ["%(", "%{lua:"].contains(where: rest.contains) || macros.hangs(rest) || isForeign
            guard isHanging else { throw error }
            let hint = isForeign ? " (a macro of it is not defined: --define gives it a value)" : ""
            remarks.append((line, "not evaluated: %if \(rest), taken not to hold\(hint)"))
            isUncertain = true
            return false
        }
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
            if body.hasPrefix("{"), body.hasSuffix("}") {
                body = String(body.dropFirst().dropLast())
            } else {
                body = Self.unescaped(body)
            }
            guard !name.isEmpty else { throw SpecProblem(line: macros.line, reason: "\(word) names no macro") }
            let before = macros.notEvaluated.count
            macros.define(name, word == "%global" && options == nil ? try macros.expand(body) : body, options: options)
            if macros.notEvaluated.count > before { macros.incomplete.insert(name) }
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
            gaps.append((macros.line, "what this brings in is not read: \(word) \(rest.prefix(160))"))
        default: return false
        }
        return true
    }

    /// A definition's body without the backslashes that rpm takes from it: each stands for what follows it.
    private static func unescaped(_ body: String) -> String {
        guard body.contains("\\") else { return body }
        var result = ""
        var isEscaped = false
        for character in body {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }

    /// Takes a tag of the preamble.
    private mutating func preamble(_ text: String, _ line: Int) throws(SpecProblem) {
        let before = macros.notEvaluated.count
        let lines = try macros.expand(text).split(separator: "\n")
        if Self.concernsPatches(text, "preamble") {
            for note in macros.notEvaluated[before...] {
                gaps.append((line, "a patch's name has a macro that is not evaluated: \(note.text.prefix(160))"))
            }
        }
        for expanded in lines {
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
                let number = Int(tag.dropFirst(6)) ?? (lists.sources.keys.max().map { $0 + 1 } ?? 0)
                let file = Self.base(value)
                if let earlier = lists.sources[number], earlier != file {
                    throw SpecProblem(line: line, reason: "Source\(number) is '\(earlier)' already")
                }
                lists.sources[number] = file
                if value != file { addresses[file] = value }
                macros.define("SOURCE\(number)", SpecPrep.sources + "/" + file)
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
        let number = number ?? (lists.order.last.map { $0 + 1 } ?? 0)
        if let earlier = lists.patches[number] {
            throw SpecProblem(line: line, reason: "Patch\(number) is listed in line \(earlier.line) already")
        }
        let file = Self.base(value)
        lists.patches[number] = (file, line)
        lists.order.append(number)
        macros.define("PATCH\(number)", SpecPrep.sources + "/" + file)
        let all = (macros.definitions["patches"]?.body).map { $0 + " " } ?? ""
        macros.define("patches", all + SpecPrep.sources + "/" + file)
    }

    /// rpm looks for the last part of a URL in its source folder.
    private static func base(_ value: String) -> String { value.split(separator: "/").last.map(String.init) ?? value }
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
