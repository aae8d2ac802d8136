/// A shell script taken apart into commands and the structures around them; nothing of it is run.
indirect enum ShellNode {
    /// One command, or several joined by `|`.
    case pipeline([ShellCommand], negated: Bool)
    /// `a && b || c`: the first, then each further one with its sign.
    case chain(ShellNode, [ShellLink])
    /// `if`: conditions with what is under them, and what is under `else`.
    case condition([ShellBranch], otherwise: [ShellNode], line: Int)
    /// `for`, `while` and `until`: the words behind it, and what is in it, as nodes and as plain words.
    case loop(ShellLoop)
    /// `case … esac`, not looked into further.
    case choice(line: Int)
    /// A function's definition.
    case function(name: String, line: Int)
    /// `{ … }` and `( … )`.
    case group([ShellNode], isSubshell: Bool)
}

/// What is under one condition.
struct ShellBranch {
    let test: [ShellNode]
    let body: [ShellNode]
}

/// What follows `&&` or `||`.
struct ShellLink {
    let sign: String
    let node: ShellNode
    let line: Int
}

/// A command with its words and the files it is fed from.
struct ShellCommand {
    /// The words, with the marks of ``ShellText``.
    var words: [String] = []
    /// The files of `<`.
    var inputs: [String] = []
    /// Whether its output goes to a file.
    var writesFile = false
    var line: Int
}

/// A loop.
struct ShellLoop {
    /// `for`, `while` or `until`.
    let kind: String
    /// The variable of `for`, and the words behind `in`.
    let header: [String]
    let body: [ShellNode]
    /// All words and signs of the body, without line ends, for patterns that are known as a whole.
    let plain: [String]
    let line: Int
}
