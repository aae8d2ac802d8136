/// Finds the least that has to be set for a symbol to get a value.
///
/// 1. A symbol with a prompt gets the value by setting it, once all conditions of the prompt hold.
/// 2. One without gets it by a default whose condition holds, or by a symbol that selects it.
/// 3. A false conjunction needs all its false parts, a false disjunction its cheapest part.
/// 4. What no setting can change (a symbol that does not exist, a compiler's answer) is an obstacle, and dear.
struct DependencyPlanner {
    /// A way, with what it costs.
    struct Plan {
        var settings: [(symbol: Int, value: Tristate)] = []
        var steps: [Explanation.Step] = []
        var obstacles: [String] = []
        /// Settings count 1 each, obstacles ``obstacleCost`` each.
        var cost = 0

        mutating func add(_ other: Plan) {
            cost += other.cost
            for setting in other.settings {
                if let known = settings.first(where: { $0.symbol == setting.symbol }) {
                    cost += known.value == setting.value ? -1 : obstacleCost
                } else {
                    settings.append(setting)
                }
            }
            for step in other.steps where !steps.contains(where: { $0.symbol == step.symbol }) { steps.append(step) }
            for obstacle in other.obstacles where !obstacles.contains(obstacle) { obstacles.append(obstacle) }
        }
    }

    static let obstacleCost = 1000

    private struct Goal: Hashable {
        let symbol: Int
        let value: Tristate
    }

    let tree: KconfigTree
    let evaluation: KconfigEvaluation
    private var known: [Goal: Plan] = [:]
    private var inWork: Set<Goal> = []
    /// Whether the plan in work was cut where it came back to a goal in work; such a plan holds only on this way.
    private var wasCut = false
    private var budget = 20_000
    private static let depthLimit = 40
    private static let selectorLimit = 6

    init(_ evaluation: KconfigEvaluation) {
        tree = evaluation.tree
        self.evaluation = evaluation
    }

    // MARK: Symbols

    /// How a symbol gets at least a value.
    mutating func raise(_ symbol: Int, to wanted: Tristate) -> Plan {
        if evaluation.value(symbol) >= wanted { return Plan() }
        let goal = Goal(symbol: symbol, value: wanted)
        return remembered(goal) { $0.raiseAnew(symbol, to: wanted) }
    }

    /// How a symbol gets off.
    mutating func lower(_ symbol: Int) -> Plan {
        if evaluation.value(symbol) == .no { return Plan() }
        return remembered(Goal(symbol: symbol, value: .no)) { $0.lowerAnew(symbol) }
    }

    private mutating func remembered(_ goal: Goal, _ find: (inout Self) -> Plan) -> Plan {
        if let plan = known[goal] { return plan }
        let name = tree.symbols.names[goal.symbol]
        if inWork.contains(goal) {
            wasCut = true
            return obstacle("\(name) depends on itself", step: step(goal.symbol, goal.value, "depends on itself"))
        }
        guard budget > 0, inWork.count < Self.depthLimit else {
            wasCut = true
            return obstacle(
                "\(name) is nested too deep to follow",
                step: step(goal.symbol, goal.value, "is nested too deep to follow"))
        }
        budget -= 1
        inWork.insert(goal)
        let cutBefore = wasCut
        wasCut = false
        let plan = find(&self)
        inWork.remove(goal)
        if !wasCut || plan.cost < Self.obstacleCost || inWork.isEmpty { known[goal] = plan }
        wasCut = wasCut || cutBefore
        return plan
    }

    private mutating func raiseAnew(_ symbol: Int, to wanted: Tristate) -> Plan {
        let name = tree.symbols.names[symbol]
        let definitions = tree.definitionsOf[symbol]
        guard !definitions.isEmpty else {
            return obstacle(
                "\(name) does not exist in this kernel", step: step(symbol, wanted, "does not exist in this kernel"))
        }
        let type = tree.type(symbol)
        guard type == .bool || type == .tristate else {
            return obstacle(
                "\(name) is not a switch; its type is \(type.rawValue)",
                step: step(symbol, wanted, "is of type \(type.rawValue)"))
        }
        // A bool whose condition is m is y.
        let level: Tristate = type == .bool ? .module : wanted
        let target: Tristate = type == .bool ? .yes : wanted
        var best: Plan?
        for definition in definitions where tree.definitions[definition].prompt != nil {
            let conditions = tree.dependencies(of: definition) + tree.promptConditions(of: definition)
            var (plan, needs) = meet(conditions, level)
            plan.settings.append((symbol, target))
            plan.cost += 1
            plan.steps = [step(symbol, target, needs.isEmpty ? remark(definition) : nil, needs)]
            keep(plan, &best)
        }
        for definition in definitions {
            if let plan = byDefault(definition, level, target) { keep(plan, &best) }
        }
        if best.map({ $0.cost >= Self.obstacleCost }) ?? true {
            for plan in bySelection(symbol, level, target) { keep(plan, &best) }
        }
        return best
            ?? obstacle("nothing can set \(name)", step: step(symbol, target, "has neither a prompt nor a default"))
    }

