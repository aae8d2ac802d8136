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
    public init(config: String, modes: [DomainMode], outcome: ConfigCheck.Outcome) {
        self.config = config
        kernelVersion = outcome.version.description
        self.modes = modes
        checked = outcome.checked
        findings = outcome.findings
        inconsistencies = outcome.inconsistencies
        complaints = outcome.complaints
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
            ? ""
            : "; \(Wording.count(inconsistencies.count, "setting contradicts", "settings contradict")) the tree: run its olddefconfig"
        if stopping.isEmpty {
            return "Linux \(kernelVersion): \(Wording.count(checked, "symbol")) checked\(extra)\(stale)"
        }
        let required = stopping.filter { $0.level == .required }.map { "CONFIG_" + $0.symbol }
        if required.isEmpty {
            return "\(Wording.count(stopping.count, "setting is", "settings are")) not as asked for\(extra)\(stale)"
        }
        return "this configuration does not give a dom0: \(required.joined(separator: ", "))\(extra)\(stale)"
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
