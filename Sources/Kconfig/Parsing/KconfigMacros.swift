/// The variables of Kconfig's macro language, as far as they can be known without running anything.
///
/// `$(shell,…)` and what is built on it (`$(cc-option,…)`, `$(success,…)`) asks the build environment; it is never run,
/// and its answer stays opaque. Source of the language: Linux, `Documentation/kbuild/kconfig-macro-language.rst`.
struct KconfigMacros {
    private enum Variable {
        /// Expanded when it was defined.
        case simple(String, opaque: Bool)
        /// Expanded when it is used.
        case recursive([UInt8])
    }

    private var variables: [String: Variable]
    private static let depthLimit = 16
    /// The longest text a macro may expand to.
    private static let sizeLimit = 1 << 16

    /// What all macros of a tree may cost together: a unit for each expansion and one for each 64 bytes it gives. The
    /// macros of Linux cost some 10,000; eight levels of a macro that names the one below it eight times, 16 million.
    private var budget = 1_000_000

    /// Whether the macros cost more than that: every later text is opaque.
    var isExhausted: Bool { budget < 0 }

    /// Starts with the variables that Kbuild puts into conf's environment.
    init(environment: [String: String]) {
        variables = environment.mapValues { .simple($0, opaque: false) }
    }

    /// Defines a variable: `name = value`, `name := value`, `name += value`.
    mutating func define(_ name: String, _ flavour: String, _ value: [UInt8]) {
        switch (flavour, variables[name]) {
        case (":=", _):
            let (text, opaque) = expandAll(value, [], 0)
            variables[name] = .simple(text, opaque: opaque)
        case ("+=", .simple(let old, let wasOpaque)?):
            let (text, opaque) = expandAll(value, [], 0)
            variables[name] = .simple(old + " " + text, opaque: opaque || wasOpaque)
        case ("+=", .recursive(let old)?): variables[name] = .recursive(old + [0x20] + value)
        default: variables[name] = .recursive(value)
        }
    }

    /// The value of a variable of the environment; `nil` where it is not known.
    func value(_ name: String) -> String? {
        if case .simple(let text, opaque: false)? = variables[name] { text } else { nil }
    }

    /// Expands what begins with the `$` at `start`.
    /// - Returns: The text (the macro itself where it is opaque), whether it is opaque, and where it ends.
    mutating func expand(_ bytes: [UInt8], from start: Int, to end: Int) -> (String, Bool, Int) {
        expand(bytes, from: start, to: end, [], 0)
    }

    private mutating func expand(
        _ bytes: [UInt8], from start: Int, to end: Int, _ arguments: [String], _ depth: Int
    ) -> (String, Bool, Int) {
        budget -= 1
        if isExhausted { return ("", true, end) }
        guard start + 1 < end, bytes[start + 1] == UInt8(ascii: "(") else {
            // `$NAME`, of kernels before 4.18.
            var at = start + 1
            while at < end, Self.isName(bytes[at]) { at += 1 }
            let name = String(decoding: bytes[(start + 1)..<at], as: UTF8.self)
            if !name.isEmpty, let value = value(name) { return (value, false, at) }
            return (String(decoding: bytes[start..<at], as: UTF8.self), false, max(at, start + 1))
        }
        var nesting = 0
        var at = start + 1
        var parts: [Range<Int>] = []
        var part = start + 2
        while at < end {
            switch bytes[at] {
            case UInt8(ascii: "("): nesting += 1
            case UInt8(ascii: ")"): nesting -= 1
            case UInt8(ascii: ",") where nesting == 1:
                parts.append(part..<at)
                part = at + 1
            default: break
            }
            at += 1
            if nesting == 0 { break }
        }
        let whole = String(decoding: bytes[start..<at], as: UTF8.self)
        guard nesting == 0, depth < Self.depthLimit else { return (whole, true, at) }
        parts.append(part..<(at - 1))
        let (name, nameOpaque) = expandAll(Array(bytes[parts[0]]), arguments, depth + 1)
        if parts.count == 1, let number = Int(name), number > 0 {
            return number <= arguments.count ? (arguments[number - 1], false, at) : ("", false, at)
        }
        guard !nameOpaque, let variable = variables[name] else { return (whole, true, at) }
        switch variable {
        case .simple(let text, let opaque): return opaque ? (whole, true, at) : (text, false, at)
        case .recursive(let body):
            var given: [(String, Bool)] = []
            for part in parts.dropFirst() { given.append(expandAll(Array(bytes[part]), arguments, depth + 1)) }
            let (text, opaque) = expandAll(body, given.map(\.0), depth + 1)
            return opaque || given.contains(where: \.1) ? (whole, true, at) : (text, false, at)
        }
    }

    private mutating func expandAll(_ bytes: [UInt8], _ arguments: [String], _ depth: Int) -> (String, Bool) {
        var text: [UInt8] = []
        var opaque = false
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "$") {
                let (expanded, isOpaque, after) = expand(bytes, from: at, to: bytes.count, arguments, depth)
                text += Array(expanded.utf8)
                budget -= expanded.utf8.count / 64
                opaque = opaque || isOpaque
                at = max(after, at + 1)
                if text.count > Self.sizeLimit { return ("", true) }
            } else {
                text.append(bytes[at])
                at += 1
            }
        }
        return (String(decoding: text, as: UTF8.self), opaque)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }
}
