/// The commands that work on files.
extension SpecPrep {
    /// The commands that change files in ways that are carried out.
    /// - Returns: Whether it was understood.
    mutating func files(_ name: String, _ words: [String], _ command: ShellCommand, _ input: Input) -> Bool {
        let flags = words.filter { $0.hasPrefix("-") && $0.count > 1 }
        let operands = words.filter { !$0.hasPrefix("-") || $0.count == 1 }
        let line = command.line
        func options(only letters: String) -> Bool {
            flags.allSatisfy { $0 == "--" || !$0.hasPrefix("--") && $0.dropFirst().allSatisfy(letters.contains) }
        }
        switch name {
        case "mkdir":
            guard options(only: "pv"), let paths = paths(operands) else { return false }
            made.formUnion(paths)
            folders.formUnion(paths)
            for path in paths {
                var parts = path.split(separator: "/")
                while parts.popLast() != nil, !parts.isEmpty, exists(parts.joined(separator: "/")) == false {
                    made.insert(parts.joined(separator: "/"))
                    folders.insert(parts.joined(separator: "/"))
                }
            }
            add(.makeFolders(paths), line)
        case "rm", "rmdir", "unlink":
            // What lies outside the build folder is not the tree's.
            let inside = operands.filter { !isElsewhere($0) }
            if inside.isEmpty { return true }
            guard options(only: "rfvR"), let paths = paths(inside), !paths.contains("") else { return false }
            for path in paths {
                made = made.filter { $0 != path && !$0.hasPrefix(path + "/") }
                filled = filled.filter { $0 != path && !$0.hasPrefix(path + "/") }
                folders = folders.filter { $0 != path && !$0.hasPrefix(path + "/") }
                forget(path)
            }
            add(.remove(paths), line)
        case "touch":
            guard flags.isEmpty, let paths = paths(operands) else { return false }
            for path in paths where exists(path) == false { texts[path] = "" }
            made.formUnion(paths)
            add(.touch(paths), line)
        case "chmod":
            guard let mode = operands.first, let paths = paths(Array(operands.dropFirst())) else { return false }
            if ["+x", "a+x", "755", "0755"].contains(mode), flags.isEmpty {
                add(.makeExecutable(paths), line)
            } else {
                // Who may read a file does not change what is in it.
                remarks.append((callLine ?? line, "not carried out: \(command.text.prefix(160))"))
            }
        case "mv":
            guard options(only: "fvn"), let paths = paths(operands), paths.count >= 2, let to = paths.last else {
                return false
            }
            if ShellText.isPattern(to) {
                change(paths, line, command.text)
                return true
            }
            for path in paths.dropLast() { carryText(from: path, to: target(of: path, at: to)) }
            arrive(paths.dropLast(), at: to)
            for path in paths.dropLast() {
                made.remove(path)
                forget(path)
            }
            add(.move(Array(paths.dropLast()), to: to), line)
        case "cp": return copy(flags, operands, line)
        case "install":
            // `install -m 644 FILE… TO`.
            var rest: [String] = []
            var index = 0
            while index < words.count {
                let word = ShellText.plain(words[index])
                if word == "-m" || word == "-o" || word == "-g" {
                    index += 1
                } else if word == "-d" {
                    return files("mkdir", words.filter { $0 != "-d" }, command, input)
                } else if word.hasPrefix("-"), !["-p", "-c", "-v"].contains(word), !word.hasPrefix("-m") {
                    return false
                } else if !word.hasPrefix("-") {
                    rest.append(words[index])
                }
                index += 1
            }
            return copy([], rest, line)
        case "ln":
            guard let to = operands.last, let path = paths([to])?.first, operands.count <= 2 else { return false }
            change([operands.count == 1 ? inFolder(Self.name(of: to)) : path], line, command.text)
        case "find": return run(find: [name] + words, command)
        case "tar", "bsdtar": return unpack(words.map(ShellText.plain), line)
        case "perl", "sed": return replace(name, words, command)
        case "tee":
            let appends = flags.contains("-a")
            let text: String? = if case .text(let known) = input { known } else { nil }
            for operand in operands where ShellText.plain(operand) != "/dev/null" {
                write(to: ShellText.plain(operand), text: text, appends: appends, line, command.text)
            }
        case "dos2unix", "unix2dos", "truncate", "chown", "chgrp":
            guard let paths = paths(name.hasPrefix("ch") ? Array(operands.dropFirst()) : operands) else { return false }
            change(paths, line, command.text)
        default: return false
        }
        return true
    }

