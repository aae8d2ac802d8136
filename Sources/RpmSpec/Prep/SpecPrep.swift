/// Follows the shell text of `%prep` without running it.
///
/// A command is one of three things:
/// 1. It is read: what it does becomes a ``PrepStep`` or a ``PatchApplication``.
/// 2. It is known to leave the tree alone (``Harmless``).
/// 3. It is a gap: it may change the tree in a way that is not known, and what is read must not be taken for complete.
///
/// The build folder is taken to be fresh, as in a build service: what no step has made is not there. A command that is
/// read is taken to succeed, since a build ends with one that does not.
struct SpecPrep {
    /// Stand for the folders of sources, of the build and of the spec in what macros expand to.
    static let sources = "/.sources."
    static let build = "/.build."
    static let specs = "/.specs."

    /// What the spec lists.
    let lists: SpecLists
    /// The content of a file of the sources; `nil` where it is not there.
    let content: (String) -> [UInt8]?
    /// The lines of the spec, which some specs search themselves.
    let spec: [String]
    /// What is done to the tree, in order.
    var steps: [PrepStep] = []
    /// The patches that are applied, in order.
    var applied: [PatchApplication] = []
    /// What a maintainer should know.
    var remarks: [(line: Int, text: String)] = []
    /// Commands that may change the tree in ways that are not known.
    var gaps: [(line: Int, text: String)] = []
    /// The folder commands run in, below the build folder; `nil` once it is not known.
    var folder: [String]? = []
    var stack: [[String]?] = []
    /// The variables whose value is known.
    var variables: [String: String]
    /// What `$1` and its kin stand for.
    var positional: [String] = []
    /// What the variables that functions have made their own were before, the innermost function last.
    var locals: [[String: String?]] = []
    /// The functions that are defined.
    var functions: [String: ShellNode] = [:]
    /// The condition that surrounds the command at hand and cannot be told.
    var uncertain: String?
    /// The folders and files that steps have made.
    var made: Set<String> = []
    /// The folders that an archive was unpacked into: what is in them is not known.
    var filled: Set<String> = []
    /// What of them is surely a folder.
    var folders: Set<String> = []
    /// Links that the spec has made: where they lead is not followed.
    var links: Set<String> = []
    /// Copies of sources in the build folder, by their path.
    var copies: [String: String] = [:]
    /// Files of the build folder whose text is known, by their path.
    var texts: [String: String] = [:]
    /// Sources that the spec itself has changed: what is in them is not known.
    var altered: Set<String> = []
    /// Where `exit` was met.
    var exitLine: Int?
    /// How `%autopatch` applies: `patch`, `git`, `git_am`, `quilt` and so on.
    var applier: String
    /// How many conditions the command at hand is in: what fails there does not end the build.
    private var questions = 0
    /// What keeps the commands at hand from going on.
    var stop: Stop?
    /// The line that commands are told with while a script is followed; `nil` for their own.
    var callLine: Int?

    /// What ends a list of commands early.
    enum Stop: Equatable {
        case returned, broke, continued
        /// `exit`, with its status; `nil` where that is not known.
        case exited(Int?)

        /// Whether a build that comes here has failed.
        var fails: Bool { if case .exited(let status) = self { status != 0 } else { false } }
    }

    /// What a command reads from its standard input.
    enum Input {
        case none
        case file(PrepStep.Place)
        case text(String)
        /// Something that is not known, from this command where it is one.
        case unknown(ShellCommand?)
    }

    /// How many commands and structures were followed.
    private var count = 0
    /// How deep structures, functions and scripts are nested.
    private var level = 0
    private static let mostCommands = 100_000
    private static let deepest = 200

    init(lists: SpecLists, spec: [String] = [], content: @escaping (String) -> [UInt8]? = { _ in nil }) {
        self.lists = lists
        self.spec = spec
        self.content = content
        applier = lists.applier
        variables = [
            "RPM_SOURCE_DIR": Self.sources, "RPM_BUILD_DIR": Self.build, "RPM_PACKAGE_NAME": lists.name,
            "RPM_PACKAGE_VERSION": lists.version, "HOME": "/.home.",
        ]
    }

    /// Follows a whole script.
    mutating func follow(_ nodes: [ShellNode]) throws(SpecProblem) {
        try run(nodes)
        if let stop, stop.fails { gap(exitLine ?? lists.line, "%prep ends itself here: no build gets past it") }
    }

    // MARK: structures