    /// A default of the definition that can give the value, for a symbol that has no visible prompt.
    private mutating func byDefault(_ definition: Int, _ level: Tristate, _ target: Tristate) -> Plan? {
        if evaluation.visibility(of: definition) != .no { return nil }
        let dependencies = tree.dependencies(of: definition)
        var best: Plan?
        for entry in tree.definitions[definition].defaults {
            var conditions = dependencies
            if let condition = entry.condition { conditions.append((condition, entry.place)) }
            conditions.append((entry.value, entry.place))
            var (plan, needs) = meet(conditions, level)
            plan.cost += tree.definitions[definition].prompt == nil ? 0 : 2
            plan.steps = [
                step(tree.definitions[definition].symbol, target, "has no prompt and cannot be set directly", needs)
            ]
            keep(plan, &best)
            // A default whose condition holds hides the ones after it.
            if evaluation.evaluate(entry.condition) == .yes { break }
        }
        return best
    }

    /// Symbols whose `select` gives the value: the nearest few.
    private mutating func bySelection(_ symbol: Int, _ level: Tristate, _ target: Tristate) -> [Plan] {
        let selectors = tree.selectorsOf[symbol].map { selector -> (definition: Int, index: Int, rank: Int) in
            let own = tree.definitions[selector.definition].symbol
            let isOn = evaluation.value(own) != .no
            let isVisible = evaluation.visibility(of: selector.definition) ?? .no != .no
            return (selector.definition, selector.index, isOn ? 0 : isVisible ? 1 : 2)
        }
        var plans: [Plan] = []
        for selector in selectors.sorted(by: { $0.rank < $1.rank }).prefix(Self.selectorLimit) {
            let definition = tree.definitions[selector.definition]
            let select = definition.selects[selector.index]
            var plan = raise(definition.symbol, to: level)
            var needs = [
                Explanation.Step.Need(
                    condition: tree.symbols.names[definition.symbol], place: tree.show(select.place), steps: plan.steps)
            ]
            if let condition = select.condition {
                let (more, moreNeeds) = meet([(condition, select.place)], level)
                plan.add(more)
                needs += moreNeeds
            }
            plan.cost += 1
            let name = tree.symbols.names[definition.symbol]
            plan.steps = [step(symbol, target, "has no prompt; \(name) selects it", needs.filter { !$0.steps.isEmpty })]
            plans.append(plan)
        }
        return plans
    }

    private mutating func lowerAnew(_ symbol: Int) -> Plan {
        let name = tree.symbols.names[symbol]
        var plan = Plan()
        var needs: [Explanation.Step.Need] = []
        for selector in tree.selectorsOf[symbol] {
            let definition = tree.definitions[selector.definition]
            let select = definition.selects[selector.index]
            guard evaluation.selection(selector.definition, condition: select.condition) != .no else { continue }
            let lowered = lower(definition.symbol)
            plan.add(lowered)
            needs.append(
                Explanation.Step.Need(
                    condition: "!" + tree.symbols.names[definition.symbol], place: tree.show(select.place),
                    steps: lowered.steps))
        }
        for definition in tree.definitionsOf[symbol] {
            if let choice = tree.choice(of: definition) {
                let others = tree.blocks[choice].members.filter { $0 != symbol }
                let plans = others.map { raise($0, to: .yes) }
                if let other = plans.min(by: { $0.cost < $1.cost }) { plan.add(other) }
                plan.steps = [step(symbol, .no, "is the chosen member of a choice", needs)]
                return plan
            }
            if evaluation.visibility(of: definition) ?? .no != .no {
                plan.settings.append((symbol, .no))
                plan.cost += 1
                plan.steps = [step(symbol, .no, needs.isEmpty ? remark(definition) : "is selected", needs)]
                return plan
            }
        }
        if needs.isEmpty {
            // It stands on a default that no prompt overrides.
            for definition in tree.definitionsOf[symbol] {
                for entry in tree.definitions[definition].defaults where evaluation.evaluate(entry.value) != .no {
                    let conditions =
                        tree.dependencies(of: definition) + (entry.condition.map { [($0, entry.place)] } ?? [])
                    let broken = conditions.map { refute($0.condition) }.min { $0.cost < $1.cost }
                    guard var broken else { continue }
                    broken.steps = [step(symbol, .no, "is on by default and has no prompt", needs)]
                    return broken
                }
            }
            return obstacle("\(name) is always on", step: step(symbol, .no, "is always on"))
        }
        plan.steps = [step(symbol, .no, "is selected", needs)]
        return plan
    }

    // MARK: Conditions

