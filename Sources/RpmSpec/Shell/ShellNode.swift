/// A shell script taken apart into commands and the structures around them; nothing of it is run.
indirect enum ShellNode {
    /// One command.
    case command(ShellCommand)
    /// Several commands joined by `|`, or one that `!` turns round.
    case pipeline([ShellNode], negated: Bool)
    /// `a && b || c`: the first, then each further one with its sign.
    case chain(ShellNode, [ShellLink])
    /// `if`: conditions with what is under them, and what is under `else`.
    case condition([ShellBranch], otherwise: [ShellNode], line: Int)
    /// `for`, `while` and `until`.
    case loop(ShellLoop)
    /// `case … esac`: the word, and what is done for which patterns.
    case choice(word: String, [ShellCase], line: Int)
    /// A function's definition.
    case function(name: String, body: ShellNode, line: Int)
    /// `{ … }` and `( … )`.
    case group([ShellNode], isSubshell: Bool)
    /// A structure whose input or output goes elsewhere.
    case redirected(ShellNode, [ShellRedirection], line: Int)
}

/// What is under one condition.
struct ShellBranch {
    let test: [ShellNode]
    let body: [ShellNode]
}

/// What is done for one list of patterns of `case`.
struct ShellCase {
    let patterns: [String]
    let body: [ShellNode]
}

/// What follows `&&` or `||`.
struct ShellLink {
    let sign: String
    let node: ShellNode
    let line: Int
}

/// Where a command's input comes from, or its output goes.
struct ShellRedirection {
    /// `<`, `>`, `>>`, `<<` and so on.
    let sign: String
    /// The file's word; the text itself for a here-document and a here-string.
    let word: String

    /// Whether it makes or changes a file.
    var writes: Bool { [">", ">>", ">|", "&>", "&>>", "<>"].contains(sign) }
}

/// A command with its words and where its input and output go.
struct ShellCommand {
    /// The words, with the marks of ``ShellText``.
    var words: [String] = []
    var redirections: [ShellRedirection] = []
    var line: Int

    /// The words as somebody would read them.
    var text: String {
        (words + redirections.filter { $0.writes || $0.sign == "<" }.map { "\($0.sign) \($0.word)" })
            .map(ShellText.plain).joined(separator: " ")
    }
}

/// A loop.
struct ShellLoop {
    /// `for`, `while` or `until`.
    let kind: String
    /// The variable of `for`, and the words behind `in`.
    let header: [String]
    /// The condition of `while` and `until`.
    let test: [ShellNode]
    let body: [ShellNode]
    /// All words and signs of the body, without line ends, for patterns that are known as a whole.
    let plain: [String]
    let line: Int
}