    /// Whether a word is a path outside the folders of the build and of the sources.
    private func isElsewhere(_ word: String) -> Bool {
        let path = ShellText.plain(word)
        return path.hasPrefix("/") && place(path: path) == nil && !path.hasPrefix(Self.sources) && path != "/"
            && !path.hasPrefix("/*") && !path.contains("/..")
    }

    /// Words as paths below the build folder; patterns stay patterns.
    func paths(_ words: [String]) -> [String]? {
        let paths = words.map { word -> String? in
            guard !word.contains("{") || word.contains(ShellText.quote) else { return nil }
            return build(ShellText.plain(word))
        }
        return paths.isEmpty || paths.contains(nil) ? nil : paths.compactMap { $0 }
    }

    private mutating func copy(_ flags: [String], _ operands: [String], _ line: Int) -> Bool {
        guard flags.allSatisfy({ !$0.hasPrefix("--") && $0.dropFirst().allSatisfy("aprRlfvdn".contains) }),
            operands.count >= 2, let to = operands.last.flatMap({ paths([$0]) })?.first, !ShellText.isPattern(to)
        else { return false }
        var known: [PrepStep.Place] = []
        for operand in operands.dropLast() {
            guard let place = place(path: ShellText.plain(operand)) else { return false }
            // What lies beside the sources without being one of them is not known.
            if case .source(let name) = place, !ShellText.isPattern(name), !lists.isListed(name), content(name) == nil {
                return false
            }
            known.append(place)
        }
        for place in known {
            switch place {
            case .source(let name) where !ShellText.isPattern(name):
                let path = target(of: name, at: to)
                forget(path)
                if !altered.contains(name) { copies[path] = name }
            case .source: forget(to)
            case .build(let path): carryText(from: path, to: target(of: path, at: to))
            }
        }
        arrive(known.compactMap { if case .build(let path) = $0 { path } else { nil } }[...], at: to)
        if known.count == 1, case .source = known[0] { made.insert(to) }
        // cp(1) follows links unless it is told otherwise, or copies folders without -l.
        let linked = flags.contains { $0.contains("l") }
        let keeps = flags.contains { $0.contains { "ad".contains($0) } }
        add(.copy(known, to: to, linked: linked, following: linked && !keeps), line)
        return true
    }

    /// Where something comes to be that is copied or moved.
    private func target(of path: String, at target: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        let isFolder =
            target.isEmpty
            || exists(target) == true && made.contains(target) && copies[target] == nil && texts[target] == nil
        return isFolder ? (target.isEmpty ? last : target + "/" + last) : target
    }

    /// What is known of a file's text, or of the texts below a folder, is known of the copy.
    private mutating func carryText(from path: String, to target: String) {
        let (oldCopies, oldTexts) = (copies, texts)
        forget(target)
        func moved(_ other: String) -> String? {
            other == path ? target : other.hasPrefix(path + "/") ? target + other.dropFirst(path.count) : nil
        }
        for (other, name) in oldCopies { if let place = moved(other) { copies[place] = name } }
        for (other, text) in oldTexts { if let place = moved(other) { texts[place] = text } }
    }

    /// Folders come to be at a path, with what is in them.
    private mutating func arrive(_ paths: ArraySlice<String>, at target: String) {
        for path in paths {
            let place = self.target(of: path, at: target)
            made.insert(place)
            if folders.contains(path) || filled.contains(path) { folders.insert(place) }
            if exists(path + "/x") == nil || filled.contains(path) { filled.insert(place) }
        }
    }

