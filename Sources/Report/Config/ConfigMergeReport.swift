public import Diagnostics
public import Kconfig

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
            ? "\(config): \(Wording.count(asked, "setting")) asked for, all of them hold"
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
