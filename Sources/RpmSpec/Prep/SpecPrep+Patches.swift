extension SpecPrep {
    /// Notes a patch as applied, in the folder at hand unless another is given.
    mutating func apply(_ application: PatchApplication, in target: String? = nil) {
        var application = application
        application.folder = target ?? folder?.joined(separator: "/")
        application.uncertain = uncertain
        add(.patch(applied.count), application.line)
        applied.append(application)
    }

    /// The macros that unpack and patch.
    mutating func macro(_ command: ShellCommand) throws(SpecProblem) {
        let words = command.words.map(ShellText.plain)
        switch words[0] {
        case "%setup": try setup(words, command.line)
        case "%autosetup":
            try setup(words, command.line)
            if !words.contains("-N") { try automatic(words, command.line) }
        case "%autopatch": try automatic(words, command.line)
        case let word where word.hasPrefix("%patch"): try patchMacro(words, command.line)
        default: note(command)
        }
    }

    /// `%setup`, as rpm's `doSetupMacro` puts it into shell.
    private mutating func setup(_ words: [String], _ line: Int) throws(SpecProblem) {
        var name = "\(lists.name)-\(lists.version)"
        var (creates, keeps, unpacks) = (false, false, true)
        var before: [Int] = []
        var after: [Int] = []
        var index = 1
        func value(_ option: String, _ index: inout Int) throws(SpecProblem) -> String {
            let attached = words[index].dropFirst(2)
            if !attached.isEmpty { return String(attached) }
            index += 1
            guard index < words.count else {
                throw SpecProblem(line: line, reason: "\(words[0]): the option \(option) lacks its value")
            }
            return words[index]
        }
        func number(_ option: String, _ index: inout Int) throws(SpecProblem) -> Int {
            let text = try value(option, &index)
            guard let number = Int(text) else {
                throw SpecProblem(line: line, reason: "\(words[0]): \(option) takes a number, not '\(text)'")
            }
            return number
        }
        while index < words.count {
            switch words[index].prefix(2) {
            case "-n": name = try value("-n", &index)
            case "-a": after.append(try number("-a", &index))
            case "-b": before.append(try number("-b", &index))
            case "-p", "-S": _ = try value("-p", &index)
            case "-c": creates = true
            case "-D": keeps = true
            case "-T": unpacks = false
            default:
                // Letters may stand together, as in `-qcT`.
                let letters = words[index].dropFirst()
                guard words[index].hasPrefix("-"), letters.allSatisfy({ "qcDTNv".contains($0) }) else {
                    throw SpecProblem(line: line, reason: "\(words[0]): '\(words[index])' is not understood")
                }
            }
            if words[index].hasPrefix("-"), words[index].dropFirst().allSatisfy({ "qcDTNv".contains($0) }) {
                creates = creates || words[index].contains("c")
                keeps = keeps || words[index].contains("D")
                unpacks = unpacks && !words[index].contains("T")
            }
            index += 1
        }
        folder = []
        guard let top = build(name), !top.isEmpty else {
            throw SpecProblem(line: line, reason: "\(words[0]): the folder '\(name)' is outside the build folder")
        }
        if !keeps {
            made = made.filter { $0 != top && !$0.hasPrefix(top + "/") }
            filled = filled.filter { $0 != top && !$0.hasPrefix(top + "/") }
            add(.remove([top]), line)
        }
        if creates {
            made.insert(top)
            add(.makeFolders([top]), line)
        } else {
            if unpacks { try unpack(0, "", line) }
        }
        for number in before { try unpack(number, "", line) }
        folder = top.split(separator: "/").map(String.init)
        if creates, unpacks { try unpack(0, top, line) }
        for number in after { try unpack(number, top, line) }
        made.insert(top)
        filled.insert(top)
    }

    private mutating func unpack(_ number: Int, _ folder: String, _ line: Int) throws(SpecProblem) {
        guard let archive = lists.sources[number] else {
            // A spec that is read only for its patches need not list a source.
            return remarks.append((line, "there is no Source\(number) to unpack"))
        }
        add(.unpack(archive: archive, folder: folder), line)
    }

    /// `%patchN …`, `%patch -P N …`, `%patch N …`, `%patch …` for Patch0.
    private mutating func patchMacro(_ words: [String], _ line: Int) throws(SpecProblem) {
        var template = PatchApplication(file: "", strip: 0, line: line)
        template.fuzz = lists.fuzz
        var target: String?
        var numbers = Int(words[0].dropFirst("%patch".count)).map { [$0] } ?? []
        var index = 1
        func argument(_ letter: String, _ index: inout Int) throws(SpecProblem) -> String {
            let attached = String(words[index].dropFirst(2))
            if !attached.isEmpty { return attached }
            index += 1
            guard index < words.count else {
                throw SpecProblem(line: line, reason: "\(words[0]): the option -\(letter) lacks its value")
            }
            return words[index]
        }
        func number(_ letter: String, _ index: inout Int) throws(SpecProblem) -> Int {
            let text = try argument(letter, &index)
            guard let value = Int(text), (0...1_000_000).contains(value) else {
                throw SpecProblem(line: line, reason: "\(words[0]): -\(letter) takes a number, not '\(text)'")
            }
            return value
        }
        while index < words.count {
            let word = words[index]
            switch word.prefix(2) {
            case "-p": template.strip = try number("p", &index)
            case "-P": numbers.append(try number("P", &index))
            case "-F": template.fuzz = try number("F", &index)
            case "-b", "-z": template.backup = try argument(String(word.dropFirst().prefix(1)), &index)
            case "-R": template.reverse = true
            case "-d": target = build(try argument("d", &index))
            case "-E", "-Z", "-s", "-l", "-t", "-N", "-f": break
            default:
                if let value = Int(word) {
                    numbers.append(value)
                } else {
                    throw SpecProblem(line: line, reason: "\(words[0]): '\(word)' is not understood")
                }
            }
            index += 1
        }
        for number in numbers.isEmpty ? [0] : numbers {
            guard let listed = lists.patches[number] else {
                throw SpecProblem(line: line, reason: "there is no Patch\(number)")
            }
            var application = template
            application.number = number
            application.file = listed.file
            apply(application, in: target)
        }
    }

    /// `%autosetup` and `%autopatch`: all patches in the order of the spec, a range of numbers, or those named.
    private mutating func automatic(_ words: [String], _ line: Int) throws(SpecProblem) {
        var strip = 0
        var range = (low: 0, high: Int.max)
        var chosen: [Int] = []
        var index = 1
        while index < words.count {
            let word = words[index]
            func value() throws(SpecProblem) -> Int {
                let text = word.count > 2 ? String(word.dropFirst(2)) : index + 1 < words.count ? words[index + 1] : ""
                if word.count == 2 { index += 1 }
                guard let number = Int(text) else {
                    throw SpecProblem(
                        line: line, reason: "\(words[0]): \(word.prefix(2)) takes a number, not '\(text)'")
                }
                return number
            }
            switch word.prefix(2) {
            case "-p": strip = try value()
            case "-m": range.low = try value()
            case "-M": range.high = try value()
            case "-n", "-S", "-a", "-b": if word.count == 2 { index += 1 }
            default: if words[0] == "%autopatch", let number = Int(word) { chosen.append(number) }
            }
            index += 1
        }
        for number in chosen.isEmpty ? lists.order.filter({ $0 >= range.low && $0 <= range.high }) : chosen {
            guard let listed = lists.patches[number] else {
                throw SpecProblem(line: line, reason: "there is no Patch\(number)")
            }
            apply(
                PatchApplication(number: number, file: listed.file, strip: strip, fuzz: lists.fuzz, line: line))
        }
    }

    /// The shell functions of Fedora's and RHEL's kernel specs: `$patch_command` with a listed file.
    mutating func shellFunction(_ command: ShellCommand) throws(SpecProblem) {
        let words = command.words.map { expand($0).map(ShellText.plain) ?? $0 }
        guard words.count > 1, !ShellText.isComputed(words[1]) else { return miss(command) }
        let file = words[1].split(separator: "/").last.map(String.init) ?? words[1]
        let number = lists.number(of: file)
        if number == nil {
            throw SpecProblem(line: command.line, reason: "\(words[0]) \(file): no Patch of the spec has that file")
        }
        var application = PatchApplication(number: number, file: file, fuzz: 1, line: command.line)
        application.isOptional = words[0] == "ApplyOptionalPatch"
        var inner = (variables["patch_command"] ?? "patch -p1 -F1 -s").split(separator: " ").map(String.init)
        if inner.prefix(2) == ["git", "apply"] {
            inner.removeFirst()
            (application.fuzz, application.isForGit) = (0, true)
        }
        guard let target = options(Array(inner.dropFirst()) + words.dropFirst(2), &application) else {
            return miss(command)
        }
        apply(application, in: target.folder)
    }

    /// Notes a patch that is applied in a way that is not known: the series lacks it.
    mutating func miss(_ command: ShellCommand) {
        let text = command.words.map(ShellText.plain) + command.inputs.map { "< " + ShellText.plain($0) }
        gaps.append((command.line, "a patch is applied in a way that is not read: " + text.joined(separator: " ")))
    }

    /// `patch … < FILE` and `patch … -i FILE`.
    mutating func patch(_ command: ShellCommand, input: String?) throws(SpecProblem) {
        var application = PatchApplication(file: "", strip: 0, fuzz: 2, line: command.line)
        var words = Array(command.words.dropFirst())
        var file = input ?? command.inputs.last
        if let option = words.firstIndex(where: { ShellText.plain($0) == "-i" }), option + 1 < words.count {
            file = words[option + 1]
            words.removeSubrange(option...(option + 1))
        }
        guard let file, case .source(let name) = place(file),
            let target = options(words.map { expand($0).map(ShellText.plain) ?? $0 }, &application)
        else { return miss(command) }
        application.file = name
        application.number = lists.number(of: name)
        apply(application, in: target.folder)
    }

    /// Reads the options of patch(1).
    /// - Returns: The folder of `-d`, if there is one; `nil` for an option that is not known.
    private func options(_ words: [String], _ application: inout PatchApplication) -> (folder: String?, known: Bool)? {
        var folder: String?
        var index = 0
        while index < words.count {
            let word = words[index]
            func value() -> String? {
                if word.count > 2 { return String(word.dropFirst(2)) }
                index += 1
                return index < words.count ? words[index] : nil
            }
            if word.hasPrefix("--") {
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                switch parts[0] {
                case "--fuzz":
                    guard parts.count == 2, let fuzz = Int(parts[1]) else { return nil }
                    application.fuzz = fuzz
                case "--strip":
                    guard parts.count == 2, let strip = Int(parts[1]) else { return nil }
                    application.strip = strip
                case "--suffix": application.backup = parts.count == 2 ? parts[1] : nil
                case "--no-backup-if-mismatch", "--quiet", "--silent", "--force", "--batch", "--forward": break
                default: return nil
                }
            } else {
                switch word.prefix(2) {
                case "-p", "-F":
                    guard let number = value().flatMap({ Int($0) }), number >= 0 else { return nil }
                    if word.hasPrefix("-p") { application.strip = number } else { application.fuzz = number }
                case "-R": application.reverse = true
                case "-z": application.backup = value()
                case "-b": application.backup = application.backup ?? ".orig"
                case "-d":
                    guard let path = value().flatMap({ build($0) }) else { return nil }
                    folder = path
                case "-s":
                    // `-sp1`: letters may stand together.
                    let rest = word.dropFirst(2)
                    if rest.hasPrefix("p"), let strip = Int(rest.dropFirst()) {
                        application.strip = strip
                    } else if !rest.isEmpty {
                        return nil
                    }
                case "-E", "-t", "-N", "-f", "-u": break
                default: return nil
                }
            }
            index += 1
        }
        return (folder, true)
    }
}
