/// The words and signs of a shell script, without running anything.
///
/// What was quoted is marked, so that `"*.orig"` is told from `*.orig`: ``ShellText/quote`` stands before every character
/// that would mean something to the shell if it were bare.
enum ShellText {
    /// Stands before a character that has lost its meaning by quoting.
    static let quote: Character = "\u{1}"
    /// Stands before a `$` or a backtick in double quotes: what comes in its place stays one word.
    static let whole: Character = "\u{2}"

    /// The bracket that closes the one at an index, with quotation in mind.
    static func closing(_ characters: [Character], _ start: Int) -> Int? {
        let (open, close): (Character, Character) = characters[start] == "(" ? ("(", ")") : ("{", "}")
        var depth = 0
        var mark: Character?
        var index = start
        while index < characters.count {
            let character = characters[index]
            if character == "\\" {
                index += 2
                continue
            }
            if let open = mark {
                if character == open { mark = nil }
            } else if character == "'" || character == "\"" {
                mark = open == "(" ? character : nil
            } else if character == open {
                depth += 1
            } else if character == close {
                depth -= 1
                if depth == 0 { return index }
            }
            index += 1
        }
        return nil
    }

    /// A word or a sign, with its line.
    enum Token: Equatable {
        case word(String, line: Int)
        /// `;`, `&`, `&&`, `||`, `|`, `(`, `)`, `;;`, `<`, `>` and its kin, and a line's end.
        case sign(String, line: Int)

        var line: Int {
            switch self {
            case .word(_, let line), .sign(_, let line): line
            }
        }
    }

    static let special: Set<Character> = ["$", "`", "*", "?", "[", "~", "{", "\\", "#"]

    /// Takes lines apart.
    /// - Throws: ``SpecProblem`` for a quotation that is not closed.
    static func tokens(_ lines: [(line: Int, text: String)]) throws(SpecProblem) -> [Token] {
        var scanner = Scanner(lines)
        return try scanner.scan()
    }

    /// The word without its marks.
    static func plain(_ word: String) -> String { word.filter { $0 != quote && $0 != whole } }

    /// Text that means itself, character by character.
    static func quoted(_ text: String) -> String {
        var result = ""
        for character in text {
            if special.contains(character) { result.append(quote) }
            result.append(character)
        }
        return result
    }

    /// Whether the shell would put something else in the word's place: a variable or a command's output.
    static func isComputed(_ word: String) -> Bool { hasBare(word, ["$", "`"]) }

    /// Whether the word is a pattern of file names.
    static func isPattern(_ word: String) -> Bool { hasBare(word, ["*", "?", "[", "{"]) }

    private static func hasBare(_ word: String, _ characters: Set<Character>) -> Bool {
        var isQuoted = false
        for character in word {
            if isQuoted {
                isQuoted = false
            } else if character == quote {
                isQuoted = true
            } else if characters.contains(character) {
                return true
            }
        }
        return false
    }

    private struct Scanner {
        let characters: [Character]
        let lines: [Int]
        var index = 0
        var tokens: [Token] = []
        var word: String?
        var wordLine = 0
        /// Here-documents whose text is still to come: their mark, whether it is quoted, whether tabs are dropped, and the
        /// token that is to hold the text.
        var heredocs: [(mark: String, isQuoted: Bool, dropsTabs: Bool, token: Int)] = []

        init(_ text: [(line: Int, text: String)]) {
            var characters: [Character] = []
            var lines: [Int] = []
            for (line, part) in text {
                // The marks of this reader mean nothing to the shell.
                let plain = Array(part.filter { $0 != ShellText.quote && $0 != ShellText.whole })
                characters += plain + ["\n"]
                lines += Array(repeating: line, count: plain.count + 1)
            }
            (self.characters, self.lines) = (characters, lines)
        }

        var line: Int { index < lines.count ? lines[index] : lines.last ?? 1 }

        mutating func add(_ text: String) {
            if word == nil { wordLine = line }
            word = (word ?? "") + text
        }

        mutating func end() {
            if let word { tokens.append(.word(word, line: wordLine)) }
            word = nil
        }

        mutating func scan() throws(SpecProblem) -> [Token] {
            while index < characters.count {
                let character = characters[index]
                switch character {
                case "\\":
                    index += 1
                    guard index < characters.count else { break }
                    // A line that goes on.
                    if characters[index] == "\n" {
                        index += 1
                        continue
                    }
                    add(String([ShellText.quote, characters[index]]))
                    index += 1
                case "'": try single()
                case "\"": try double()
                case "$", "`": try add(computed())
                case " ", "\t", "\r":
                    end()
                    index += 1
                case "\n":
                    end()
                    tokens.append(.sign("\n", line: line))
                    index += 1
                    for document in heredocs { takeHeredoc(document) }
                    heredocs = []
                case "#" where word == nil:
                    while index < characters.count, characters[index] != "\n" { index += 1 }
                case "<", ">":
                    // `<(command)` stands for a file that is not known.
                    if index + 1 < characters.count, characters[index + 1] == "(",
                        characters[index] == "<" || word == nil
                    {
                        let start = index
                        add("$")
                        _ = try computed()
                        add(String(characters[start..<index]))
                    } else {
                        sign()
                    }
                case ";", "&", "|", "(", ")": sign()
                default:
                    add(String(character))
                    index += 1
                }
            }
            end()
            return tokens
        }