    @discardableResult mutating func run(_ nodes: [ShellNode], input: Input = .none) throws(SpecProblem) -> Truth {
        var last = Truth.yes
        for node in nodes where stop == nil { last = try run(node, input: input) }
        return last
    }

    /// Counts what is followed.
    mutating func charge(_ cost: Int = 1) throws(SpecProblem) {
        count += cost
        guard count <= Self.mostCommands else {
            throw SpecProblem(
                line: lists.line,
                reason: "the shell text of %prep takes more than \(Self.mostCommands) commands: loops in loops?")
        }
    }

    /// Goes on counting where another way has come to.
    mutating func adoptCount(of other: SpecPrep) { count = other.count }

    @discardableResult mutating func run(_ node: ShellNode, input: Input = .none) throws(SpecProblem) -> Truth {
        try charge()
        level += 1
        defer { level -= 1 }
        guard level <= Self.deepest else {
            throw SpecProblem(line: lists.line, reason: "the shell text of %prep is nested too deeply")
        }
        switch node {
        case .command(let command): return try run(command, input: input)
        case .pipeline(let nodes, let negated):
            if negated {
                return try ask { (prep) throws(SpecProblem) in try prep.run(pipeline: nodes, input: input) }.opposite
            }
            return try run(pipeline: nodes, input: input)
        case .group(let nodes, let isSubshell):
            if isSubshell { return try subshell { (prep) throws(SpecProblem) in try prep.run(nodes, input: input) } }
            return try run(nodes, input: input)
        case .chain(let first, let rest): return try run(chain: first, rest[...])
        case .condition(let branches, let otherwise, let line):
            guard let branch = branches.first else { return try run(otherwise) }
            let value = try ask { (prep) throws(SpecProblem) in try prep.run(branch.test) }
            guard stop == nil else { return value }
            let rest =
                branches.count > 1
                ? [ShellNode.condition(Array(branches.dropFirst()), otherwise: otherwise, line: line)] : otherwise
            return try choose(value, then: branch.body, otherwise: rest, line)
        case .loop(let loop): return try run(loop, input: input)
        case .choice(let word, let branches, let line): return try run(choice: word, branches[...], line)
        case .function(let name, let body, _):
            functions[name] = body
            return .yes
        case .redirected(let node, let redirections, let line):
            let inner = self.input(of: redirections) ?? input
            let text = redirections.contains(where: \.writes) ? output(of: [node], input: inner) : nil
            let value = try run(node, input: inner)
            write(redirections, text: text, line: line, what: "…")
            return value
        }
    }

    /// Does something of which only what happens to files outlasts it.
    mutating func subshell(
        _ body: (inout SpecPrep) throws(SpecProblem) -> Truth
    ) throws(SpecProblem) -> Truth {
        let outer = (folder, variables, positional, functions, stack)
        var value = try body(&self)
        (folder, variables, positional, functions, stack) = outer
        if case .exited(let status) = stop {
            stop = nil
            value = status == 0 ? .yes : .no
        }
        return value
    }

    private mutating func run(pipeline nodes: [ShellNode], input: Input) throws(SpecProblem) -> Truth {
        guard nodes.count > 1, let last = nodes.last else { return try run(nodes, input: input) }
        let before = Array(nodes.dropLast())
        let fed = feed(before, input: input)
        var incoming = input
        for node in before {
            let stage = incoming
            _ = try subshell { (prep) throws(SpecProblem) in try prep.run(node, input: stage) }
            incoming = .unknown(nil)
        }
        return try subshell { (prep) throws(SpecProblem) in try prep.run(last, input: fed) }
    }

    /// Whether the command at hand is asked something, rather than told to do it.
    var isQuestion: Bool { questions > 0 }

    /// Does something of which only the status is wanted.
    mutating func ask(_ body: (inout SpecPrep) throws(SpecProblem) -> Truth) throws(SpecProblem) -> Truth {
        questions += 1
        let value = try body(&self)
        questions -= 1
        return value
    }

    private mutating func run(_ link: ShellLink, isLast: Bool) throws(SpecProblem) -> Truth {
        if isLast { return try run(link.node) }
        return try ask { (prep) throws(SpecProblem) in try prep.run(link.node) }
    }

