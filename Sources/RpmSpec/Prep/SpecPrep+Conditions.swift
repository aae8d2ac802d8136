extension SpecPrep {
    /// What is known of a condition.
    enum Truth {
        case yes, no
        /// It depends on what was unpacked.
        case exists(PrepStep.Test, path: String, negated: Bool)
        case unknown(String)

        var opposite: Truth {
            switch self {
            case .yes: .no
            case .no: .yes
            case .exists(let test, let path, let negated): .exists(test, path: path, negated: !negated)
            case .unknown(let text): .unknown("! " + text)
            }
        }
    }

    /// What is known of the commands behind `if`.
    func truth(_ nodes: [ShellNode]) -> Truth {
        guard nodes.count == 1, let node = nodes.first else { return .unknown("…") }
        return truth(node)
    }

    private func truth(_ node: ShellNode) -> Truth {
        switch node {
        case .pipeline(let commands, let negated):
            guard commands.count == 1, let command = commands.first else {
                return .unknown(commands.flatMap(\.words).map(ShellText.plain).joined(separator: " "))
            }
            let value = truth(command)
            return negated ? value.opposite : value
        case .chain(let first, let rest):
            var value = truth(first)
            for link in rest {
                let (sign, next) = (link.sign, link.node)
                switch (sign, value) {
                case ("&&", .no), ("||", .yes): continue
                case ("&&", .yes), ("||", .no): value = truth(next)
                default:
                    let other = truth(next)
                    if sign == "&&", case .no = other {
                        value = .no
                    } else if sign == "||", case .yes = other {
                        value = .yes
                    } else {
                        return .unknown("… \(sign) …")
                    }
                }
            }
            return value
        default: return .unknown("…")
        }
    }

    private func truth(_ command: ShellCommand) -> Truth {
        var words = command.words
        let text = words.map(ShellText.plain).joined(separator: " ")
        switch words.first {
        case "true", ":": return .yes
        case "false": return .no
        case "[": if words.last == "]" { words.removeLast() }
        case "[[": if words.last == "]]" { words.removeLast() }
        case "test": break
        default: return .unknown(text)
        }
        words.removeFirst()
        if words.first == "!" { return truth(Array(words.dropFirst()), text).opposite }
        return truth(words, text)
    }

    private func truth(_ words: [String], _ text: String) -> Truth {
        func known(_ holds: Bool) -> Truth { holds ? .yes : .no }
        func value(_ word: String) -> String? { expand(word).map(ShellText.plain) }
        switch words.count {
        case 1:
            return value(words[0]).map { known(!$0.isEmpty) } ?? .unknown(text)
        case 2:
            if words[0] == "-n" || words[0] == "-z" {
                return value(words[1]).map { known($0.isEmpty == (words[0] == "-z")) } ?? .unknown(text)
            }
            guard let test = PrepStep.Test(rawValue: words[0]), let place = place(words[1]) else {
                return .unknown(text)
            }
            switch place {
            case .source(let file): return lists.isListed(file) ? .yes : .no
            case .build(let path):
                guard let exists = exists(path) else { return .exists(test, path: path, negated: false) }
                return known(exists)
            }
        case 3:
            guard let left = value(words[0]), let right = value(words[2]) else { return .unknown(text) }
            switch words[1] {
            case "=", "==": return known(left == right)
            case "!=": return known(left != right)
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
