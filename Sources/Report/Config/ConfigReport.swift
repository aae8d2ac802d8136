public import Diagnostics
public import Kconfig
import KernelModel

/// What `dom0kit config check` shows.
public struct ConfigCheckReport: Reportable {
    public static let schema = "dom0kit.config-check/1"
    /// The `.config`.
    public let config: String
    /// The kernel it is of.
    public let kernelVersion: String
    /// How dom0 is to run.
    public let modes: [DomainMode]
    /// How many symbols were held against what was asked for.
    public let checked: Int
    /// What is not as it should be.
    public let findings: [ConfigFinding]
    /// Symbols whose line contradicts the tree: the configuration was not settled by this tree's conf.
    public let inconsistencies: [ConfigInconsistency]
    /// What could not be read of the tree's Kconfig files.
    public let complaints: [String]

    /// Makes the report.
    public init(
        config: String, kernelVersion: KernelVersion, modes: [DomainMode], checked: Int, findings: [ConfigFinding],
        inconsistencies: [ConfigInconsistency] = [], complaints: [String] = []
    ) {
        self.config = config
        self.kernelVersion = kernelVersion.description
        self.modes = modes
        self.checked = checked
        self.findings = findings
        self.inconsistencies = inconsistencies
        self.complaints = complaints
    }

    public var verdict: Verdict {
        if findings.contains(where: { $0.level != .recommended }) { return .fail }
        return findings.isEmpty && inconsistencies.isEmpty && complaints.isEmpty ? .pass : .warn
    }

    public var summaryLine: String {
        let stopping = findings.filter { $0.level != .recommended }
        let advised = findings.count - stopping.count
        let extra = advised == 0 ? "" : ", \(advised) recommended missing"
        let stale =
            inconsistencies.isEmpty
            ? "" : "; \(inconsistencies.count) lines contradict the tree: run its olddefconfig"
        if stopping.isEmpty { return "Linux \(kernelVersion): \(checked) symbols checked\(extra)\(stale)" }
        let required = stopping.filter { $0.level == .required }.map { "CONFIG_" + $0.symbol }
        if required.isEmpty { return "\(stopping.count) settings are not as asked for\(extra)\(stale)" }
        return "this gives no dom0: \(required.joined(separator: ", "))\(extra)\(stale)"
    }

    public func text(_ style: TextStyle) -> String {
        FindingText.lines(findings, style)
            + inconsistencies.prefix(10).map {
                style.yellow("contradicts the tree") + "  CONFIG_\($0.symbol) is \($0.value), expected \($0.expected)\n"
            }.joined()
            + complaints.prefix(10).map { style.yellow("not understood") + "  \($0)\n" }.joined()
    }

    private enum CodingKeys: String, CodingKey {
        case config, kernelVersion, modes, checked, findings, inconsistencies, complaints
    }
}

/// What `dom0kit config merge` shows.
public struct ConfigMergeReport: Reportable {
    public static let schema = "dom0kit.config-merge/1"

    /// A setting that a later file changed.
    public struct Override: Sendable, Encodable {
        /// The symbol.
        public let symbol: String
        /// What was said first, and where.
        public let replaced: ConfigValue
        public let replacedAt: String
        /// What holds, and where it is said.
        public let value: ConfigValue
        public let at: String
    }

    /// The `.config` that was made.
    public let config: String
    /// How many settings were asked for.
    public let asked: Int
    /// What was asked for and is otherwise, or is missing for a dom0.
    public let findings: [ConfigFinding]
    /// Settings of one file that a later one changed.
    public let overrides: [Override]
    /// What conf warned about.
    public let warnings: [String]
    /// Everything make printed.
    public let log: String

    /// Makes the report.
    /// - Parameters:
    ///   - resolved: What the tree's Kconfig made.
    ///   - findings: Its findings, explained, and those of a requirement set.
    public init(resolved: ResolvedConfig, findings: [ConfigFinding]) {
        config = resolved.path.string
        asked = resolved.asked.count
        self.findings = findings
        overrides = resolved.overrides.map {
            Override(
                symbol: $0.by.symbol, replaced: $0.replaced.value, replacedAt: $0.replaced.origin.description,
                value: $0.by.value, at: $0.by.origin.description)
        }
        warnings = resolved.warnings
        log = resolved.log.string
    }

    public var verdict: Verdict {
        if findings.contains(where: { $0.level != .recommended }) { return .fail }
        return findings.isEmpty && warnings.isEmpty ? .pass : .warn
    }

