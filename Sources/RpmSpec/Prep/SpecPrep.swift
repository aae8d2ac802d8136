/// Follows the shell text of `%prep` without running it: the commands of a kernel spec that unpack, copy, patch and tidy
/// are known; everything else is noted as not evaluated.
///
/// The build folder is taken to be fresh, as in a build service: what no step has made is not there.
struct SpecPrep {
    /// Stand for the folders of sources and of the build in what macros expand to.
    static let sources = "/.sources."
    static let build = "/.build."

    /// What the spec lists.
    let lists: SpecLists
    /// What is done to the tree, in order.
    var steps: [PrepStep] = []
    /// The patches that are applied, in order.
    var applied: [PatchApplication] = []
    /// What is not evaluated.
    var remarks: [(line: Int, text: String)] = []
    /// Patches that are applied in ways that are not known.
    var gaps: [(line: Int, text: String)] = []
    /// The folder commands run in, below the build folder; `nil` once it is not known.
    var folder: [String]? = []
    var stack: [[String]?] = []
    var variables: [String: String]
    /// The condition that surrounds the command at hand and cannot be told.
    var uncertain: String?
    /// The folders and files that steps have made.
    var made: Set<String> = []
    /// The folders that an archive was unpacked into: what is in them is not known.
    var filled: Set<String> = []

    /// How many commands and structures were followed.
    private var count = 0

    init(lists: SpecLists) {
        self.lists = lists
        variables = ["RPM_SOURCE_DIR": Self.sources, "RPM_BUILD_DIR": Self.build, "RPM_PACKAGE_NAME": lists.name]
    }

    mutating func run(_ nodes: [ShellNode]) throws(SpecProblem) {
        for node in nodes { try run(node) }
    }

    private mutating func run(_ node: ShellNode) throws(SpecProblem) {
        count += 1
        guard count <= 100_000 else {
            throw SpecProblem(
                line: lists.line, reason: "the shell text of %prep takes more than 100000 commands: loops in loops?")
        }
        switch node {
        case .pipeline(let commands, _): try run(commands)
        case .group(let nodes, let isSubshell):
            let outer = folder
            try run(nodes)
            if isSubshell { folder = outer }
        case .chain(let first, let rest):
            if rest.count == 1, isTest(first) {
                // `[ … ] && command` and `[ … ] || command` are an `if` in other words.
                let isAnd = rest[0].sign == "&&"
                try condition(
                    [ShellBranch(test: [first], body: isAnd ? [rest[0].node] : [])], isAnd ? [] : [rest[0].node],
                    rest[0].line)
                return
            }
            try run(first)
            for link in rest {
                // `a || b`: b is for the case that a fails, in which a build would stop or does not care.
                if link.sign == "||" { continue }
                try run(link.node)
            }
        case .condition(let branches, let otherwise, let line): try condition(branches[...], otherwise, line)
        case .loop(let loop): try run(loop)
        case .choice(let line): remarks.append((line, "not evaluated: a 'case'"))
        case .function: break
        }
    }

    /// Whether a condition is a command that applies a patch, and whether it is turned round by `!`.
    private func appliesPatches(_ test: [ShellNode]) -> Bool? {
        guard test.count == 1, case .pipeline(let commands, let negated) = test[0] else { return nil }
        let names = commands.map {
            ($0.words.first.map(ShellText.plain) ?? "").split(separator: "/").last.map(String.init) ?? ""
        }
        let isGit =
            names.last == "git" && commands.last.map { $0.words.contains("am") || $0.words.contains("apply") } == true
        let applies = names.contains { ["patch", "ApplyPatch", "ApplyOptionalPatch"].contains($0) } || isGit
        return applies ? negated : nil
    }

    private func isTest(_ node: ShellNode) -> Bool {
        guard case .pipeline(let commands, _) = node, commands.count == 1 else { return false }
        return ["[", "[[", "test"].contains(commands[0].words.first ?? "")
    }

    private mutating func condition(
        _ branches: ArraySlice<ShellBranch>, _ otherwise: [ShellNode], _ line: Int
    ) throws(SpecProblem) {
        guard let branch = branches.first else { return try run(otherwise) }
        if let negated = appliesPatches(branch.test) {
            // `if ! patch …; then exit 1; fi`: the patch is applied, and a build in which that fails ends.
            try run(branch.test)
            return negated ? try run(otherwise) : try run(branch.body)
        }
        switch truth(branch.test) {
        case .yes: try run(branch.body)
        case .no: try condition(branches.dropFirst(), otherwise, line)
        case .exists(let test, let path, let negated):
            let outer = (steps, folder, made, uncertain)
            steps = []
            uncertain = outer.3 ?? "[ \(negated ? "! " : "")\(test.rawValue) \(path) ]"
            try run(branch.body)
            let then = steps
            let thenFolder = folder
            (steps, folder, made) = ([], outer.1, outer.2)
            try condition(branches.dropFirst(), otherwise, line)
            let rest = steps
            uncertain = outer.3
            steps = outer.0
            if thenFolder != folder { folder = outer.1 }
            if !then.isEmpty || !rest.isEmpty {
                add(.conditional(test, path: path, negated: negated, then: then, otherwise: rest), line)
            }
        case .unknown(let text):
            let outer = (steps, folder, made, uncertain, remarks)
            uncertain = outer.3 ?? "if \(text)"
            try run(branch.body)
            try condition(branches.dropFirst(), otherwise, line)
            let isIdle = steps.count == outer.0.count && remarks.count == outer.4.count
            (steps, folder, made, uncertain, remarks) = outer
            if !isIdle { remarks.append((line, "not evaluated: if \(text)")) }
        }
    }