    // MARK: find

    private mutating func run(find words: [String], _ command: ShellCommand) -> Bool {
        if let action = find(words, deletes: false) {
            add(action, command.line)
            return true
        }
        // `find FOLDERS … -exec sed -i …`: what is below the folders is changed.
        let plain = words.map(ShellText.plain)
        guard let exec = plain.firstIndex(of: "-exec"), exec + 1 < plain.count, !plain.contains("-delete"),
            !plain.dropFirst(exec + 1).contains("-exec"), Self.changesItsFiles(Self.name(of: plain[exec + 1]), plain),
            let folders = searched(words)
        else { return false }
        change(folders, command.line, command.text)
        return true
    }

    /// The folders that `find` searches.
    func searched(_ words: [String]) -> [String]? {
        let starts = words.dropFirst().prefix { word in
            !word.hasPrefix("-") && word != "(" && ShellText.plain(word) != "("
        }
        let folders = (starts.isEmpty ? ["."] : Array(starts)).map { build(ShellText.plain($0)) }
        return folders.contains(nil) ? nil : folders.compactMap { $0 }
    }

    /// `find FOLDER ( -name P -o -name Q ) -delete` and its kin.
    func find(_ words: [String], deletes: Bool) -> PrepStep.Action? {
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
                    command.dropFirst().dropLast().allSatisfy({ ["-f", "-v", "-fv", "-rf"].contains($0) })
                else { return nil }
                rest = rest.dropFirst(command.count + 1)
                deletes = true
            default: return nil
            }
        }
        return deletes && !patterns.isEmpty ? .removeMatching(folder: folder, patterns: patterns) : nil
    }

    // MARK: tar

    private mutating func unpack(_ words: [String], _ line: Int) -> Bool {
        var letters = ""
        var target: String?
        var archives: [String] = []
        var members: [String] = []
        var stripped = 0
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            if word.hasPrefix("--strip-components="), let number = Int(word.dropFirst("--strip-components=".count)) {
                stripped = number
            } else if word == "-C" || word == "--directory" {
                guard index < words.count else { return false }
                target = words[index]
                index += 1
            } else if word.hasPrefix("--directory=") {
                target = String(word.dropFirst("--directory=".count))
            } else if word.hasPrefix("--") {
                return false
            } else if word.hasPrefix("-") || index == 1 && word.allSatisfy({ "xzjJvfopm".contains($0) }) {
                let added = word.hasPrefix("-") ? String(word.dropFirst()) : word
                guard added.allSatisfy({ "xzjJvfopma".contains($0) }) else { return false }
                letters += added
                if added.contains("f") {
                    guard added.hasSuffix("f"), index < words.count else { return false }
                    archives.append(words[index])
                    index += 1
                }
            } else {
                members.append(word)
            }
        }
        if stripped > 0 || !members.isEmpty {
            // Only some members, or in another place: told by where they arrive.
            guard let folder = build(target ?? "."), letters.contains("x"), archives.count == 1, stripped >= 0 else {
                return false
            }
            let places = members.map { $0.split(separator: "/").dropFirst(stripped).joined(separator: "/") }
            guard !places.contains(""), !members.contains(where: { $0.contains("..") || ShellText.isPattern($0) }),
                !members.isEmpty || !folder.isEmpty
            else { return false }
            let arrived = members.isEmpty ? [folder] : places.map { folder.isEmpty ? $0 : folder + "/" + $0 }
            filled.formUnion(arrived)
            change(arrived, line, "tar " + words.joined(separator: " "))
            return true
        }
        guard letters.contains("x"), archives.count == 1, case .source(let archive)? = place(path: archives[0]),
            let folder = build(target ?? ".")
        else { return false }
        filled.insert(folder)
        forget(folder)
        add(.unpack(archive: archive, folder: folder), line)
        return true
    }

    // MARK: sed and perl

    private mutating func replace(_ name: String, _ words: [String], _ command: ShellCommand) -> Bool {
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

    // MARK: others

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
