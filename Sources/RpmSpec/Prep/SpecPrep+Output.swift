/// What commands print, where that can be told from texts that are known: files of the sources, words, and simple filters.
extension SpecPrep {
    private static let mostText = 4 << 20

    /// What is between the brackets of `$(…)`, without the line ends behind it.
    func output(ofScript text: String) -> String? {
        guard text.utf8.count <= 4096, let nodes = try? ShellParser.parse([(1, text)]) else { return nil }
        guard var output = output(of: nodes, input: .none) else { return nil }
        while output.last == "\n" { output.removeLast() }
        return output
    }

    /// What a command line prints that rpm runs for `%(…)`.
    static func output(ofMacro text: String) -> String? { SpecPrep(lists: SpecLists()).output(ofScript: text) }

    /// What commands print; `nil` where that is not known, or where they do something else.
    func output(of nodes: [ShellNode], input: Input, depth: Int = 0) -> String? {
        var all = ""
        for node in nodes {
            guard depth < 20, let text = output(of: node, input: input, depth: depth + 1) else { return nil }
            all += text
            guard all.utf8.count <= Self.mostText else { return nil }
        }
        return all
    }

    private func output(of node: ShellNode, input: Input, depth: Int) -> String? {
        switch node {
        case .command(let command): return output(of: command, input: input)
        case .pipeline(let nodes, false):
            var input = input
            var text: String?
            for node in nodes {
                text = output(of: [node], input: input, depth: depth)
                guard let text else { return nil }
                input = .text(text)
            }
            return text
        case .group(let nodes, _): return output(of: nodes, input: input, depth: depth)
        default: return nil
        }
    }

    /// What `a | b` feeds to what comes behind it.
    func feed(_ nodes: [ShellNode], input: Input) -> Input {
        if nodes.count == 1, case .command(let command) = nodes[0], let place = unpacked(by: command, input: input) {
            return .file(place)
        }
        let text =
            nodes.count == 1
            ? output(of: nodes, input: input) : output(of: .pipeline(nodes, negated: false), input: input, depth: 0)
        if let text { return .text(text) }
        if nodes.count == 1, case .command(let command) = nodes[0] { return .unknown(command) }
        return .unknown(nil)
    }

    private static let decompressors: Set<String> = [
        "cat", "xzcat", "bzcat", "zcat", "gzcat", "zstdcat", "lzcat", "gunzip", "bunzip2", "unxz", "unlzma", "unzstd",
        "xz", "gzip", "bzip2", "zstd", "lzma",
    ]

    /// The one file whose plain content a command prints.
    private func unpacked(by command: ShellCommand, input: Input) -> PrepStep.Place? {
        guard let words = fields(command.words), let name = words.first.map(Self.name(of:)),
            Self.decompressors.contains(name), !command.redirections.contains(where: \.writes)
        else { return nil }
        let rest = words.dropFirst().map(ShellText.plain)
        let flags = rest.filter { $0.hasPrefix("-") && $0 != "-" }
        let files = rest.filter { !$0.hasPrefix("-") }
        let allowed = flags.allSatisfy { flag in
            ["-c", "-d", "-dc", "-cd", "--stdout", "--decompress", "-q", "-dcq", "-dqc", "-T0"].contains(flag)
        }
        // A compressor without -d packs; and one with a file but without -c replaces the file.
        let isPacker = ["xz", "gzip", "bzip2", "zstd", "lzma"].contains(name)
        if isPacker, !flags.contains(where: { $0.contains("d") }) { return nil }
        let writes =
            (isPacker || name.hasPrefix("un") || name.hasPrefix("gun") || name.hasPrefix("bun"))
            && !files.isEmpty && !flags.contains { $0.contains("c") || $0 == "--stdout" }
        guard allowed, !writes else { return nil }
        let place: PrepStep.Place?
        if files.count == 1 {
            place = self.place(path: files[0])
        } else if files.isEmpty, case .file(let read) = self.input(of: command.redirections) ?? input {
            place = read
        } else {
            place = nil
        }
        return source(at: place) == nil ? nil : place
    }

    /// What a command reads by its redirections; `nil` where they say nothing of it.
    func input(of redirections: [ShellRedirection]) -> Input? {
        var input: Input?
        for redirection in redirections {
            switch redirection.sign {
            case "<":
                if expand(redirection.word).map(ShellText.plain) == "/dev/null" {
                    input = .text("")
                } else {
                    input = place(redirection.word).map { .file($0) } ?? .unknown(nil)
                }
            case "<<", "<<-": input = expand(redirection.word).map { .text(ShellText.plain($0)) } ?? .unknown(nil)
            case "<<<": input = expand(redirection.word).map { .text(ShellText.plain($0) + "\n") } ?? .unknown(nil)
            case "<&", "<>": input = .unknown(nil)
            default: break
            }
        }
        return input
    }

