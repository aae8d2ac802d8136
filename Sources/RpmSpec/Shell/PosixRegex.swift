import Glibc

/// A regular expression as grep and sed take it, with bounded cost: repetitions by number and references back are not read.
struct PosixRegex {
    private final class Compiled {
        var regex = regex_t()
        var isReady = false
        deinit { if isReady { regfree(&regex) } }
    }

    private let compiled = Compiled()

    /// Compiles an expression; `nil` for one that is not read.
    init?(_ pattern: String, extended: Bool, ignoresCase: Bool = false) {
        guard pattern.utf8.count <= 512, !pattern.utf8.contains(0), Self.isPlain(Array(pattern), extended) else {
            return nil
        }
        let flags = (extended ? REG_EXTENDED : 0) | (ignoresCase ? REG_ICASE : 0)
        guard regcomp(&compiled.regex, pattern, flags) == 0 else { return nil }
        compiled.isReady = true
    }

    /// Whether there is nothing in it that costs without bound, or that sed reads in its own way.
    private static func isPlain(_ pattern: [Character], _ extended: Bool) -> Bool {
        var index = 0
        while index < pattern.count {
            if pattern[index] == "\\" {
                guard index + 1 < pattern.count else { return false }
                let next = pattern[index + 1]
                if next.isNumber || next == "n" || next == "t" || (next == "{" && !extended) { return false }
                index += 2
                continue
            }
            if pattern[index] == "{", extended { return false }
            index += 1
        }
        return true
    }

    /// Where it is first found at or behind an offset: the bounds of the whole and of each group, by bytes.
    func find(in text: [UInt8], from start: Int) -> [Range<Int>?]? {
        guard start <= text.count, text.count <= 1 << 16 else { return nil }
        var matches = [regmatch_t](repeating: regmatch_t(), count: 10)
        let part = text[start...].map { CChar(bitPattern: $0) } + [0]
        let found = part.withUnsafeBufferPointer { buffer -> Bool in
            guard let base = buffer.baseAddress else { return false }
            return regexec(&compiled.regex, base, matches.count, &matches, start > 0 ? REG_NOTBOL : 0) == 0
        }
        guard found else { return nil }
        return matches.map { $0.rm_so < 0 ? nil : start + Int($0.rm_so)..<start + Int($0.rm_eo) }
    }
}
