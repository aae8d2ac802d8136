/// What the shell puts in the place of `$…`, as far as it is known.
extension SpecPrep {
    /// The longest text that a word may become.
    private static let longest = 1 << 20

    /// The word with its variables replaced, in one piece; `nil` where that needs something that is not known.
    func expand(_ word: String) -> String? {
        guard let parts = parts(of: word) else { return nil }
        return parts.map { part in
            switch part {
            case .literal(let text), .whole(let text), .split(let text): text
            case .list(let list): list.map(ShellText.quoted).joined(separator: " ")
            }
        }.joined()
    }

    /// The words that a command gets, with the marks of ``ShellText``; `nil` where one is not known.
    func fields(_ words: [String]) -> [String]? {
        var all: [String] = []
        for word in words {
            guard let found = fields(of: word) else { return nil }
            all += found
            if all.count > 100_000 { return nil }
        }
        return all
    }

    /// A word's place in a command's words: what it becomes, or `nil` for one word that is not known.
    func values(_ words: [String]) -> [String?] {
        words.flatMap { word -> [String?] in fields(of: word).map { $0.map(Optional.some) } ?? [nil] }
    }

    private func fields(of word: String) -> [String]? {
        guard ShellText.isComputed(word) else { return Self.isUnknownMacro(word) ? nil : Self.braces(word) }
        guard let parts = parts(of: word) else { return nil }
        var fields: [String] = []
        var current: String?
        for part in parts {
            switch part {
            case .literal(let text), .whole(let text): current = (current ?? "") + text
            case .split(let text):
                var rest = text[...]
                while let character = rest.first {
                    if character == " " || character == "\n" || character == "\t" {
                        if let field = current { fields.append(field) }
                        current = nil
                        rest = rest.dropFirst()
                    } else {
                        let piece = rest.prefix { $0 != " " && $0 != "\n" && $0 != "\t" }
                        current = (current ?? "") + piece
                        rest = rest.dropFirst(piece.count)
                    }
                }
            case .list(let list):
                for (index, item) in list.enumerated() {
                    if index > 0 {
                        fields.append(current ?? "")
                        current = nil
                    }
                    current = (current ?? "") + ShellText.quoted(item)
                }
            }
        }
        if let current { fields.append(current) }
        return fields.contains(where: Self.isUnknownMacro) ? nil : fields
    }

    /// Whether a word has a macro in it that the spec does not define: rpm or the distribution may.
    private static func isUnknownMacro(_ word: String) -> Bool {
        var rest = word[...]
        while let place = rest.firstIndex(of: "%") {
            rest = rest[rest.index(after: place)...]
            guard let next = rest.first else { return false }
            if next == "{" || next == "?" || next == "!" { return true }
            // `%s` of printf and `%.c` of a parameter are no macros; a longer name is.
            if rest.prefix(while: { $0.isLetter || $0.isNumber || $0 == "_" }).count > 2 { return true }
        }
        return false
    }

    /// `a{b,c}` as `ab` and `ac`, one brace a word; `nil` for several.
    private static func braces(_ word: String) -> [String]? {
        let characters = Array(word)
        var open: Int?
        for index in characters.indices where index == 0 || characters[index - 1] != ShellText.quote {
            if characters[index] == "{" {
                if open != nil { return nil }
                open = index
            }
        }
        guard let open, let close = characters[open...].firstIndex(of: "}") else { return [word] }
        let inner = String(characters[(open + 1)..<close])
        guard inner.contains(",") else { return [word] }
        return inner.split(separator: ",", omittingEmptySubsequences: false).map {
            String(characters[..<open]) + $0 + String(characters[(close + 1)...])
        }
    }

    /// Where words are patterns of files of the sources, those; the words themselves where they are none; `nil` where
    /// only the tree tells.
    func globbed(_ words: [String]) -> [String]? {
        var all: [String] = []
        for word in words {
            guard ShellText.isPattern(word) else {
                all.append(word)
                continue
            }
            let plain = ShellText.plain(word)
            guard plain.hasPrefix(Self.sources + "/") else { return nil }
            let pattern = String(Glob.pattern(word).dropFirst(Self.sources.count + 1))
            guard !pattern.contains("/") else { return nil }
            let found = lists.files.filter { Glob.matches(pattern, $0) }.sorted()
            all += found.isEmpty ? [word] : found.map { Self.sources + "/" + ShellText.quoted($0) }
        }
        return all
    }

    // MARK: parts

    private enum Part {
        /// Text as it stands.
        case literal(String)
        /// What a `$` in double quotes became.
        case whole(String)
        /// What a bare `$` became: blanks part it.
        case split(String)
        /// `"$@"`.
        case list([String])
    }

