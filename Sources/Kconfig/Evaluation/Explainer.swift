import Diagnostics

extension KconfigTree {
    /// Why a symbol has its value in a configuration, and what would give it another.
    /// - Parameters:
    ///   - symbol: The symbol, without `CONFIG_`.
    ///   - configuration: A `.config` that this tree's conf settled.
    ///   - wanted: The value it should have.
    public func explain(
        _ symbol: String, in configuration: KernelConfiguration, wanted: ConfigValue = .yes
    ) -> Explanation {
        Explainer(KconfigEvaluation(tree: self, configuration: configuration)).explain(symbol, wanted)
    }

    /// The findings, each with its explanation and fix.
    public func explain(_ findings: [ConfigFinding], in configuration: KernelConfiguration) -> [ConfigFinding] {
        let open = KconfigEvaluation(tree: self, configuration: configuration, isOpen: true)
        return findings.map { finding in
            let explanation = explain(finding.symbol, in: configuration, wanted: easiest(finding, configuration))
            var explained = finding
            explained.explanation = explanation.summary
            explained.fix = explanation.fix
            // No settling gives a symbol that this kernel does not have, or whose dependencies are off.
            if problems.isEmpty, symbols.find(finding.symbol).map(open.isCertainlyOff) ?? true {
                explained.isOpen = false
            }
            return explained
        }
    }

    /// Of the values that would do, the one that is easiest to get: `m` where the symbol can be a module.
    private func easiest(_ finding: ConfigFinding, _ configuration: KernelConfiguration) -> ConfigValue {
        guard finding.wanted.contains(.module) else { return finding.wanted.first ?? .yes }
        let canBeModule = symbols.find(finding.symbol).map { type($0) == .tristate } ?? false
        if canBeModule, configuration["MODULES"] == .yes || !finding.wanted.contains(.yes) { return .module }
        return finding.wanted.contains(.yes) ? .yes : .module
    }

    /// At most `count` defined symbols whose names are most like a name.
    public func nearest(to name: String, count: Int = 3) -> [String] {
        let all = definitionsOf.indices.lazy.filter { !definitionsOf[$0].isEmpty }.map { symbols.names[$0] }
        return Suggestions.near(name, among: all, by: .parts, count: count)
    }
}

/// Puts explanations together.
struct Explainer {
    let evaluation: KconfigEvaluation
    private var tree: KconfigTree { evaluation.tree }

    init(_ evaluation: KconfigEvaluation) { self.evaluation = evaluation }

    func explain(_ name: String, _ wanted: ConfigValue) -> Explanation {
        let value = evaluation.configuration[name]
        guard let symbol = tree.symbols.find(name), !tree.definitionsOf[symbol].isEmpty else {
            let nearest = tree.nearest(to: name)
            let hint = nearest.isEmpty ? "" : "; similar names: \(nearest.joined(separator: ", "))"
            return Explanation(
                symbol: name, value: value, wanted: wanted, type: nil, definitions: [], selectedBy: [], impliedBy: [],
                step: nil, fix: [], obstacles: ["\(name) does not exist in this kernel"], nearest: nearest,
                summary: "\(name) does not exist in Linux \(tree.version)\(hint)")
        }
        var plan = DependencyPlanner.Plan()
        if !value.matches(wanted) { plan = way(symbol, to: wanted, from: value) }
        let feasible = plan.cost < DependencyPlanner.obstacleCost
        let fix = feasible ? settings(plan, symbol, wanted) : []
        return Explanation(
            symbol: name, value: value, wanted: wanted, type: tree.type(symbol).rawValue,
            definitions: tree.definitionsOf[symbol].map(definition),
            selectedBy: selectors(tree.selectorsOf[symbol], \.selects),
            impliedBy: selectors(tree.impliersOf[symbol], \.implies), step: plan.steps.first, fix: fix,
            obstacles: plan.obstacles, nearest: [], summary: summary(name, symbol, value, wanted, plan, fix))
    }

    private func way(_ symbol: Int, to wanted: ConfigValue, from value: ConfigValue) -> DependencyPlanner.Plan {
        var planner = DependencyPlanner(evaluation)
        switch wanted {
        case .yes: return planner.raise(symbol, to: .yes)
        case .no: return planner.lower(symbol)
        case .module:
            guard value == .yes else { return planner.raise(symbol, to: .module) }
            return kept(symbol)
        case .number, .text:
            if let range = evaluation.range(of: symbol), !range.holds(wanted) {
                var none = DependencyPlanner.Plan()
                none.cost = DependencyPlanner.obstacleCost
                none.obstacles = ["\(tree.symbols.names[symbol]) takes \(range)"]
                return none
            }
            var best: DependencyPlanner.Plan?
            for definition in tree.definitionsOf[symbol] where tree.definitions[definition].prompt != nil {
                let conditions = tree.dependencies(of: definition) + tree.promptConditions(of: definition)
                var (plan, needs) = planner.meet(conditions, .module)
                plan.cost += 1
                plan.steps = [
                    Explanation.Step(
                        symbol: tree.symbols.names[symbol], value: value.description, wanted: wanted.description,
                        remark: needs.isEmpty ? "can be set" : nil, needs: needs)
                ]
                if best.map({ plan.cost < $0.cost }) ?? true { best = plan }
            }
            var none = DependencyPlanner.Plan()
            none.cost = DependencyPlanner.obstacleCost
            none.obstacles = ["\(tree.symbols.names[symbol]) has no prompt and cannot be set directly"]
            return best ?? none
        }
    }

