/// The guards of SUSE's kernel-source, as its `scripts/guards` evaluates them.
///
/// No guard: included. Otherwise an entry starts as included exactly if its first guard begins with `-`; then every guard
/// is looked at from left to right and the last one that matches wins. `+x` includes where the symbol x is defined and
/// `-x` excludes; `+!x` and `-!x` match where it is not defined; a bare `+` or `-` always matches.
public enum Guards {
    /// Whether the guards let an entry in.
    public static func include(_ guards: [String], defined: Set<String>) -> Bool {
        guard let first = guards.first else { return true }
        var included = first.hasPrefix("-")
        for word in guards {
            let symbol = word.dropFirst()
            let matches: Bool
            if symbol.isEmpty {
                matches = true
            } else if symbol.hasPrefix("!") {
                matches = !defined.contains(String(symbol.dropFirst()))
            } else {
                matches = defined.contains(String(symbol))
            }
            if matches { included = word.hasPrefix("+") }
        }
        return included
    }

    /// The symbols that guards name.
    public static func symbols(_ guards: [String]) -> Set<String> {
        Set(guards.map { String($0.dropFirst().drop { $0 == "!" }) }.filter { !$0.isEmpty })
    }

    /// Whether no set of symbols lets the entry in.
    static func neverIncludes(_ guards: [String]) -> Bool {
        let symbols = symbols(guards).sorted()
        // More symbols than this on one line are not written by people; they are not judged.
        guard !guards.isEmpty, symbols.count <= 12 else { return false }
        return !(0..<(1 << symbols.count)).contains { mask in
            include(guards, defined: Set(symbols.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)))
        }
    }
}
