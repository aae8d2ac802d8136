extension SpecPrep {
    /// Follows one of two branches, or both where it cannot be told which one a build takes.
    @discardableResult mutating func choose(
        _ truth: Truth, then: [ShellNode], otherwise: [ShellNode], _ line: Int
    ) throws(SpecProblem) -> Truth {
        switch truth {
        case .yes, .assumed(checked: true): return try run(then)
        case .no, .refuted(checked: true): return try run(otherwise)
        case .assumed(checked: false), .refuted(checked: false):
            // The build goes the way of success; what it would do after a failure must not matter.
            let succeeds = if case .assumed = truth { true } else { false }
            let (likely, other) = succeeds ? (then, otherwise) : (otherwise, then)
            try compare([], other, "a command fails", line)
            return try run(likely)
        case .exists(let test, let path, let negated):
            try branch(test, path, negated, then, otherwise, line)
            return .unknown("…")
        case .unknown(let text):
            try compare(then, otherwise, "if \(text)", line)
            return .unknown("…")
        }
    }

    /// A choice that the unpacked tree decides.
    private mutating func branch(
        _ test: PrepStep.Test, _ path: String, _ negated: Bool, _ then: [ShellNode], _ otherwise: [ShellNode],
        _ line: Int
    ) throws(SpecProblem) {
        let text = "[ \(negated ? "! " : "")\(test.rawValue) \(path) ]"
        guard let (one, two) = try bothWays(then, otherwise, text) else { return }
        if one.stop != two.stop { gap(line, "whether %prep continues depends on the tree: \(text)") }
        if !one.steps.isEmpty || !two.steps.isEmpty {
            add(.conditional(test, path: path, negated: negated, then: one.steps, otherwise: two.steps), line)
        }
    }

    /// Follows both of two branches: what is known afterwards is what is known after either of them.
    /// - Returns: What each of them does, as its steps; `nil` where one of them ends the build, so that the other was taken.
    private mutating func bothWays(
        _ then: [ShellNode], _ otherwise: [ShellNode], _ text: String
    ) throws(SpecProblem) -> (one: SpecPrep, two: SpecPrep)? {
        try charge(1 + steps.count / 100)
        let outer = self
        steps = []
        uncertain = outer.uncertain ?? text
        try run(then)
        let one = self
        (self, steps, uncertain) = (outer, [], one.uncertain)
        carry(from: one)
        let logs = (applied, gaps, remarks)
        try run(otherwise)
        let two = self
        if two.stop?.fails == true { (applied, gaps, remarks) = logs }
        uncertain = outer.uncertain
        steps = outer.steps
        if let passing = passing(one, two) {
            settle(passing, after: outer)
            return nil
        }
        merge(one, two)
        return (one, two)
    }

    /// Where one of two ways ends the build with a failure: the state after the other.
    private func passing(_ one: SpecPrep, _ two: SpecPrep) -> SpecPrep? {
        switch (one.stop?.fails ?? false, two.stop?.fails ?? false) {
        case (true, false): two
        case (false, true): one
        default: nil
        }
    }

    /// Goes the way that a build which does not fail goes.
    private mutating func settle(_ passing: SpecPrep, after outer: SpecPrep) {
        merge(passing, passing)
        steps += passing.steps
        for index in min(outer.applied.count, applied.count)..<applied.count {
            applied[index].uncertain = outer.uncertain
        }
    }

    /// Follows two branches of which nothing tells which one is taken: what they do must be the same, or nothing.
    mutating func compare(
        _ then: [ShellNode], _ otherwise: [ShellNode], _ text: String, _ line: Int
    ) throws(SpecProblem) {
        guard let (one, two) = try bothWays(then, otherwise, text) else { return }
        if one.stop != two.stop {
            gap(line, "whether %prep continues depends on '\(text)', which is not evaluated")
        }
        if one.steps.map(\.action) == two.steps.map(\.action) {
            // The applications of one branch count; the other's have other numbers, so they are never the same.
            steps += one.steps
            return
        }
        // What is surely known is which files may have changed.
        for step in one.steps + two.steps {
            guard let files = step.action.changed else { continue }
            steps.append(PrepStep(line: step.line, action: .change(files)))
            if case .change = step.action { continue }
            let remark = "not carried out: what is done here depends on '\(text)'"
            if !remarks.suffix(32).contains(where: { $0.line == step.line && $0.text == remark }) {
                remarks.append((step.line, remark))
            }
        }
    }

    /// Takes over what has been counted and found on a way that is left again.
    private mutating func carry(from other: SpecPrep) {
        if other.stop?.fails != true { (applied, gaps, remarks) = (other.applied, other.gaps, other.remarks) }
        adoptCount(of: other)
    }

    /// Takes over what is known after either of two ways.
    private mutating func merge(_ one: SpecPrep, _ two: SpecPrep) {
        folder = one.folder == two.folder ? one.folder : nil
        stack = one.stack == two.stack ? one.stack : []
        variables = one.variables.filter { two.variables[$0.key] == $0.value }
        functions = one.functions.merging(two.functions) { $1 }
        copies = one.copies.filter { two.copies[$0.key] == $0.value }
        texts = one.texts.filter { two.texts[$0.key] == $0.value }
        altered = one.altered.union(two.altered)
        made = one.made.intersection(two.made)
        // What only one way makes may be there.
        filled = one.filled.union(two.filled).union(one.made.symmetricDifference(two.made))
        positional = one.positional == two.positional ? one.positional : []
        stop = one.stop == two.stop ? one.stop : nil
    }

    /// `case`: the first pattern that fits counts.
    mutating func run(
        choice word: String, _ branches: ArraySlice<ShellCase>, _ line: Int
    ) throws(SpecProblem) -> Truth {
        guard let branch = branches.first else { return .yes }
        guard let subject = expand(word).map(ShellText.plain) else {
            try compare(
                branch.body, branches.count > 1 ? [.choice(word: word, Array(branches.dropFirst()), line: line)] : [],
                "case \(ShellText.plain(word))", line)
            return .unknown("…")
        }
        var rest = branches
        while let branch = rest.popFirst() {
            for pattern in branch.patterns {
                guard let expanded = expand(pattern) else {
                    try compare(
                        branch.body, rest.isEmpty ? [] : [.choice(word: word, Array(rest), line: line)],
                        "case \(ShellText.plain(word))", line)
                    return .unknown("…")
                }
                if Glob.matches(Glob.pattern(expanded), subject) { return try run(branch.body) }
            }
        }
        return .yes
    }

    // MARK: loops

    mutating func run(_ loop: ShellLoop, input: Input) throws(SpecProblem) -> Truth {
        if let step = RestoreIdiom.match(loop, folder: folder) {
            add(step, loop.line)
            return .yes
        }
        let text = ([loop.kind] + loop.header.map(ShellText.plain)).joined(separator: " ")
        if loop.kind == "for" { return try run(for: loop, text) }
        if let (names, lines) = reading(loop.test, input: input) {
            for line in lines {
                assign(line, to: names)
                if try runOnce(loop.body) { break }
            }
            return .yes
        }
        while true {
            switch try ask({ (prep) throws(SpecProblem) in try prep.run(loop.test) }) {
            case .no where loop.kind == "while", .yes where loop.kind == "until": return .yes
            case .yes, .no:
                if try runOnce(loop.body) { return .yes }
            default:
                for name in Self.read(loop.test) { variables[name] = nil }
                try compare(loop.body, [], text, loop.line)
                if stop == .broke || stop == .continued { stop = nil }
                return .unknown(text)
            }
        }
    }

    private mutating func run(for loop: ShellLoop, _ text: String) throws(SpecProblem) -> Truth {
        guard let name = loop.header.first else { return .yes }
        let words = loop.header.count > 1 ? Array(loop.header.dropFirst(2)) : ["\(ShellText.whole)$@"]
        var values: [String]?
        for (index, word) in words.enumerated() {
            if index == 0 { values = [] }
            let expanded = fields([word]).flatMap { globbed($0) }
            values = values.flatMap { all in expanded.map { all + $0 } }
        }
        if words.isEmpty { values = [] }
        if let values {
            for value in values {
                variables[name] = ShellText.plain(value)
                if try runOnce(loop.body) { break }
            }
            return .yes
        }
        // Over files that only the tree knows: whatever is done to them is done to what fits the pattern.
        variables[name] = nil
        if words.count == 1, let pattern = fields(words)?.first, ShellText.isPattern(pattern),
            !pattern.contains(ShellText.quote)
        {
            variables[name] = pattern
        }
        try compare(loop.body, [], text, loop.line)
        variables[name] = nil
        if stop == .broke || stop == .continued { stop = nil }
        return .unknown(text)
    }

    /// Follows a loop's body once.
    /// - Returns: Whether the loop ends.
    private mutating func runOnce(_ body: [ShellNode]) throws(SpecProblem) -> Bool {
        try charge()
        try run(body)
        switch stop {
        case .continued:
            stop = nil
            return false
        case .broke:
            stop = nil
            return true
        case nil: return false
        default: return true
        }
    }

    /// The variables of a `read` that is a loop's condition.
    private static func read(_ test: [ShellNode]) -> [String] {
        guard test.count == 1, case .command(let command) = test[0] else { return [] }
        let words = command.words.drop { $0.contains("=") }
        guard words.first == "read" else { return [] }
        return words.dropFirst().filter { !$0.hasPrefix("-") }
    }

    /// `while read NAME…` over text that is known: the names, and the lines.
    private func reading(_ test: [ShellNode], input: Input) -> (names: [String], lines: [String])? {
        let names = Self.read(test)
        guard !names.isEmpty else { return nil }
        let text: String?
        switch input {
        case .text(let known): text = known
        case .file(let place): text = self.text(at: place)
        default: text = nil
        }
        return text.map { (names, $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)) }
            .map { names, lines in (names, lines.last == "" ? lines.dropLast() : lines) }
    }

    private mutating func assign(_ line: String, to names: [String]) {
        var rest = line[...].drop { $0 == " " || $0 == "\t" }
        for (index, name) in names.enumerated() {
            if index == names.count - 1 {
                var last = String(rest)
                while last.last == " " || last.last == "\t" { last.removeLast() }
                variables[name] = last
            } else {
                let word = rest.prefix { $0 != " " && $0 != "\t" }
                variables[name] = String(word)
                rest = rest.dropFirst(word.count).drop { $0 == " " || $0 == "\t" }
            }
        }
    }
}