    /// How all conditions get at least a value, and which of them need something.
    mutating func meet(
        _ conditions: [(condition: KconfigExpression, place: KconfigPlace)], _ level: Tristate
    ) -> (Plan, [Explanation.Step.Need]) {
        var plan = Plan()
        var needs: [Explanation.Step.Need] = []
        for (condition, place) in conditions {
            let part = satisfy(condition, level)
            if part.cost == 0 { continue }
            plan.add(part)
            needs.append(
                Explanation.Step.Need(condition: tree.show(condition), place: tree.show(place), steps: part.steps))
        }
        plan.steps = []
        return (plan, needs)
    }

    /// How an expression gets at least a value.
    private mutating func satisfy(_ expression: KconfigExpression, _ level: Tristate) -> Plan {
        if let value = evaluation.evaluate(expression), value >= level { return Plan() }
        switch expression {
        case .value(.symbol(let symbol)): return raise(symbol, to: level)
        case .value(.opaque(let text)): return question(text)
        case .value(.constant(let text)): return obstacle("a condition is \(text)", step: nil)
        case .not(let inner): return refute(inner)
        case .and(let left, let right):
            var plan = satisfy(left, level)
            plan.add(satisfy(right, level))
            return plan
        case .or(let left, let right):
            let one = satisfy(left, level)
            let two = satisfy(right, level)
            return one.cost <= two.cost ? one : two
        case .compare(let comparison, let left, let right): return arrange(comparison, left, right)
        }
    }

    /// How an expression gets `n`.
    private mutating func refute(_ expression: KconfigExpression) -> Plan {
        if evaluation.evaluate(expression) == .no { return Plan() }
        switch expression {
        case .value(.symbol(let symbol)): return lower(symbol)
        case .value(.opaque(let text)): return question(text)
        case .value(.constant(let text)): return obstacle("a condition is \(text)", step: nil)
        case .not(let inner): return satisfy(inner, .yes)
        case .and(let left, let right):
            let one = refute(left)
            let two = refute(right)
            return one.cost <= two.cost ? one : two
        case .or(let left, let right):
            var plan = refute(left)
            plan.add(refute(right))
            return plan
        case .compare(.equal, let left, let right): return arrange(.unequal, left, right)
        case .compare(.unequal, let left, let right): return arrange(.equal, left, right)
        case .compare(.less, let left, let right): return arrange(.greaterOrEqual, left, right)
        case .compare(.lessOrEqual, let left, let right): return arrange(.greater, left, right)
        case .compare(.greater, let left, let right): return arrange(.lessOrEqual, left, right)
        case .compare(.greaterOrEqual, let left, let right): return arrange(.less, left, right)
        }
    }

    /// How a comparison comes to hold.
    private mutating func arrange(
        _ comparison: KconfigExpression.Comparison, _ left: KconfigExpression.Operand,
        _ right: KconfigExpression.Operand
    ) -> Plan {
        if case .symbol(let symbol) = left, case .constant(let text) = right {
            switch (comparison, text) {
            case (.equal, "y"), (.unequal, "m"): return raise(symbol, to: .yes)
            case (.equal, "m"), (.unequal, "n"): return raise(symbol, to: .module)
            case (.equal, "n"), (.unequal, "y"): return lower(symbol)
            default: break
            }
        }
        let text = tree.show(.compare(comparison, left, right))
        let values = [left, right].compactMap { operand -> String? in
            guard case .symbol(let symbol) = operand, tree.type(symbol) != .unknown else { return nil }
            return evaluation.text(operand).map { "\(tree.symbols.names[symbol]) is \($0.0.isEmpty ? "empty" : $0.0)" }
        }
        guard !values.isEmpty else { return question(text) }
        return obstacle("\(text) does not hold: \(values.joined(separator: ", "))", step: nil)
    }

    // MARK: Parts

    private func question(_ text: String) -> Plan {
        var plan = Plan()
        plan.cost = Self.obstacleCost / 10
        plan.obstacles = ["\(text) has to give y, which depends on the build environment"]
        return plan
    }

    private func obstacle(_ text: String, step: Explanation.Step?) -> Plan {
        var plan = Plan()
        plan.cost = Self.obstacleCost
        plan.obstacles = [text]
        plan.steps = step.map { [$0] } ?? []
        return plan
    }

    private func keep(_ plan: Plan, _ best: inout Plan?) {
        if best.map({ plan.cost < $0.cost }) ?? true { best = plan }
    }

    private func step(
        _ symbol: Int, _ wanted: Tristate, _ remark: String?, _ needs: [Explanation.Step.Need] = []
    ) -> Explanation.Step {
        Explanation.Step(
            symbol: tree.symbols.names[symbol], value: evaluation.value(symbol).description,
            wanted: wanted.description, remark: remark, needs: needs)
    }

    /// What is to be said of a symbol whose prompt can be seen.
    private func remark(_ definition: Int) -> String {
        if let choice = tree.choice(of: definition),
            let chosen = tree.blocks[choice].members.first(where: { evaluation.value($0) == .yes })
        {
            return "can be chosen instead of \(tree.symbols.names[chosen])"
        }
        return "can be set"
    }
}