    private func parts(of word: String) -> [Part]? {
        var parts: [Part] = []
        let characters = Array(word)
        var index = 0
        var size = 0
        var literal = ""
        while index < characters.count {
            let character = characters[index]
            if character == ShellText.quote, index + 1 < characters.count {
                literal += String(characters[index...(index + 1)])
                index += 2
                continue
            }
            let isWhole = character == ShellText.whole
            if isWhole { index += 1 }
            guard index < characters.count, characters[index] == "$" || characters[index] == "`" else {
                if index < characters.count { literal.append(characters[index]) }
                index += 1
                continue
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            guard let part = dollar(characters, &index, isWhole: isWhole) else { return nil }
            if case .split(let text) = part { size += text.utf8.count }
            if case .whole(let text) = part { size += text.utf8.count }
            guard size <= Self.longest else { return nil }
            parts.append(part)
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    /// A `$…` or a command in backticks; the index goes behind it.
    private func dollar(_ characters: [Character], _ index: inout Int, isWhole: Bool) -> Part? {
        func value(_ text: String) -> Part { isWhole ? .whole(ShellText.quoted(text)) : .split(text) }
        if characters[index] == "`" {
            guard let end = characters[(index + 1)...].firstIndex(of: "`") else { return nil }
            let inner = String(characters[(index + 1)..<end])
            index = end + 1
            return inner.contains("\\") ? nil : output(ofScript: inner).map(value)
        }
        index += 1
        guard index < characters.count else { return .literal("$") }
        let next = characters[index]
        if next == "(" || next == "{" {
            guard let end = ShellText.closing(characters, index) else { return nil }
            let inner = String(characters[(index + 1)..<end])
            index = end + 1
            if next == "{" {
                if inner == "@" { return isWhole ? .list(positional) : .split(positional.joined(separator: " ")) }
                return parameter(inner, isWhole: isWhole)
            }
            return inner.hasPrefix("(") ? nil : output(ofScript: inner).map(value)
        }
        if next == "@" || next == "*" {
            index += 1
            return next == "@" && isWhole ? .list(positional) : value(positional.joined(separator: " "))
        }
        if next == "#" {
            index += 1
            return value("\(positional.count)")
        }
        if next.isNumber {
            index += 1
            return value(self.value(of: String(next)) ?? "")
        }
        let start = index
        while index < characters.count, Self.isNamePart(characters[index]) { index += 1 }
        guard index > start else {
            return next == "?" || next == "$" || next == "!" || next == "<" || next == ">" ? nil : .literal("$")
        }
        return self.value(of: String(characters[start..<index])).map(value)
    }

    private static func isNamePart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// A variable's value; `nil` where it is not known. A positional one that is not given is known to be nothing.
    private func value(of name: String) -> String? {
        if let number = Int(name) {
            if number == 0 { return nil }
            return number <= positional.count ? positional[number - 1] : nil
        }
        if name == "PWD" { return folder.map { ([Self.build] + $0).joined(separator: "/") } }
        return variables[name]
    }

    /// The inside of `${…}`.
    private func parameter(_ inner: String, isWhole: Bool) -> Part? {
        func made(_ text: String) -> Part { isWhole ? .whole(ShellText.quoted(text)) : .split(text) }
        if inner.hasPrefix("#"), inner.count > 1 {
            let name = String(inner.dropFirst())
            return value(of: name).map { made("\($0.count)") }
        }
        let name = String(inner.prefix(while: Self.isNamePart))
        var rest = inner.dropFirst(name.count)
        let isPositional = Int(name) != nil
        let known = value(of: name)
        guard let sign = rest.first else {
            return known.map(made) ?? (isPositional ? made("") : nil)
        }
        // Whether it is set is known of positional parameters, and of variables with a value.
        guard known != nil || isPositional else { return nil }
        if sign == ":", let second = rest.dropFirst().first, "-+=?".contains(second) {
            rest = rest.dropFirst(2)
            let isEmpty = (known ?? "").isEmpty
            return second == "+"
                ? (isEmpty ? made("") : word(rest, isWhole)) : isEmpty ? word(rest, isWhole) : made(known ?? "")
        }
        switch sign {
        case "-", "=", "?": return known == nil ? word(rest.dropFirst(), isWhole) : made(known ?? "")
        case "+": return known == nil ? made("") : word(rest.dropFirst(), isWhole)
        case "#", "%": return trimmed(known ?? "", rest, isWhole)
        case ":":
            let numbers = rest.dropFirst().split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(numbers.count), let start = numbers.first ?? nil, start >= 0 else { return nil }
            let tail = (known ?? "").dropFirst(start)
            if numbers.count == 1 { return made(String(tail)) }
            guard let length = numbers[1], length >= 0 else { return nil }
            return made(String(tail.prefix(length)))
        default: return nil
        }
    }

    /// The word behind `:-` and its kin.
    private func word(_ text: Substring, _ isWhole: Bool) -> Part? {
        guard let tokens = try? ShellText.tokens([(1, String(text))]) else { return nil }
        var words: [String] = []
        for token in tokens {
            switch token {
            case .word(let word, _): words.append(word)
            case .sign("\n", _): continue
            case .sign: return nil
            }
        }
        if words == ["\(ShellText.whole)$@"] { return .list(positional) }
        guard let fields = fields(words) else { return nil }
        let joined = fields.map(ShellText.plain).joined(separator: " ")
        return isWhole ? .whole(ShellText.quoted(joined)) : .split(joined)
    }

    /// `${name#pattern}`, `##`, `%` and `%%`.
    private func trimmed(_ text: String, _ rest: Substring, _ isWhole: Bool) -> Part? {
        guard let sign = rest.first, text.count <= 4096 else { return nil }
        let isLong = rest.dropFirst().first == sign
        guard case .whole(let word)? = word(rest.dropFirst(isLong ? 2 : 1), true) else { return nil }
        let pattern = ShellText.plain(word)
        let characters = Array(text)
        let lengths = isLong ? Array((0...characters.count).reversed()) : Array(0...characters.count)
        for length in lengths {
            let (part, remains) =
                sign == "#"
                ? (characters[..<length], characters[length...])
                : (characters[(characters.count - length)...], characters[..<(characters.count - length)])
            if Glob.matches(pattern, String(part)) {
                return isWhole ? .whole(ShellText.quoted(String(remains))) : .split(String(remains))
            }
        }
        return isWhole ? .whole(ShellText.quoted(text)) : .split(text)
    }
}
