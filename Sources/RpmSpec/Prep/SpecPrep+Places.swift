/// Programs of which only the places they change are known.
extension SpecPrep {
    /// Programs whose changes are known by their place only.
    mutating func other(
        _ name: String, _ arguments: [String?], _ command: ShellCommand, _ input: Input
    ) throws(SpecProblem) -> Truth? {
        let words = arguments.map { $0.map(ShellText.plain) }
        switch name {
        case "xargs": return try xargs(arguments, command, input)
        case "dkms": guard words.first == "status" else { return nil }
        case "cp":
            // From elsewhere on the host: what is known is where it arrives.
            guard let to = arguments.last ?? nil, let path = paths([to])?.first, words.count >= 2 else { return nil }
            change([path], command.line, command.text)
        case "make", "gmake":
            guard isKbuild(words) else { return nil }
            change([], command.line, command.text)
        case "sed":
            // The files may be known where the script is not.
            guard let index = words.firstIndex(of: nil), words.contains("-i"), index < words.count - 1,
                let files = Array(arguments[(index + 1)...]).allKnown, !files.contains(where: { $0.hasPrefix("-") }),
                let paths = paths(files)
            else { return nil }
            change(paths, command.line, command.text)
        case "openssl", "gpg", "gpg2", "gcc", "cc", "keyctl", "certutil":
            // Keys and host programs: the file behind -o or -out, or what is in the folder of keys.
            var files: [String] = []
            for (index, word) in words.enumerated() where word == "-o" || word == "-out" || word == "-keyout" {
                guard index + 1 < arguments.count, let target = arguments[index + 1], let path = paths([target])?.first
                else {
                    return nil
                }
                files.append(path)
            }
            if files.isEmpty, name == "gcc" || name == "cc" || name == "openssl" { return nil }
            change(files, command.line, command.text)
        case "pathfix.py":
            guard let known = arguments.allKnown else { return nil }
            try shebangs(known, command)
        default: return nil
        }
        write(command.redirections, text: nil, line: command.line, what: command.text)
        return .assumed(checked: false)
    }

    /// What mends the first lines of Python scripts: of files, and of what is below folders.
    mutating func shebangs(_ words: [String], _ command: ShellCommand) throws(SpecProblem) {
        var files: [String] = []
        var index = 0
        while index < words.count {
            let word = ShellText.plain(words[index])
            if word == "-i" { index += 1 } else if !word.hasPrefix("-") { files.append(words[index]) }
            index += 1
        }
        guard let paths = paths(files) else { return gap(command) }
        change(paths, command.line, command.text)
    }

    /// Whether make is asked only for what Kbuild makes without changing the source.
    private func isKbuild(_ words: [String?]) -> Bool {
        var targets = 0
        var index = 0
        while index < words.count {
            guard let word = words[index] else {
                // A variable's value, unless it is what is asked for.
                index += 1
                continue
            }
            if word == "-f", index + 1 < words.count, let file = words[index + 1],
                let text = text(at: place(path: file)),
                Harmless.packagingScripts.contains(Self.name(of: file)),
                !Harmless.patchers.contains(where: text.contains)
            {
                return true
            }
            if word == "-f" || word.hasPrefix("--file") || word.hasPrefix("--eval") || word.hasPrefix("-f") {
                return false
            }
            if word == "-C" || word == "-j" || word == "-l" || word == "-I" {
                index += word == "-j" ? 0 : 1
            } else if !word.hasPrefix("-"), !word.contains("="), !word.allSatisfy(\.isNumber) {
                guard Harmless.isKbuildTarget(word) else { return false }
                targets += 1
            }
            index += 1
        }
        return targets > 0
    }
}