    public var summaryLine: String {
        let stopping = findings.filter { $0.level != .recommended }.map { "CONFIG_" + $0.symbol }
        return stopping.isEmpty
            ? "\(config): \(asked) settings asked for, all as asked"
            : "\(config): not as asked: \(stopping.joined(separator: ", "))"
    }

    public func text(_ style: TextStyle) -> String {
        FindingText.lines(findings, style)
            + overrides.map {
                "\(style.dim("override"))  CONFIG_\($0.symbol): \($0.replaced) (\($0.replacedAt)) is now \($0.value) (\($0.at))\n"
            }.joined()
            + warnings.map { "\(style.yellow("warning"))  \($0)\n" }.joined()
    }

    private enum CodingKeys: String, CodingKey { case config, asked, findings, overrides, warnings, log }
}

/// What `dom0kit config explain` shows.
public struct ConfigExplainReport: Reportable {
    public static let schema = "dom0kit.config-explain/1"
    /// The explanation.
    public let explanation: Explanation
    /// What could not be read of the tree's Kconfig files.
    public let complaints: [String]

    /// Makes the report.
    public init(explanation: Explanation, complaints: [String]) {
        self.explanation = explanation
        self.complaints = complaints
    }

    public var verdict: Verdict {
        explanation.value.matches(explanation.wanted) && complaints.isEmpty ? .pass : .warn
    }

    public var summaryLine: String { explanation.summary }

    public func text(_ style: TextStyle) -> String {
        var text = ""
        for definition in explanation.definitions {
            let prompt = definition.prompt.map { "prompt \"\($0)\" (visible: \(definition.visible))" } ?? "no prompt"
            text +=
                "\(style.bold(explanation.symbol)) (\(explanation.type ?? "unknown")) at \(definition.place), \(prompt)\n"
            for condition in definition.depends {
                let value =
                    condition.value == "n"
                    ? style.red("n") : condition.value == "unknown" ? style.yellow("?") : condition.value
                text += "  depends on \(condition.text) [=\(value)]  \(style.dim(condition.place))\n"
            }
            for value in definition.defaults.prefix(8) { text += "  default \(value)\n" }
        }
        for selector in explanation.selectedBy.prefix(8) {
            let condition = selector.condition.map { " if \($0)" } ?? ""
            text += "  selected by \(selector.symbol)\(condition) [=\(selector.value)]  \(style.dim(selector.place))\n"
        }
        if explanation.selectedBy.count > 8 { text += "  … and \(explanation.selectedBy.count - 8) more\n" }
        for selector in explanation.impliedBy.prefix(4) {
            text += "  implied by \(selector.symbol) [=\(selector.value)]  \(style.dim(selector.place))\n"
        }
        if let step = explanation.step {
            text += "\nWhat it takes to be \(explanation.wanted):\n" + FindingText.steps(step, style, depth: 1)
        }
        if !explanation.fix.isEmpty { text += "\nSet together:\n" + explanation.fix.map { "  \($0)\n" }.joined() }
        for obstacle in explanation.obstacles { text += "\(style.yellow("obstacle"))  \(obstacle)\n" }
        for complaint in complaints.prefix(5) { text += "\(style.yellow("not understood"))  \(complaint)\n" }
        return text
    }

    private enum CodingKeys: String, CodingKey { case explanation, complaints }
}

/// Findings and steps as text.
enum FindingText {
    /// One paragraph a finding.
    static func lines(_ findings: [ConfigFinding], _ style: TextStyle) -> String {
        findings.map { finding in
            let level = finding.level == .recommended ? style.yellow("recommended") : style.red(finding.level.rawValue)
            let why = finding.explanation.map { "  why: \($0)\n" } ?? ""
            return "\(level)  \(finding.summary)\n\(why)"
        }.joined()
    }

    /// A step and what it needs, indented.
    static func steps(_ step: Explanation.Step, _ style: TextStyle, depth: Int) -> String {
        guard depth < 20 else { return "" }
        let indent = String(repeating: "  ", count: depth)
        var text = "\(indent)\(style.bold(step.symbol)) [=\(step.value)]" + (step.remark.map { " \($0)" } ?? "") + "\n"
        for need in step.needs {
            text += "\(indent)  needs \(need.condition)  \(style.dim(need.place))\n"
            for next in need.steps { text += steps(next, style, depth: depth + 2) }
        }
        return text
    }
}
