/// The names of symbols and their numbers.
struct SymbolTable {
    private(set) var names: [String] = []
    private var numbers: [String: Int] = [:]

    /// The number of a name, which gets one if it has none.
    mutating func number(_ name: String) -> Int {
        if let number = numbers[name] { return number }
        numbers[name] = names.count
        names.append(name)
        return names.count - 1
    }

    /// The number of a name that was mentioned.
    func find(_ name: String) -> Int? { numbers[name] }
}

/// The tokens of a line after its keyword, taken one after the other.
struct KconfigLine {
    private var tokens: ArraySlice<KconfigToken>
    /// The first thing that is wrong with the line.
    private(set) var problem: String?
    private static let depthLimit = 200

    init(_ tokens: ArraySlice<KconfigToken>, place: KconfigPlace) { self.tokens = tokens }

    /// Whether nothing is left.
    var isAtEnd: Bool { tokens.isEmpty }

    /// Records what is wrong, unless something was already, and drops the rest.
    mutating func fail(_ text: String) {
        if problem == nil { problem = text }
        tokens = []
    }

    /// Drops the rest.
    mutating func skip() { tokens = [] }

    /// A bare word; `nil`, taking nothing, if there is none.
    mutating func takeWord() -> String? {
        guard case .word(let text, opaque: false)? = tokens.first else { return nil }
        tokens.removeFirst()
        return text
    }

    /// This bare word; false, taking nothing, if it is not the next.
    mutating func takeWord(_ word: String) -> Bool {
        guard tokens.first == .word(word, opaque: false) else { return false }
        tokens.removeFirst()
        return true
    }

    /// An operator.
    mutating func takeSymbol(_ symbol: String) -> Bool {
        guard tokens.first == .symbol(symbol) else { return false }
        tokens.removeFirst()
        return true
    }

    /// A quoted text (old kernels: or a bare word), and whether a macro in it is opaque.
    mutating func takeText() -> (String, Bool)? {
        switch tokens.first {
        case .quoted(let text, let opaque)?, .word(let text, let opaque)?:
            tokens.removeFirst()
            return (text, opaque)
        default: return nil
        }
    }

    /// `if EXPR`; `nil` if the line ends here. Anything else is a problem.
    mutating func takeCondition(_ symbols: inout SymbolTable) -> KconfigExpression? {
        guard let token = tokens.first else { return nil }
        guard token.word == "if" else {
            fail("nothing or 'if' is expected here")
            return nil
        }
        tokens.removeFirst()
        return takeExpression(&symbols)
    }

    /// An expression: `||` binds weakest, then `&&`, then comparisons and `!`.
    mutating func takeExpression(_ symbols: inout SymbolTable) -> KconfigExpression? {
        disjunction(&symbols, 0)
    }

    private mutating func disjunction(_ symbols: inout SymbolTable, _ depth: Int) -> KconfigExpression? {
        guard var left = conjunction(&symbols, depth) else { return nil }
        while takeSymbol("||") {
            guard let right = conjunction(&symbols, depth) else { return nil }
            left = .or(left, right)
        }
        return left
    }

    private mutating func conjunction(_ symbols: inout SymbolTable, _ depth: Int) -> KconfigExpression? {
        guard var left = primary(&symbols, depth) else { return nil }
        while takeSymbol("&&") {
            guard let right = primary(&symbols, depth) else { return nil }
            left = .and(left, right)
        }
        return left
    }

    private mutating func primary(_ symbols: inout SymbolTable, _ depth: Int) -> KconfigExpression? {
        guard depth < Self.depthLimit else {
            fail("the expression is nested too deep")
            return nil
        }
        if takeSymbol("!") { return primary(&symbols, depth + 1).map { .not($0) } }
        if takeSymbol("(") {
            guard let inner = disjunction(&symbols, depth + 1) else { return nil }
            guard takeSymbol(")") else {
                fail("')' is missing")
                return nil
            }
            return inner
        }
        guard let left = takeOperand(&symbols) else {
            fail("an expression is expected here")
            return nil
        }
        guard case .symbol(let text)? = tokens.first, let comparison = KconfigExpression.Comparison(rawValue: text)
        else {
            return .value(left)
        }
        tokens.removeFirst()
        guard let right = takeOperand(&symbols) else {
            fail("something to compare with is expected behind '\(text)'")
            return nil
        }
        return .compare(comparison, left, right)
    }

    /// A symbol, a constant or a macro.
    mutating func takeOperand(_ symbols: inout SymbolTable) -> KconfigExpression.Operand? {
        switch tokens.first {
        case .word(let text, opaque: true)?, .quoted(let text, opaque: true)?:
            tokens.removeFirst()
            return .opaque(text)
        case .quoted(let text, opaque: false)?:
            tokens.removeFirst()
            return .constant(text)
        case .word(let text, opaque: false)?:
            if text == "if" { return nil }
            tokens.removeFirst()
            return ["y", "m", "n"].contains(text) ? .constant(text) : .symbol(symbols.number(text))
        default: return nil
        }
    }
}