    /// The name of a command, without its folder.
    static func name(of word: String) -> String {
        ShellText.plain(word).split(separator: "/").last.map(String.init) ?? ShellText.plain(word)
    }

    private func output(of command: ShellCommand, input: Input) -> String? {
        guard
            !command.redirections.contains(where: { redirection in
                redirection.writes && expand(redirection.word).map(ShellText.plain) != "/dev/null"
            }), let words = fields(command.words)?.map(ShellText.plain), let first = words.first
        else { return nil }
        // What is printed into /dev/null is not printed.
        let isSilent = command.redirections.contains { $0.writes }
        guard !isSilent else { return nil }
        guard functions[first] == nil else { return nil }
        let arguments = Array(words.dropFirst())
        func incoming(_ files: [String]) -> String? {
            if files.isEmpty {
                switch self.input(of: command.redirections) ?? input {
                case .text(let text): return text
                case .file(let place): return text(at: place)
                default: return nil
                }
            }
            var all = ""
            for file in files {
                guard let globbed = globbed([file]) else { return nil }
                for file in globbed {
                    let path = ShellText.plain(file)
                    if path.hasPrefix(Self.specs + "/"), path.hasSuffix(".spec") {
                        all += spec.map { $0 + "\n" }.joined()
                        continue
                    }
                    guard let text = text(at: place(path: path)) else { return nil }
                    all += text
                }
            }
            return all.utf8.count <= Self.mostText ? all : nil
        }
        switch Self.name(of: first) {
        case "echo":
            guard arguments.first != "-e", !arguments.contains(where: { $0.contains("\\") }) else { return nil }
            return arguments.first == "-n"
                ? arguments.dropFirst().joined(separator: " ") : arguments.joined(separator: " ") + "\n"
        case "printf":
            guard let format = arguments.first, ["%s", "%s\\n"].contains(format) else { return nil }
            return arguments.dropFirst().map { $0 + (format == "%s" ? "" : "\n") }.joined()
        case "true", ":", "set", "trap", "export": return ""
        case "pwd": return folder.map { ([Self.build] + $0).joined(separator: "/") + "\n" }
        case "cat": return arguments.contains { $0.hasPrefix("-") } ? nil : incoming(arguments)
        case "basename":
            guard let path = arguments.first, (1...2).contains(arguments.count), !path.hasPrefix("-") else {
                return nil
            }
            var name = path.split(separator: "/").last.map(String.init) ?? path
            if arguments.count == 2, name.hasSuffix(arguments[1]), name != arguments[1] {
                name.removeLast(arguments[1].count)
            }
            return name + "\n"
        case "dirname":
            guard arguments.count == 1, let slash = arguments[0].lastIndex(of: "/") else {
                return arguments.count == 1 ? ".\n" : nil
            }
            return (slash == arguments[0].startIndex ? "/" : String(arguments[0][..<slash])) + "\n"
        case "ls":
            let files = arguments.filter { $0 != "-1" && $0 != "-d" && $0 != "-1d" }
            guard !files.isEmpty,
                let found = globbed(fields(Array(command.words.dropFirst()))?.filter { !$0.hasPrefix("-") } ?? [])
            else { return nil }
            let names = found.map(ShellText.plain)
            guard names.allSatisfy({ $0.hasPrefix(Self.sources + "/") }) else { return nil }
            return names.map { $0 + "\n" }.joined()
        case "wc":
            guard arguments.first == "-l", arguments.count <= 2 else { return nil }
            return lineCount(arguments.dropFirst().first, incoming)
        case "head":
            guard let (count, files) = Self.count(arguments), let text = incoming(files) else { return nil }
            return text.split(separator: "\n", omittingEmptySubsequences: false).prefix(count).joined(separator: "\n")
                + (text.isEmpty ? "" : "\n")
        case "sort":
            guard arguments.isEmpty || arguments == ["-u"], let text = incoming([]) else { return nil }
            let lines = Self.lines(text).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            let kept = arguments.isEmpty ? lines : lines.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
            return kept.map { $0 + "\n" }.joined()
        case "awk", "gawk":
            var rest = arguments[...]
            var separator: Character?
            if let option = rest.first, option.hasPrefix("-F") {
                rest = rest.dropFirst()
                guard let text = option.count > 2 ? String(option.dropFirst(2)) : rest.popFirst(), text.count == 1
                else { return nil }
                separator = text.first
            }
            guard let program = rest.popFirst()?.filter({ $0 != " " }), program.hasPrefix("{print$"),
                program.hasSuffix("}"),
                let number = Int(program.dropFirst("{print$".count).dropLast()), number > 0,
                let text = incoming(Array(rest))
            else { return nil }
            return Self.lines(text).map { line in
                let words =
                    separator.map { line.split(separator: $0, omittingEmptySubsequences: false) }
                    ?? line.split { $0 == " " || $0 == "\t" }
                return (number <= words.count ? String(words[number - 1]) : "") + "\n"
            }.joined()
        case "grep", "egrep": return grep(arguments, isExtended: Self.name(of: first) == "egrep", incoming)
        case "sed":
            guard let (script, files, isInPlace) = Self.sed(arguments), !isInPlace, let text = incoming(files),
                let result = script.run(on: Array(text.utf8))
            else { return nil }
            return String(validating: result, as: UTF8.self)
        default: return nil
        }
    }

