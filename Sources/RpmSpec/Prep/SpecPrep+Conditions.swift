extension SpecPrep {
    /// What is known of the status of a command.
    enum Truth: Equatable {
        case yes, no
        /// It is taken to succeed. Whether it does shows when it is `checked`: a patch that does not apply is found out.
        case assumed(checked: Bool)
        /// The opposite.
        case refuted(checked: Bool)
        /// It depends on what was unpacked.
        case exists(PrepStep.Test, path: String, negated: Bool)
        case unknown(String)

        var opposite: Truth {
            switch self {
            case .yes: .no
            case .no: .yes
            case .assumed(let checked): .refuted(checked: checked)
            case .refuted(let checked): .assumed(checked: checked)
            case .exists(let test, let path, let negated): .exists(test, path: path, negated: !negated)
            case .unknown(let text): .unknown("! " + text)
            }
        }
    }

    /// What is known of `[ … ]`, `[[ … ]]` and `test …`.
    func truth(_ command: ShellCommand) -> Truth {
        let text = command.text
        var words = command.words.drop { Self.isAssignment($0) }
        let opening = words.popFirst().map(ShellText.plain)
        if opening == "[" || opening == "[[" {
            guard words.last == (opening == "[" ? "]" : "]]") else { return .unknown(text) }
            words.removeLast()
        }
        return alternatives(Array(words), text)
    }

    /// `A -o B`.
    private func alternatives(_ words: [String], _ text: String) -> Truth {
        parts(words, "-o", text, unless: .yes) { conjunction($0, text) }
    }

    /// `A -a B`.
    private func conjunction(_ words: [String], _ text: String) -> Truth {
        parts(words, "-a", text, unless: .no) { words in
            if words.first == "!", words.count > 1 { return truth(Array(words.dropFirst()), text).opposite }
            return truth(words, text)
        }
    }

    /// The parts between a sign; one that is `decisive` decides for all.
    private func parts(
        _ words: [String], _ sign: String, _ text: String, unless decisive: Truth, _ value: ([String]) -> Truth
    ) -> Truth {
        guard words.count > 3, words.contains(sign) else { return value(words) }
        var result = decisive.opposite
        for part in words.split(separator: sign, omittingEmptySubsequences: false) {
            let truth = value(Array(part))
            if truth == decisive { return decisive }
            if truth != result { result = .unknown(text) }
        }
        return result
    }

    private func truth(_ words: [String], _ text: String) -> Truth {
        func known(_ holds: Bool) -> Truth { holds ? .yes : .no }
        func value(_ word: String) -> String? { expand(word).map(ShellText.plain) }
        switch words.count {
        case 1: return value(words[0]).map { known(!$0.isEmpty) } ?? .unknown(text)
        case 2:
            if words[0] == "-n" || words[0] == "-z" {
                return value(words[1]).map { known($0.isEmpty == (words[0] == "-z")) } ?? .unknown(text)
            }
            guard let path = value(words[1]), !path.isEmpty, !ShellText.isPattern(path) else { return .unknown(text) }
            return test(words[0] == "-h" ? "-L" : words[0] == "-r" ? "-e" : words[0], path, text)
        case 3:
            if words[1] == "=~" { return .unknown(text) }
            guard let left = value(words[0]), let right = value(words[2]) else { return .unknown(text) }
            switch words[1] {
            case "=", "==":
                // In `[[` the right side is a pattern.
                if text.hasPrefix("[["), let pattern = expand(words[2]), ShellText.isPattern(pattern) {
                    return known(Glob.matches(Glob.pattern(pattern), left))
                }
                return known(left == right)
            case "!=":
                if text.hasPrefix("[["), let pattern = expand(words[2]), ShellText.isPattern(pattern) {
                    return known(!Glob.matches(Glob.pattern(pattern), left))
                }
                return known(left != right)
            case "-eq", "-ne", "-lt", "-le", "-gt", "-ge":
                guard let a = Int(left), let b = Int(right) else { return .unknown(text) }
                switch words[1] {
                case "-eq": return known(a == b)
                case "-ne": return known(a != b)
                case "-lt": return known(a < b)
                case "-le": return known(a <= b)
                case "-gt": return known(a > b)
                default: return known(a >= b)
                }
            default: return .unknown(text)
            }
        default: return .unknown(text)
        }
    }

    /// A question about a file.
    private func test(_ option: String, _ path: String, _ text: String) -> Truth {
        guard let test = PrepStep.Test(rawValue: option), let place = place(path: path) else { return .unknown(text) }
        switch place {
        case .source(let file):
            guard lists.isListed(file) || content(file) != nil else { return .no }
            if test == .folder || test == .link { return .no }
            guard test == .notEmpty else { return .yes }
            return bytes(ofSource: file).map { $0.isEmpty ? .no : .yes } ?? .unknown(text)
        case .build(let path):
            if test == .notEmpty, let content = self.text(at: .build(path)) { return content.isEmpty ? .no : .yes }
            guard let exists = exists(path) else { return .exists(test, path: path, negated: false) }
            guard exists else { return .no }
            // What was made is a folder, but for copies and written files.
            let isFile = copies[path] != nil || texts[path] != nil
            switch test {
            case .anything: return .yes
            case .folder where !isFile && (path.isEmpty || folders.contains(path)): return .yes
            case .file where isFile: return .yes
            default: return .exists(test, path: path, negated: false)
            }
        }
    }
}

/// The loop with which CentOS 5's kernel takes back what a patch did to a folder, from the copies of `%patch -b`:
///
///     for f in `find FOLDER… -type f -name "*SUFFIX"` ; do
///         g=`dirname $f`/`basename $f SUFFIX`; mv "$f" "$g"; if [ ! -s "$g" ] ; then rm -f "$g" ; fi
///     done
enum RestoreIdiom {
    static func match(_ loop: ShellLoop, folder: [String]?) -> PrepStep.Action? {
        guard loop.kind == "for", loop.header.count == 3, loop.header[1] == "in", let folder else { return nil }
        let (file, list) = (loop.header[0], loop.header[2])
        var find = list.split { " `\"\n\t".contains($0) || $0 == ShellText.quote }.map(String.init)
        if find.first == "$(find", find.last?.hasSuffix(")") == true {
            find[0] = "find"
            find[find.count - 1] = String(find[find.count - 1].dropLast())
        }
        guard find.first == "find", let type = find.firstIndex(of: "-type"), find.count == type + 4, type > 1,
            find[type + 1] == "f", find[type + 2] == "-name", find[type + 3].hasPrefix("*.")
        else { return nil }
        let suffix = String(find[type + 3].dropFirst())
        guard !suffix.contains("*") else { return nil }
        var body = loop.plain
        while body.last == ";" { body.removeLast() }
        guard let assignment = body.first, let equals = assignment.firstIndex(of: "=") else { return nil }
        let name = String(assignment[..<equals])
        let want =
            ["\(name)=`dirname $\(file)`/`basename $\(file) \(suffix)`", ";", "mv", "$\(file)", "$\(name)", ";"]
            + ["if", "[", "!", "-s", "$\(name)", "]", ";", "then", "rm", "-f", "$\(name)", ";", "fi"]
        guard body == want else { return nil }
        let folders = find[1..<type].map { part in
            (folder + part.split(separator: "/").filter { $0 != "." }.map(String.init)).joined(separator: "/")
        }
        guard !find[1..<type].contains(where: { $0.hasPrefix("/") || $0.contains("..") }) else { return nil }
        return .restoreBackups(folders: folders, suffix: suffix)
    }
}