        private mutating func sign() {
            var text = String(characters[index])
            let start = line
            // A number before a redirection belongs to it.
            if "<>".contains(text), let digits = word, digits.allSatisfy(\.isNumber) { word = nil }
            end()
            index += 1
            while index < characters.count,
                ["&&", "||", ";;", ">>", "<<", "<<<", ">&", "<&", "&>", "&>>", "<<-", ">|", "|&", "<>"].contains(
                    text + String(characters[index]))
            {
                text.append(characters[index])
                index += 1
            }
            tokens.append(.sign(text, line: start))
            guard text == "<<" || text == "<<-" else { return }
            while index < characters.count, characters[index] == " " { index += 1 }
            var mark = ""
            var isQuoted = false
            while index < characters.count, !" \t\n;|&)".contains(characters[index]) {
                if "'\"\\".contains(characters[index]) { isQuoted = true } else { mark.append(characters[index]) }
                index += 1
            }
            heredocs.append((mark, isQuoted, text == "<<-", tokens.count))
            tokens.append(.word("", line: start))
        }

        /// The lines up to the mark become the word behind `<<`.
        private mutating func takeHeredoc(
            _ document: (mark: String, isQuoted: Bool, dropsTabs: Bool, token: Int)
        ) {
            var text = ""
            while index < characters.count {
                let end = characters[index...].firstIndex(of: "\n") ?? characters.count
                let line = String(characters[index..<end])
                let stripped = document.dropsTabs ? String(line.drop { $0 == "\t" }) : line
                index = min(end + 1, characters.count)
                if stripped == document.mark || String(line.drop { $0 == "\t" }) == document.mark { break }
                text += stripped + "\n"
            }
            tokens[document.token] = .word(
                document.isQuoted ? ShellText.quoted(text) : Self.substituted(text), line: tokens[document.token].line)
        }

        /// The text of a here-document: only `$`, backticks and the backslash before them mean something.
        private static func substituted(_ text: String) -> String {
            var result = ""
            var isEscaped = false
            for character in text {
                if isEscaped {
                    isEscaped = false
                    if "$`\\".contains(character) {
                        result += String([ShellText.quote, character])
                    } else if character != "\n" {
                        result += String([ShellText.quote, "\\"]) + ShellText.quoted(String(character))
                    }
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "$" || character == "`" {
                    result += String([ShellText.whole, character])
                } else {
                    result += ShellText.quoted(String(character))
                }
            }
            return result
        }

        private mutating func single() throws(SpecProblem) {
            let start = line
            add("")
            index += 1
            while index < characters.count, characters[index] != "'" {
                if ShellText.special.contains(characters[index]) { add(String(ShellText.quote)) }
                add(String(characters[index]))
                index += 1
            }
            guard index < characters.count else { throw open("'", start) }
            index += 1
        }

        private mutating func double() throws(SpecProblem) {
            let start = line
            add("")
            index += 1
            while index < characters.count, characters[index] != "\"" {
                let character = characters[index]
                if character == "\\", index + 1 < characters.count {
                    let next = characters[index + 1]
                    index += 2
                    if next == "\n" { continue }
                    if !"$`\"\\".contains(next) { add(String([ShellText.quote, "\\"])) }
                    add(String([ShellText.quote, next]))
                } else if character == "$" || character == "`" {
                    try add(String(ShellText.whole) + computed())
                } else {
                    if ShellText.special.contains(character) { add(String(ShellText.quote)) }
                    add(String(character))
                    index += 1
                }
            }
            guard index < characters.count else { throw open("\"", start) }
            index += 1
        }

        /// A `$…` or a command in backticks, as it is.
        private mutating func computed() throws(SpecProblem) -> String {
            let start = index
            if characters[index] == "`" {
                index += 1
                while index < characters.count, characters[index] != "`" {
                    index += characters[index] == "\\" ? 2 : 1
                }
                guard index < characters.count else { throw open("`", lines[start]) }
                index += 1
                return String(characters[start..<index])
            }
            index += 1
            guard index < characters.count else { return "$" }
            let opener = characters[index]
            guard opener == "(" || opener == "{" else {
                if "*@#?$!0123456789".contains(opener) {
                    index += 1
                } else {
                    while index < characters.count,
                        characters[index].isLetter || characters[index].isNumber || characters[index] == "_"
                    { index += 1 }
                }
                return String(characters[start..<index])
            }
            guard let end = ShellText.closing(characters, index) else { throw open("$\(opener)", lines[start]) }
            index = end + 1
            return String(characters[start..<index])
        }

        private func open(_ what: String, _ line: Int) -> SpecProblem {
            SpecProblem(line: line, reason: "the shell text of %prep opens \(what) and does not close it")
        }
    }
}