    private mutating func run(chain first: ShellNode, _ links: ArraySlice<ShellLink>) throws(SpecProblem) -> Truth {
        var value = try ask { (prep) throws(SpecProblem) in try prep.run(first) }
        var rest = links
        while let link = rest.popFirst(), stop == nil {
            let isAnd = link.sign == "&&"
            switch value {
            case .yes, .assumed(checked: _):
                if isAnd {
                    value = try run(link, isLast: rest.isEmpty)
                } else if case .assumed(checked: false) = value {
                    // What is done if a command fails of which nothing tells whether it does.
                    try choose(value, then: [], otherwise: [link.node], link.line)
                }
            case .no, .refuted(checked: _):
                if !isAnd {
                    value = try run(link, isLast: rest.isEmpty)
                } else if case .refuted(checked: false) = value {
                    try choose(value, then: [link.node], otherwise: [], link.line)
                }
            case .exists, .unknown:
                let remaining = Array(rest)
                let onward: ShellNode = remaining.isEmpty ? link.node : .chain(link.node, remaining)
                // Where this link is passed over, the next of the other kind is not.
                let next = rest.firstIndex { $0.sign != link.sign }
                let skipped =
                    next.map { index -> [ShellNode] in
                        let tail = Array(rest[rest.index(after: index)...])
                        return [tail.isEmpty ? rest[index].node : .chain(rest[index].node, tail)]
                    } ?? []
                try choose(value, then: isAnd ? [onward] : skipped, otherwise: isAnd ? skipped : [onward], link.line)
                return .unknown("… \(link.sign) …")
            }
        }
        return value
    }

    // MARK: what is found

    mutating func add(_ action: PrepStep.Action, _ line: Int) {
        steps.append(PrepStep(line: callLine ?? line, action: action))
    }

    mutating func gap(_ line: Int, _ text: String) {
        let (line, text) = (callLine ?? line, Self.readable(text))
        // One gap is enough for there to be no verdict; so many are enough to see why.
        guard gaps.count < 1000, !gaps.suffix(32).contains(where: { $0.line == line && $0.text == text }) else {
            return
        }
        gaps.append((line, text))
    }

    /// What stands for the folders of a build, as a spec names them.
    static func readable(_ text: String) -> String {
        text.replacing(sources + "/", with: "%{_sourcedir}/").replacing(build + "/", with: "%{_builddir}/")
    }

    /// A command that may change the tree.
    mutating func gap(_ command: ShellCommand, _ reason: String = "a command that is not read may change the tree") {
        gap(command.line, "\(reason): \(command.text.prefix(160))")
    }

    /// A command that changes only these files, or what is below these folders, in a way that is not carried out.
    mutating func change(_ files: [String], _ line: Int, _ text: String) {
        for file in files { forget(file) }
        add(.change(files), line)
        remarks.append((callLine ?? line, Self.readable("not carried out: \(text.prefix(160))")))
    }

    /// What was known of a file's text is so no longer.
    mutating func forget(_ path: String) {
        func concerns(_ other: String) -> Bool {
            path.isEmpty || other == path || other.hasPrefix(path + "/") || Glob.matches(path, other)
        }
        copies = copies.filter { !concerns($0.key) }
        texts = texts.filter { !concerns($0.key) }
    }

    // MARK: paths

    /// A word as a place; `nil` for one outside both folders or not known.
    func place(_ word: String) -> PrepStep.Place? {
        guard let path = expand(word).map(ShellText.plain), !path.isEmpty else { return nil }
        return place(path: path)
    }

    /// A path as a place.
    func place(path: String) -> PrepStep.Place? {
        if path == Self.sources || path.hasPrefix(Self.sources + "/") {
            let rest = path.dropFirst(Self.sources.count).drop { $0 == "/" }
            return rest.isEmpty || rest.contains("/") ? nil : .source(String(rest))
        }
        return build(path).map { .build($0) }
    }

    /// A path below the build folder, without `.` and `..`; empty for the folder itself.
    func build(_ path: String) -> String? {
        var parts: [String]
        let relative: Substring
        if path == Self.build || path.hasPrefix(Self.build + "/") {
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
        return filled.contains { path == $0 || path.hasPrefix($0.isEmpty ? "" : $0 + "/") } ? nil : false
    }

    /// The source that is at a place, or of which a copy is.
    func source(at place: PrepStep.Place?) -> String? {
        switch place {
        case .source(let name): name
        case .build(let path): copies[path]
        case nil: nil
        }
    }

    /// The bytes of a source as it came; `nil` where it is not there, or has been changed.
    func bytes(ofSource name: String) -> [UInt8]? { altered.contains(name) ? nil : content(name) }

    /// The text of a file, where it is known.
    func text(at place: PrepStep.Place?) -> String? {
        if case .build(let path) = place, let text = texts[path] { return text }
        guard let name = source(at: place), let bytes = bytes(ofSource: name), bytes.count <= 4 << 20,
            !bytes.contains(0)
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
