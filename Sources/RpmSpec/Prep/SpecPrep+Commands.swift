extension SpecPrep {
    /// Commands that leave the tree as it is.
    private static let idle: Set<String> = [
        "echo", "set", "true", ":", "local", "shift", "return", "exit", "test", "[", "[[", "export", "unset", "sleep",
        "wait", "cat", "grep", "ls", "pwd", "printf", "false", "trap", "umask", "ulimit",
    ]

    /// Follows a pipeline.
    mutating func run(_ commands: [ShellCommand]) throws(SpecProblem) {
        guard let first = commands.first else { return }
        if commands.count > 1 { return try run(pipe: commands) }
        guard let name = first.words.first.map(Self.name) else {
            if first.writesFile { note(first) }
            return
        }
        if first.words.count == 1 || !first.words[0].contains(" "), Self.isAssignment(first.words[0]) {
            assign(first)
        } else if name.hasPrefix("%") {
            try macro(first)
        } else if name == "ApplyPatch" || name == "ApplyOptionalPatch" {
            try shellFunction(first)
        } else if name == "patch" {
            try patch(first, input: nil)
        } else if name == "git" {
            try git(first)
        } else if Self.idle.contains(name), !first.writesFile {
            return
        } else if !follow(name, first) {
            note(first)
        }
    }

    /// A word as the name of a command, without its folder.
    private static func name(_ word: String) -> String {
        ShellText.plain(word).split(separator: "/").last.map(String.init) ?? word
    }

    private static func isAssignment(_ word: String) -> Bool {
        guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
        return word[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    private mutating func assign(_ command: ShellCommand) {
        for word in command.words {
            guard Self.isAssignment(word), let equals = word.firstIndex(of: "=") else { return }
            let value = String(word[word.index(after: equals)...])
            variables[String(word[..<equals])] = expand(value).map(ShellText.plain)
        }
    }

    /// `find … | xargs rm`, and a patch that a decompressor feeds.
    private mutating func run(pipe commands: [ShellCommand]) throws(SpecProblem) {
        let names = commands.map { Self.name($0.words.first ?? "") }
        if names.last == "patch", let last = commands.last, commands.count == 2,
            ["cat", "xzcat", "bzcat", "zcat", "xz", "gzip", "bzip2", "gunzip", "bunzip2", "unxz", "zstdcat"].contains(
                names[0])
        {
            let files = commands[0].words.dropFirst().filter { !$0.hasPrefix("-") } + commands[0].inputs
            if files.count == 1 { return try patch(last, input: files[files.startIndex]) }
        }
        if names.first == "find", commands.count == 2, names[1] == "xargs" {
            let tail = commands[1].words.dropFirst().filter { !["-r", "-0", "--no-run-if-empty"].contains($0) }
            if tail.first == "rm", tail.dropFirst().allSatisfy({ ["-f", "-v"].contains($0) }),
                let action = find(commands[0].words, deletes: true)
            {
                return add(action, commands[0].line)
            }
        }
        if names.allSatisfy({
            Self.idle.contains($0) || ["awk", "sed", "head", "tail", "wc", "sort", "cut"].contains($0)
        }),
            !commands.contains(where: \.writesFile)
        {
            return
        }
        var all = commands[0]
        all.words = Array(commands.map(\.words).joined(separator: ["|"]))
        let words = all.words.map(Self.name)
        let patches = words.contains("patch") || words.contains("ApplyPatch") || words.contains("am")
        if patches { miss(all) } else { note(all) }
    }

    /// The commands that change files.
    /// - Returns: Whether it was understood.
    private mutating func follow(_ name: String, _ command: ShellCommand) -> Bool {
        let words = Array(command.words.dropFirst())
        let flags = words.filter { $0.hasPrefix("-") && $0.count > 1 }
        let operands = words.filter { !$0.hasPrefix("-") || $0.count == 1 }
        let line = command.line
        func options(only letters: String) -> Bool {
            flags.allSatisfy { $0 == "--" || !$0.hasPrefix("--") && $0.dropFirst().allSatisfy(letters.contains) }
        }
        guard !command.writesFile else { return false }
        switch name {
        case "cd": return change(to: operands.first)
        case "pushd":
            stack.append(folder)
            return change(to: operands.first)
        case "popd":
            guard let last = stack.popLast() else { return false }
            folder = last
        case "mkdir":
            guard options(only: "pv"), let paths = paths(operands) else { return false }
            made.formUnion(paths)
            add(.makeFolders(paths), line)
        case "rm":
            guard options(only: "rfv"), let paths = paths(operands), !paths.contains("") else { return false }
            for path in paths {
                made = made.filter { $0 != path && !$0.hasPrefix(path + "/") }
                filled = filled.filter { $0 != path && !$0.hasPrefix(path + "/") }
            }
            add(.remove(paths), line)
        case "touch":
            guard flags.isEmpty, let paths = paths(operands) else { return false }
            made.formUnion(paths)
            add(.touch(paths), line)
        case "chmod":
            guard let mode = operands.first, ["+x", "a+x", "755", "0755"].contains(mode), flags.isEmpty,
                let paths = paths(Array(operands.dropFirst()))
            else { return false }
            add(.makeExecutable(paths), line)
        case "mv":
            guard options(only: "fv"), let paths = paths(operands), paths.count >= 2, let to = paths.last else {
                return false
            }
            arrive(paths.dropLast(), at: to)
            for path in paths.dropLast() { made.remove(path) }
            add(.move(Array(paths.dropLast()), to: to), line)
        case "cp":
            guard options(only: "aprRlfvd"), operands.count >= 2, let to = operands.last.flatMap({ paths([$0]) })?.first
            else { return false }
            let places = operands.dropLast().map { place($0) }
            guard !places.contains(nil) else { return false }
            let known = places.compactMap { $0 }
            arrive(known.compactMap { if case .build(let path) = $0 { path } else { nil } }[...], at: to)
            if known.count == 1, case .source = known[0] { made.insert(to) }
            // cp(1) follows links unless it is told otherwise, or copies folders without -l.
            let linked = flags.contains { $0.contains("l") }
            let keeps = flags.contains { $0.contains { "ad".contains($0) } }
            add(.copy(known, to: to, linked: linked, following: linked && !keeps), line)
        case "find":
            guard let action = find(command.words, deletes: false) else { return false }
            add(action, line)
        case "tar":
            guard let option = words.first, option.contains("x"), option.hasSuffix("f"), words.count == 2,
                option.allSatisfy({ "-xzjJvf".contains($0) }), case .source(let archive) = place(words[1]), let folder
            else { return false }
            let target = folder.joined(separator: "/")
            filled.insert(target)
            add(.unpack(archive: archive, folder: target), line)
        case "perl", "sed": return replace(name, words, line)
        default: return false
        }
        return true
    }

    private mutating func change(to word: String?) -> Bool {
        guard let word, let path = expand(word).map(ShellText.plain), let target = build(path) else {
            folder = nil
            return false
        }
        folder = target.split(separator: "/").map(String.init)
        return true
    }

    private func paths(_ words: [String]) -> [String]? {
        let paths = words.map { word -> String? in
            if case .build(let path) = place(word) { path } else { nil }
        }
        return paths.isEmpty || paths.contains(nil) ? nil : paths.compactMap { $0 }
    }

    /// Folders come to be at a path, with what is in them.
    private mutating func arrive(_ paths: ArraySlice<String>, at target: String) {
        for path in paths {
            let last = path.split(separator: "/").last.map(String.init) ?? path
            let place = exists(target) == true && made.contains(target) ? target + "/" + last : target
            made.insert(place)
            if exists(path + "/x") == nil || filled.contains(path) { filled.insert(place) }
        }
    }

    /// `find FOLDER ( -name P -o -name Q ) -delete` and its kin.
    private func find(_ words: [String], deletes: Bool) -> PrepStep.Action? {
        var rest = words.dropFirst().map(ShellText.plain)[...]
        var target = "."
        if let first = rest.first, !first.hasPrefix("-"), first != "(" {
            target = first
            rest = rest.dropFirst()
        }
        guard let folder = build(target) else { return nil }
        var patterns: [String] = []
        var deletes = deletes
        while let word = rest.popFirst() {
            switch word {
            case "(", ")", "-o", "-print", "-print0": continue
            case "-type": guard rest.popFirst() == "f" else { return nil }
            case "-name":
                guard let pattern = rest.popFirst() else { return nil }
                patterns.append(pattern)
            case "-delete": deletes = true
            case "-exec":
                let command = rest.prefix { $0 != ";" && $0 != "+" }.map { $0 }
                guard command.first == "rm", command.last == "{}",
                    command.dropFirst().dropLast().allSatisfy({ ["-f", "-v", "-fv"].contains($0) })
                else { return nil }
                rest = rest.dropFirst(command.count + 1)
                deletes = true
            default: return nil
            }
        }
        return deletes && !patterns.isEmpty ? .removeMatching(folder: folder, patterns: patterns) : nil
    }

    /// `perl -p -i -e 's/^WORD.*/TEXT/' FILE`, and sed's way of saying it.
    private mutating func replace(_ name: String, _ words: [String], _ line: Int) -> Bool {
        var expression: String?
        var files: [String] = []
        var inPlace = false
        var index = 0
        while index < words.count {
            let word = ShellText.plain(words[index])
            if word == "-e" || word == "-pie" || word == "-pi" && name == "perl" || word == "-p" || word == "-i" {
                if word.contains("i") { inPlace = true }
                if word.hasSuffix("e"), index + 1 < words.count {
                    guard expression == nil else { return false }
                    index += 1
                    expression = ShellText.plain(words[index])
                }
            } else if word.hasPrefix("-"), word != "--" {
                return false
            } else if word != "--" {
                if expression == nil, name == "sed" { expression = word } else { files.append(words[index]) }
            }
            index += 1
        }
        guard inPlace, files.count == 1, let path = paths(files)?.first,
            let parts = expression?.split(separator: "/", omittingEmptySubsequences: false), parts.count == 4,
            parts[0] == "s", parts[3].isEmpty, parts[1].hasPrefix("^"), parts[1].hasSuffix(".*")
        else { return false }
        let beginning = parts[1].dropFirst().dropLast(2)
        let isPlain = !beginning.isEmpty && !beginning.contains { "\\[](){}.*+?^$|".contains($0) }
        guard isPlain, !parts[2].contains(where: { "\\&$@".contains($0) }) else { return false }
        add(.replaceLines(file: path, beginning: String(beginning), by: String(parts[2])), line)
        return true
    }

    private mutating func git(_ command: ShellCommand) throws(SpecProblem) {
        let words = command.words.dropFirst().map { $0 }
        switch words.first {
        case "init", "config", "add", "commit", "gc", "tag": return
        case "am", "apply":
            let files = words.dropFirst().filter { !$0.hasPrefix("-") }.flatMap { word in
                (expand(word) ?? word).split(separator: " ").map(String.init)
            }
            guard !files.isEmpty else { return miss(command) }
            for file in files {
                guard case .source(let name) = place(file) else { return miss(command) }
                apply(
                    PatchApplication(
                        number: lists.number(of: name), file: name, fuzz: 0, isForGit: true, line: command.line))
            }
        default: note(command)
        }
    }
}