    static func lines(_ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.last == "" ? lines.dropLast() : lines
    }

    /// `wc -l`. A patch that is listed but not there is taken for one with something in it: that it is missing is told
    /// when it is loaded.
    private func lineCount(_ file: String?, _ incoming: ([String]) -> String?) -> String? {
        func count(_ bytes: [UInt8]) -> Int { bytes.count(where: { $0 == UInt8(ascii: "\n") }) }
        if let file, case .source(let name) = place(path: file) {
            if let bytes = bytes(ofSource: name) { return "\(count(bytes)) \(file)\n" }
            return lists.number(of: name) != nil && !altered.contains(name) ? "\(Int(Int32.max)) \(file)\n" : nil
        }
        guard let text = incoming(file.map { [$0] } ?? []) else { return nil }
        return "\(count(Array(text.utf8)))\(file.map { " " + $0 } ?? "")\n"
    }

    /// The options of `head`.
    private static func count(_ arguments: [String]) -> (Int, [String])? {
        var rest = arguments[...]
        guard let option = rest.first, option.hasPrefix("-") else { return (10, Array(rest)) }
        rest = rest.dropFirst()
        var digits = option.dropFirst()
        if digits.hasPrefix("n") { digits = digits.dropFirst() }
        if digits.isEmpty, let next = rest.popFirst() { digits = next[...] }
        return Int(digits).flatMap { $0 >= 0 ? ($0, Array(rest)) : nil }
    }

    private func grep(_ arguments: [String], isExtended: Bool, _ incoming: ([String]) -> String?) -> String? {
        var (isExtended, isInverse, ignoresCase) = (isExtended, false, false)
        var rest = arguments[...]
        while let option = rest.first, option.hasPrefix("-"), option.count > 1 {
            for letter in option.dropFirst() {
                switch letter {
                case "E": isExtended = true
                case "v": isInverse = true
                case "i": ignoresCase = true
                case "h": break
                case "e" where option == "-e": break
                default: return nil
                }
            }
            rest = rest.dropFirst()
        }
        guard let pattern = rest.popFirst(),
            let regex = PosixRegex(pattern, extended: isExtended, ignoresCase: ignoresCase),
            let text = incoming(Array(rest))
        else { return nil }
        return Self.lines(text).filter { (regex.find(in: Array($0.utf8), from: 0) != nil) != isInverse }
            .map { $0 + "\n" }.joined()
    }

    /// The script, the files and the way of `sed`; `nil` for one that is not read.
    static func sed(_ arguments: [String]) -> (script: SedScript, files: [String], isInPlace: Bool)? {
        var scripts: [String] = []
        var files: [String] = []
        var (isExtended, isQuiet, isInPlace) = (false, false, false)
        var index = 0
        while index < arguments.count {
            let word = arguments[index]
            index += 1
            switch word {
            case "-e", "--expression":
                guard index < arguments.count else { return nil }
                scripts.append(arguments[index])
                index += 1
            case "-i", "--in-place": isInPlace = true
            case "-E", "-r", "--regexp-extended": isExtended = true
            case "-n", "--quiet": isQuiet = true
            case "-ie", "-i.e": return nil
            case "-ne":
                guard index < arguments.count else { return nil }
                isQuiet = true
                scripts.append(arguments[index])
                index += 1
            case "--": continue
            default:
                if word.hasPrefix("-"), word.count > 1 { return nil }
                files.append(word)
            }
        }
        if scripts.isEmpty, !files.isEmpty { scripts.append(files.removeFirst()) }
        return SedScript(scripts.joined(separator: "\n"), isExtended: isExtended, isQuiet: isQuiet)
            .map { ($0, files, isInPlace) }
    }
}
