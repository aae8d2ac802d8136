/// One report of domain 0's init.
package struct ResultRecord: Sendable, Equatable {
    /// What it is: `hello`, `files`, `output`, …
    package let kind: String
    /// What it is about.
    package let name: String
    /// The text it carries.
    package let text: String

    /// Wraps what a record holds.
    package init(kind: String, name: String, text: String) {
        self.kind = kind
        self.name = name
        self.text = text
    }

    /// The text's lines.
    package var lines: [String] {
        // By bytes: to Swift, `\r\n` is one character and no `\n`.
        var lines = Array(text.utf8).split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
            var line = line
            while line.last == 0x0d { line.removeLast() }
            return String(decoding: line, as: UTF8.self)
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    /// The exit status and the output of an `output` record.
    package var output: (status: Int, lines: [String])? {
        var lines = lines
        guard kind == "output", let last = lines.popLast(), last.hasPrefix("status "),
            let status = Int(last.dropFirst(7))
        else { return nil }
        while lines.last == "" { lines.removeLast() }
        return (status, lines)
    }
}
