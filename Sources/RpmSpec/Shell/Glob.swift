import Glibc

/// The patterns of the shell.
enum Glob {
    /// Whether a text fits a pattern, as `case` and the expansion of file names see it.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        // Each further star can multiply the time.
        guard pattern.utf8.count <= 4096, text.utf8.count <= 4096, pattern.count(where: { $0 == "*" }) <= 8 else {
            return pattern == text
        }
        return fnmatch(pattern, text, 0) == 0
    }

    /// A word with the marks of ``ShellText`` as a pattern: what was quoted means itself.
    static func pattern(_ word: String) -> String {
        var result = ""
        var isQuoted = false
        for character in word {
            if isQuoted {
                if "*?[]\\".contains(character) { result.append("\\") }
                result.append(character)
                isQuoted = false
            } else if character == ShellText.quote {
                isQuoted = true
            } else if character != ShellText.whole {
                result.append(character)
            }
        }
        return result
    }
}