    private mutating func run(_ loop: ShellLoop) throws(SpecProblem) {
        if let step = RestoreIdiom.match(loop, folder: folder) { return add(step, loop.line) }
        if loop.kind == "for", loop.header.count > 2, loop.header[1] == "in" {
            let words = loop.header.dropFirst(2).compactMap { expand($0) }
            let areLiteral = loop.header.dropFirst(2).allSatisfy { !ShellText.isPattern($0) }
            if words.count == loop.header.count - 2, areLiteral {
                let name = loop.header[0]
                for word in words.flatMap({ $0.split { $0 == " " || $0 == "\n" }.map(String.init) }) {
                    variables[name] = ShellText.plain(word)
                    try run(loop.body)
                }
                return
            }
        }
        // What would be done in it counts only for whether to speak of it, and for patches it would apply.
        let outer = (steps, folder, made, uncertain, remarks)
        uncertain = outer.3 ?? loop.kind + " " + loop.header.map(ShellText.plain).joined(separator: " ")
        try run(loop.body)
        let isIdle = steps.count == outer.0.count && remarks.count == outer.4.count
        (steps, folder, made, uncertain, remarks) = outer
        if !isIdle {
            let words = ([loop.kind] + loop.header.map(ShellText.plain)).joined(separator: " ")
            remarks.append((loop.line, "not evaluated: \(words)"))
        }
    }

    mutating func add(_ action: PrepStep.Action, _ line: Int) { steps.append(PrepStep(line: line, action: action)) }

    mutating func note(_ command: ShellCommand) {
        remarks.append(
            (command.line, "not evaluated: " + command.words.map(ShellText.plain).joined(separator: " ").prefix(100)))
    }

    // MARK: words and paths

    /// The word with its variables replaced; `nil` where that needs something that is not known.
    func expand(_ word: String) -> String? {
        guard ShellText.isComputed(word) else { return word }
        var result = ""
        let characters = Array(word)
        var index = 0
        while index < characters.count {
            let character = characters[index]
            if character == ShellText.quote, index + 1 < characters.count {
                result += String(characters[index...(index + 1)])
                index += 2
            } else if character == "$" {
                let braced = index + 1 < characters.count && characters[index + 1] == "{"
                let start = index + (braced ? 2 : 1)
                var end = start
                while end < characters.count,
                    characters[end].isLetter || characters[end].isNumber || characters[end] == "_"
                { end += 1 }
                guard let value = variables[String(characters[start..<end])] else { return nil }
                if braced {
                    guard end < characters.count, characters[end] == "}" else { return nil }
                    end += 1
                }
                result += value
                index = end
            } else if character == "`" {
                return nil
            } else {
                result.append(character)
                index += 1
            }
        }
        return result
    }

    /// Where a word points to; `nil` where that is outside both folders or not known.
    func place(_ word: String) -> PrepStep.Place? {
        guard let path = expand(word).map(ShellText.plain), !path.isEmpty else { return nil }
        if path.hasPrefix(Self.sources) {
            let rest = path.dropFirst(Self.sources.count).drop { $0 == "/" }
            return rest.isEmpty || rest.contains("/") ? nil : .source(String(rest))
        }
        return build(path).map { .build($0) }
    }

    /// A path below the build folder, without `.` and `..`; empty for the folder itself.
    func build(_ path: String) -> String? {
        var parts: [String]
        let relative: Substring
        if path.hasPrefix(Self.build) {
            (parts, relative) = ([], path.dropFirst(Self.build.count))
        } else {
            guard let folder, !path.hasPrefix("/"), !path.hasPrefix("~") else { return nil }
            (parts, relative) = (folder, path[...])
        }
        for part in relative.split(separator: "/") where part != "." {
            if part == ".." {
                guard parts.popLast() != nil else { return nil }
            } else {
                parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }

    /// Whether something is at a path; `nil` where only the unpacked source tells.
    func exists(_ path: String) -> Bool? {
        if made.contains(path) || path.isEmpty { return true }
        return filled.contains { path.hasPrefix($0.isEmpty ? "" : $0 + "/") } ? nil : false
    }
}
