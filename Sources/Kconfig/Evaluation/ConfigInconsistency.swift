/// A setting that conf would not have left as it is.
public struct ConfigInconsistency: Sendable, Codable, Equatable {
    /// The symbol, without `CONFIG_`.
    public let symbol: String
    /// Its value.
    public let value: ConfigValue
    /// What this tree's Kconfig makes of it: `at least y (selected)`, `no line at all`, `a line`, `12 to 25 (Kconfig:3)`,
    /// `no such symbol in Linux 6.1`.
    public let expected: String
}

extension KconfigTree {
    /// Every symbol whose line in a `.config` contradicts this tree's Kconfig: a configuration that conf of this tree
    /// settled has none. What only the build environment can tell is passed over.
    public func inconsistencies(in configuration: KernelConfiguration) -> [ConfigInconsistency] {
        let checker = ConsistencyChecker(KconfigEvaluation(tree: self, configuration: configuration))
        return unknownSymbols(of: configuration)
            + definitionsOf.indices.compactMap { symbol in
                guard !definitionsOf[symbol].isEmpty, let expected = checker.check(symbol) else { return nil }
                let name = symbols.names[symbol]
                return ConfigInconsistency(symbol: name, value: configuration[name], expected: expected)
            }
    }

    /// The settings of symbols that no Kconfig file of the tree defines, the first of them with similar names.
    private func unknownSymbols(of configuration: KernelConfiguration) -> [ConfigInconsistency] {
        let unknown = configuration.entries.filter { !defines($0.symbol) }
        return unknown.enumerated().map { number, entry in
            let nearest = number < Self.suggestionLimit ? nearest(to: entry.symbol, count: 1).first : nil
            return ConfigInconsistency(
                symbol: entry.symbol, value: entry.value,
                expected: "no such symbol in Linux \(version)" + (nearest.map { "; a similar name is \($0)" } ?? ""))
        }
    }

    private static let suggestionLimit = 10
}

/// The rules of `sym_calc_value` (`scripts/kconfig/symbol.c`), held against a finished configuration.
private struct ConsistencyChecker {
    let evaluation: KconfigEvaluation
    private var tree: KconfigTree { evaluation.tree }

    init(_ evaluation: KconfigEvaluation) { self.evaluation = evaluation }

    /// What is wrong with a symbol's line; `nil` if nothing is, or if it cannot be told.
    func check(_ symbol: Int) -> String? {
        let definitions = tree.definitionsOf[symbol]
        let isSpecial = definitions.lazy.map { tree.definitions[$0] }.contains {
            $0.isTransitional || $0.isUnwritten || $0.environment != nil
        }
        if isSpecial { return nil }
        guard let visible = greatest(definitions.map { evaluation.visibility(of: $0) }) else { return nil }
        let entry = evaluation.configuration.entry(tree.symbols.names[symbol])
        switch tree.type(symbol) {
        case .unknown: return nil
        case .int, .hex, .string:
            if let entry, let range = evaluation.range(of: symbol), !range.holds(entry.value) {
                return range.description
            }
            return line(entry != nil, visible != .no ? true : hasDefault(definitions))
        case .bool, .tristate: return check(symbol, definitions, visible, entry)
        }
    }

    private func check(_ symbol: Int, _ definitions: [Int], _ visible: Tristate, _ entry: ConfigEntry?) -> String? {
        if entry?.value == .yes, let rival = rival(symbol, definitions) { return rival }
        let isBool = tree.type(symbol) == .bool
        func typed(_ value: Tristate) -> Tristate { isBool && value == .module ? .yes : value }
        let selected = greatest(
            tree.selectorsOf[symbol].map {
                evaluation.selection(
                    $0.definition, condition: tree.definitions[$0.definition].selects[$0.index].condition)
            })
        let implied = greatest(
            tree.impliersOf[symbol].map {
                evaluation.selection(
                    $0.definition, condition: tree.definitions[$0.definition].implies[$0.index].condition)
            })
        guard let selected, let implied else { return nil }
        let value = evaluation.value(symbol)
        if value < typed(selected) { return "at least \(typed(selected)) (selected)" }
        if visible != .no {
            if entry == nil { return "a line of its own, since its prompt is visible" }
            if value > max(typed(visible), typed(selected)) { return "at most \(max(typed(visible), typed(selected)))" }
            return nil
        }
        // A member of a choice that cannot be seen keeps no value of its own.
        if definitions.contains(where: { tree.choice(of: $0) != nil }) { return nil }
        guard let standard = standard(definitions),
            let dependency = greatest(definitions.map { evaluation.dependency(of: $0) })
        else { return nil }
        var expected = standard
        if implied != .no { expected = min(max(expected, implied), typed(dependency)) }
        expected = typed(max(expected, selected))
        if value != expected { return "\(expected)" }
        return line(entry != nil, selected != .no || standard != .no || implied != .no)
    }

    /// Another member of the same choice that is `y` too. A member that depends on another one is an option of it, not a
    /// rival.
    private func rival(_ symbol: Int, _ definitions: [Int]) -> String? {
        for number in definitions {
            guard let choice = tree.choice(of: number) else { continue }
            let members = Set(tree.blocks[choice].members)
            func isOption(_ member: Int) -> Bool {
                tree.definitionsOf[member].contains { definition in
                    tree.definitions[definition].depends.contains { !$0.condition.symbols.isDisjoint(with: members) }
                }
            }
            if isOption(symbol) { continue }
            let others = tree.blocks[choice].members.filter {
                $0 != symbol && evaluation.value($0) == .yes && !isOption($0)
            }
            if let other = others.first {
                return "one member of the choice at \(tree.show(tree.definitions[number].place)): "
                    + "CONFIG_\(tree.symbols.names[other]) is y too"
            }
        }
        return nil
    }

    private func line(_ isThere: Bool, _ shouldBe: Bool?) -> String? {
        guard let shouldBe, isThere != shouldBe else { return nil }
        return shouldBe ? "a line" : "no line, since it is not visible"
    }

    /// The value of the first default whose condition holds; `n` for none.
    private func standard(_ definitions: [Int]) -> Tristate? {
        for definition in definitions {
            let dependency = evaluation.dependency(of: definition)
            for entry in tree.definitions[definition].defaults {
                guard let condition = evaluation.conjunction(dependency, evaluation.evaluate(entry.condition)) else {
                    return nil
                }
                if condition != .no { return evaluation.conjunction(evaluation.evaluate(entry.value), condition) }
            }
        }
        return .no
    }

    private func hasDefault(_ definitions: [Int]) -> Bool? {
        for definition in definitions {
            let dependency = evaluation.dependency(of: definition)
            for entry in tree.definitions[definition].defaults {
                guard let condition = evaluation.conjunction(dependency, evaluation.evaluate(entry.condition)) else {
                    return nil
                }
                if condition != .no { return true }
            }
        }
        return false
    }

    /// The greatest of the values; unknown unless one is `y` or all are known.
    private func greatest(_ values: [Tristate?]) -> Tristate? {
        if values.contains(.yes) { return .yes }
        var best = Tristate.no
        for value in values {
            guard let value else { return nil }
            best = max(best, value)
        }
        return best
    }
}