    /// Why a symbol is `y` that should be `m`.
    private func kept(_ symbol: Int) -> DependencyPlanner.Plan {
        var plan = DependencyPlanner.Plan()
        let name = tree.symbols.names[symbol]
        plan.cost = DependencyPlanner.obstacleCost
        if tree.type(symbol) == .bool {
            plan.obstacles = ["\(name) is a bool and cannot be a module"]
            return plan
        }
        if evaluation.configuration["MODULES"] != .yes {
            plan.obstacles = ["modules are off (CONFIG_MODULES)"]
            return plan
        }
        let active = selectors(tree.selectorsOf[symbol], \.selects).filter { $0.value == "y" }
        if active.isEmpty {
            plan.cost = 1
            plan.settings = [(symbol, .module)]
        } else {
            plan.obstacles = active.map { "\($0.symbol) [=y] selects \(name) (\($0.place))" }
        }
        return plan
    }

    private func settings(_ plan: DependencyPlanner.Plan, _ symbol: Int, _ wanted: ConfigValue) -> [String] {
        var lines = plan.settings.map { setting in
            let name = tree.symbols.names[setting.symbol]
            return setting.value == .no ? "# CONFIG_\(name) is not set" : "CONFIG_\(name)=\(setting.value)"
        }
        switch wanted {
        case .number, .text: if plan.cost > 0 { lines.append("CONFIG_\(tree.symbols.names[symbol])=\(wanted)") }
        case .no, .module, .yes: break
        }
        return lines
    }

    // MARK: Facts

    private func definition(_ number: Int) -> Explanation.Definition {
        let definition = tree.definitions[number]
        return Explanation.Definition(
            place: tree.show(definition.place), prompt: definition.prompt,
            visible: shown(evaluation.visibility(of: number)),
            depends: tree.dependencies(of: number).map { condition, place in
                Explanation.Condition(
                    text: tree.show(condition), value: shown(evaluation.evaluate(condition)), place: tree.show(place))
            },
            defaults: definition.defaults.map { entry in
                tree.show(entry.value) + (entry.condition.map { " if \(tree.show($0))" } ?? "")
            })
    }

    private func selectors(
        _ list: [(definition: Int, index: Int)],
        _ kind: KeyPath<KconfigDefinition, [(symbol: Int, condition: KconfigExpression?, place: KconfigPlace)]>
    ) -> [Explanation.Selector] {
        let all = list.map { selector -> Explanation.Selector in
            let definition = tree.definitions[selector.definition]
            let entry = definition[keyPath: kind][selector.index]
            return Explanation.Selector(
                symbol: tree.symbols.names[definition.symbol], condition: entry.condition.map(tree.show),
                place: tree.show(entry.place),
                value: shown(evaluation.selection(selector.definition, condition: entry.condition)))
        }
        return all.filter { $0.value != "n" } + all.filter { $0.value == "n" }
    }

    private func shown(_ value: Tristate?) -> String { value?.description ?? "unknown" }

    // MARK: One line

    private func summary(
        _ name: String, _ symbol: Int, _ value: ConfigValue, _ wanted: ConfigValue, _ plan: DependencyPlanner.Plan,
        _ fix: [String]
    ) -> String {
        let place = tree.definitionsOf[symbol].first.map { " (\(tree.show(tree.definitions[$0].place)))" } ?? ""
        if value.matches(wanted) { return "\(name) is \(value), as wanted\(place)" }
        var text = "\(name) is \(value)\(place)"
        if let step = plan.steps.first {
            var seen: Set<String> = [name]
            let needs = needs(step, &seen, 0)
            if !needs.isEmpty {
                text += ": needs \(needs)"
            } else if let remark = step.remark {
                text += ": it \(remark)"
            }
        }
        if !plan.obstacles.isEmpty { text += "; " + plan.obstacles.joined(separator: "; ") }
        if !fix.isEmpty { text += "; set " + fix.map { $0.hasPrefix("#") ? "'\($0)'" : $0 }.joined(separator: ", ") }
        return text
    }

    /// What a step needs, as a clause; each symbol is followed once. Several needs have theirs in parentheses.
    private func needs(_ step: Explanation.Step, _ seen: inout Set<String>, _ depth: Int) -> String {
        var next: [Explanation.Step] = []
        for candidate in step.needs.flatMap(\.steps) where seen.insert(candidate.symbol).inserted {
            next.append(candidate)
        }
        return next.map { step in
            var text = step.wanted == "n" ? "\(step.symbol) [=\(step.value)] off" : "\(step.symbol) [=\(step.value)]"
            let inner = depth < 12 ? needs(step, &seen, depth + 1) : ""
            if !inner.isEmpty {
                text += next.count == 1 ? ", which needs \(inner)" : " (which needs \(inner))"
            } else if let remark = step.remark, remark != "can be set", step.needs.isEmpty {
                text += next.count == 1 ? ", which \(remark)" : " (which \(remark))"
            }
            return text
        }.joined(separator: " and ")
    }
}
