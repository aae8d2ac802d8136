/// Kconfig's logic over the values of a `.config`; `nil` stands for what only the build environment can tell.
///
/// Source of the rules: `expr_calc_value`, `sym_calc_visibility` and `sym_calc_value` in `scripts/kconfig`.
struct KconfigEvaluation {
    let tree: KconfigTree
    let configuration: KernelConfiguration
    /// Whether a symbol that the configuration does not mention may have any value, as before it is settled.
    var isOpen = false

    /// The value of a symbol in the logic.
    func value(_ symbol: Int) -> Tristate { configuration[tree.symbols.names[symbol]].tristate }

    private func isMentioned(_ symbol: Int) -> Bool {
        tree.definitionsOf[symbol].isEmpty || configuration.entry(tree.symbols.names[symbol]) != nil
    }

    /// Whether what an unsettled configuration does mention is enough to tell that a symbol is off: nothing can select
    /// it, and its dependencies are not met.
    func isCertainlyOff(_ symbol: Int) -> Bool {
        tree.definitionsOf[symbol].allSatisfy { dependency(of: $0) == .no }
            && tree.selectorsOf[symbol].allSatisfy { selector in
                let source = tree.definitions[selector.definition].symbol
                return isMentioned(source) && value(source) == .no
            }
    }

    /// Whether modules can be built: an `m` in a condition counts for nothing without.
    private var modules: Bool { configuration["MODULES"] == .yes }

    /// The value of an expression.
    func evaluate(_ expression: KconfigExpression) -> Tristate? {
        switch expression {
        case .value(let operand): return evaluate(operand)
        case .not(let inner): return evaluate(inner)?.negated
        case .and(let left, let right): return conjunction(evaluate(left), evaluate(right))
        case .or(let left, let right):
            return conjunction(evaluate(left)?.negated, evaluate(right)?.negated)?.negated
        case .compare(let comparison, let left, let right): return compare(comparison, left, right)
        }
    }

    /// The least of two values, where an unknown one may be anything.
    func conjunction(_ left: Tristate?, _ right: Tristate?) -> Tristate? {
        if left == .no || right == .no { return .no }
        guard let left, let right else { return nil }
        return min(left, right)
    }

    /// The least of the conditions' values; `y` for none.
    func conjunction(_ conditions: [(condition: KconfigExpression, place: KconfigPlace)]) -> Tristate? {
        conditions.reduce(.yes) { conjunction($0, evaluate($1.condition)) }
    }

    /// The value of an optional condition; `y` where there is none.
    func evaluate(_ condition: KconfigExpression?) -> Tristate? { condition.map { evaluate($0) } ?? .yes }

    /// What a definition's dependencies come to.
    func dependency(of definition: Int) -> Tristate? { conjunction(tree.dependencies(of: definition)) }

    /// Whether, and up to which value, a definition's prompt lets the user set the symbol; `n` without a prompt.
    func visibility(of definition: Int) -> Tristate? {
        guard tree.definitions[definition].prompt != nil else {
            return tree.definitions[definition].isTransitional ? .yes : .no
        }
        return conjunction(dependency(of: definition), conjunction(tree.promptConditions(of: definition)))
    }

    /// What one `select` or `imply` comes to.
    func selection(_ definition: Int, condition: KconfigExpression?) -> Tristate? {
        let own = value(tree.definitions[definition].symbol)
        return own == .no ? .no : conjunction(own, conjunction(dependency(of: definition), evaluate(condition)))
    }

    private func evaluate(_ operand: KconfigExpression.Operand) -> Tristate? {
        switch operand {
        case .symbol(let symbol): isOpen && !isMentioned(symbol) ? nil : value(symbol)
        case .constant("y"): .yes
        case .constant("m"): modules ? .module : .no
        case .constant: .no
        case .opaque: nil
        }
    }

    // MARK: Comparisons

    private func compare(
        _ comparison: KconfigExpression.Comparison, _ left: KconfigExpression.Operand,
        _ right: KconfigExpression.Operand
    ) -> Tristate? {
        guard let (one, oneType) = text(left), let (two, twoType) = text(right) else { return nil }
        var order = one == two ? 0 : one.utf8.lexicographicallyPrecedes(two.utf8) ? -1 : 1
        if oneType != .string || twoType != .string, let first = number(one, oneType), let second = number(two, twoType)
        {
            order = (first > second ? 1 : 0) - (first < second ? 1 : 0)
        }
        return comparison.holds(order) ? .yes : .no
    }

    /// The text an operand is compared by, and its type.
    func text(_ operand: KconfigExpression.Operand) -> (String, KconfigType)? {
        switch operand {
        case .opaque: return nil
        case .constant(let text): return (text, ["y", "m", "n"].contains(text) ? .tristate : .unknown)
        case .symbol(let symbol):
            let name = tree.symbols.names[symbol]
            let type = tree.type(symbol)
            if let variable = tree.definitionsOf[symbol].lazy.compactMap({ tree.definitions[$0].environment }).first {
                return tree.macros.value(variable).map { ($0, type) }
            }
            guard let entry = configuration.entry(name) else {
                switch type {
                // A symbol that is not defined stands for its own name.
                case .unknown: return (name, type)
                case .bool, .tristate: return ("n", type)
                case .int: return ("0", type)
                case .hex: return ("0x0", type)
                case .string: return ("", type)
                }
            }
            if case .text(let bytes) = entry.value { return (String(decoding: bytes, as: UTF8.self), type) }
            return (entry.value.description, type)
        }
    }

    /// The number a text stands for in a type (`expr_parse_string`); `nil` where it is none.
    private func number(_ text: String, _ type: KconfigType) -> Int128? {
        switch type {
        case .bool, .tristate: return ["n": 0, "m": 1, "y": 2][text] ?? -1
        case .hex: return ConfigValue.integer(text.lowercased().hasPrefix("0x") ? text : "0x" + text)
        case .int, .string, .unknown: return ConfigValue.integer(text)
        }
    }
}
