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
            let link = operands.count == 1 ? inFolder(Self.name(of: to)) : target(of: operands[0], at: path)
            links.insert(link)
            change([operands.count == 1 ? link : path], line, command.text)
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
}
