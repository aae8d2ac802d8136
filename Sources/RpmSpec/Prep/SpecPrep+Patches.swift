extension SpecPrep {
    /// Notes a patch as applied, in the folder at hand unless another is given.
    mutating func apply(_ application: PatchApplication, in target: String? = nil) {
        var application = application
        application.folder = target ?? folder?.joined(separator: "/")
        application.uncertain = uncertain
        if let place = application.folder, let link = links.first(where: { place == $0 || place.hasPrefix($0 + "/") }) {
            gap(application.line, "'\(application.file)' is applied through the link '\(link)', which is not followed")
        }
        add(.patch(applied.count), application.line)
        applied.append(application)
    }

    /// The macros that unpack and patch, and those of distributions that are known.
    mutating func macro(
        _ command: ShellCommand, _ name: String, _ arguments: [String?]
    ) throws(SpecProblem) -> Truth {
        let line = callLine ?? command.line
        let digits = name.dropFirst("%patch".count)
        let isPatch = name.hasPrefix("%patch") && digits.allSatisfy(\.isNumber)
        switch name {
        case _ where isPatch || ["%setup", "%autosetup", "%autopatch"].contains(name):
            guard let known = arguments.allKnown else {
                gap(command, "the options of \(name) are not known")
                return .unknown(command.text)
            }
            let words = [name] + known.map(ShellText.plain)
            if isPatch { try patchMacro(words, line) }
            if name == "%setup" || name == "%autosetup" { try setup(words, line) }
            if name == "%autopatch" { try automatic(words, line) }
            if name == "%autosetup" {
                for (index, word) in words.enumerated() where word.hasPrefix("-S") {
                    applier =
                        word.count > 2
                        ? String(word.dropFirst(2)) : index + 1 < words.count ? words[index + 1] : applier
                }
                if !words.contains("-N") { try automatic(words, line) }
            }
            return .assumed(checked: name != "%setup")
        case "%apply_patches", "%{apply_patches}":
            // Mageia's and OpenMandriva's: all patches in the order of the spec.
            try automatic(["%apply_patches", "-p1"], line)
            return .assumed(checked: true)
        case "%py3_shebang_fix", "%{py3_shebang_fix}":
            guard let known = arguments.allKnown else { break }
            try shebangs(known, command)
            return .assumed(checked: false)
        case "%{gpgverify}", "%gpgverify", "%__scm_setup_git", "%{__scm_setup_git}", "%set_build_flags",
            "%{set_build_flags}":
            return .assumed(checked: false)
        default: break
        }
        gap(command, "a macro that the spec does not define may change the tree")
        return .unknown(command.text)
    }

    /// `%setup`, as rpm's `doSetupMacro` puts it into shell.
    private mutating func setup(_ words: [String], _ line: Int) throws(SpecProblem) {
        var name = "\(lists.name)-\(lists.version)"
        var (creates, keeps, unpacks) = (false, false, true)
        var before: [Int] = []
        var after: [Int] = []
        var index = 1
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.hasPrefix("-"), word.count > 1 else {
                throw SpecProblem(line: line, reason: "\(words[0]): '\(word)' is not understood")
            }
            // Letters may stand together, as in `-qcT` and `-TDn NAME`; one with a value takes the rest.
            var letters = word.dropFirst()
            while let letter = letters.popFirst() {
                func value() throws(SpecProblem) -> String {
                    let attached = String(letters)
                    letters = ""
                    if !attached.isEmpty { return attached }
                    guard index < words.count else {
                        throw SpecProblem(line: line, reason: "\(words[0]): the option -\(letter) lacks its value")
                    }
                    index += 1
                    return words[index - 1]
                }
                func number() throws(SpecProblem) -> Int {
                    let text = try value()
                    guard let number = Int(text) else {
                        throw SpecProblem(line: line, reason: "\(words[0]): -\(letter) takes a number, not '\(text)'")
                    }
                    return number
                }
                switch letter {
                case "n": name = try value()
                case "a": after.append(try number())
                case "b": before.append(try number())
                case "p", "S": _ = try value()
                case "c": creates = true
                case "D": keeps = true
                case "T": unpacks = false
                case "q", "v", "N": break
                default: throw SpecProblem(line: line, reason: "\(words[0]): '\(word)' is not understood")
                }
            }
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
            folders.insert(top)
            add(.makeFolders([top]), line)
        } else {
            if unpacks { try unpack(0, "", line) }
        }
        for number in before { try unpack(number, "", line) }
        folder = top.split(separator: "/").map(String.init)
        if creates, unpacks { try unpack(0, top, line) }
        for number in after { try unpack(number, top, line) }
        made.insert(top)
        folders.insert(top)
        filled.insert(top)
    }

    private mutating func unpack(_ number: Int, _ folder: String, _ line: Int) throws(SpecProblem) {
        guard let archive = lists.sources[number] else {
            // A spec that is read only for its patches need not list a source.
            remarks.append((line, "there is no Source\(number) to unpack"))
            return
        }
        add(.unpack(archive: archive, folder: folder), line)
    }

    /// `%patchN …`, `%patch -P N …`, `%patch N …`, `%patch …` for Patch0.
    private mutating func patchMacro(_ words: [String], _ line: Int) throws(SpecProblem) {
        if let macro = lists.steering {
            gap(line, "the spec defines \(macro) anew, which changes how patches are applied")
        }
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
            case "-o":
                return gap(
                    line, "'\(words.joined(separator: " "))' leaves its result in another file, which is not read")
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
        if let macro = lists.steering {
            gap(line, "the spec defines \(macro) anew, which changes how patches are applied")
        }
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
            case "-q", "-v", "-N", "-c", "-D", "-T": break
            default:
                // The letters of %setup may stand together.
                let isLetters = word.hasPrefix("-") && word.dropFirst().allSatisfy { "qcDTNvnabpS".contains($0) }
                if isLetters, let last = word.last, "nabS".contains(last) { index += 1 }
                if words[0] == "%autopatch", let number = Int(word) {
                    chosen.append(number)
                } else if !isLetters {
                    throw SpecProblem(line: line, reason: "\(words[0]): '\(word)' is not understood")
                }
            }
            index += 1
        }
        for number in chosen.isEmpty ? lists.order.filter({ $0 >= range.low && $0 <= range.high }) : chosen {
            guard let listed = lists.patches[number] else {
                throw SpecProblem(line: line, reason: "there is no Patch\(number)")
            }
            var application = PatchApplication(
                number: number, file: listed.file, strip: strip, fuzz: lists.fuzz, line: line)
            switch applier {
            case "git", "git_am": (application.isForGit, application.fuzz) = (true, 0)
            case "quilt": application.fuzz = 2
            default: break
            }
            apply(application)
        }
    }
}
