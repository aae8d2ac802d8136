/// sed and perl on files in place.
extension SpecPrep {
    mutating func replace(_ name: String, _ words: [String], _ command: ShellCommand) -> Bool {
        if line(name, words, command.line) { return true }
        guard name == "sed" else {
            guard let files = Self.perl(words), let paths = paths(files) else { return false }
            change(paths, command.line, command.text)
            return true
        }
        guard let (script, files, isInPlace) = Self.sed(words.map(ShellText.plain)), isInPlace else {
            guard let files = Self.sedFiles(words) else { return false }
            let sources = files.filter { if case .source? = place(path: ShellText.plain($0)) { true } else { false } }
            for word in sources {
                if case .source(let name)? = place(path: ShellText.plain(word)) {
                    altered.insert(name)
                    if lists.number(of: name) != nil { return false }
                }
            }
            let rest = files.filter { !sources.contains($0) }
            if rest.isEmpty { return true }
            guard let paths = paths(rest) else { return false }
            change(paths, command.line, command.text)
            return true
        }
        var edited: [String] = []
        for file in files {
            switch place(path: file) {
            case .source(let name):
                // A source is changed for what comes: its text is known if it was.
                if lists.number(of: name) != nil { return false }
                altered.insert(name)
            case .build(let path):
                let text = self.text(at: .build(path))
                forget(path)
                if let text, let result = script.run(on: Array(text.utf8)),
                    let known = String(validating: result, as: UTF8.self)
                {
                    texts[path] = known
                }
                edited.append(path)
            case nil: return false
            }
        }
        if !edited.isEmpty { add(.edit(files: edited, script: script), command.line) }
        return !files.isEmpty
    }

    /// The files of `sed -i` whose script is not read, where they can be told.
    private static func sedFiles(_ words: [String]) -> [String]? {
        var files: [String] = []
        var (scripts, isInPlace) = (0, false)
        var index = 0
        while index < words.count {
            let word = ShellText.plain(words[index])
            index += 1
            switch word {
            case "-e", "--expression":
                scripts += 1
                index += 1
            case "-i", "--in-place", "-r", "-E", "-s", "-n", "--":
                if word == "-i" || word == "--in-place" { isInPlace = true }
            default:
                if word.hasPrefix("-"), word.count > 1 { return nil }
                files.append(words[index - 1])
            }
        }
        if scripts == 0, !files.isEmpty { files.removeFirst() }
        return isInPlace && !files.isEmpty ? files : nil
    }

    /// The files of `perl -pi -e '…'`.
    private static func perl(_ words: [String]) -> [String]? {
        var files: [String] = []
        var (isInPlace, hasScript) = (false, false)
        var index = 0
        while index < words.count {
            let word = ShellText.plain(words[index])
            index += 1
            if ["-p", "-i", "-pi", "-e", "-pie", "-n", "-0", "-w", "-0pi", "-pi.bak"].contains(word) {
                if word.contains("i") { isInPlace = true }
                if word.hasSuffix("e") {
                    guard index < words.count, isBenign(perl: ShellText.plain(words[index])) else { return nil }
                    hasScript = true
                    index += 1
                }
            } else if word.hasPrefix("-") {
                return nil
            } else {
                files.append(words[index - 1])
            }
        }
        return isInPlace && hasScript && !files.isEmpty ? files : nil
    }

    /// Whether a line of Perl is a substitution.
    private static func isBenign(perl script: String) -> Bool {
        let start = script.drop { $0 == " " || $0 == "\n" }
        return (start.hasPrefix("s") || start.hasPrefix("tr") || start.hasPrefix("y"))
            && !["system", "exec", "open", "unlink", "rename", "`", "qx", "eval"].contains(where: script.contains)
            && !script.hasSuffix("e") && !script.contains("/e;") && !script.contains("/ge")
    }

    /// `perl -p -i -e 's/^WORD.*/TEXT/' FILE`, and sed's way of saying it.
    private mutating func line(_ name: String, _ words: [String], _ line: Int) -> Bool {
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
        guard isPlain, !parts[2].contains(where: { "\\&$@".contains($0) }), !ShellText.isPattern(path) else {
            return false
        }
        forget(path)
        add(.replaceLines(file: path, beginning: String(beginning), by: String(parts[2])), line)
        return true
    }
}
