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
    /// Whether Kconfig made the configuration, so that a symbol it does not mention is off.
    public let isSettled: Bool
    /// What is not as it should be.
    public let findings: [ConfigFinding]
    /// Symbols whose line contradicts the tree: the configuration was not settled by this tree's conf.
    public let inconsistencies: [ConfigInconsistency]
    /// What a reader of the files may stumble over, such as a symbol given twice.
    public let remarks: [String]
    /// What could not be read of the tree's Kconfig files.
    public let complaints: [String]

    /// Makes the report.
    public init(config: String, modes: [DomainMode], outcome: ConfigCheck.Outcome) {
        self.config = config
        kernelVersion = outcome.version.description
        self.modes = modes
        checked = outcome.checked
        isSettled = outcome.isSettled
        findings = outcome.findings
        inconsistencies = outcome.inconsistencies
        remarks = outcome.remarks
        complaints = outcome.complaints
    }

    public var verdict: Verdict {
        if !stopping.isEmpty { return .fail }
        if !open.isEmpty { return .unknown }
        return findings.isEmpty && inconsistencies.isEmpty && complaints.isEmpty && remarks.isEmpty ? .pass : .warn
    }

    /// What does not hold.
    private var stopping: [ConfigFinding] { findings.filter { $0.level != .recommended && !$0.isOpen } }

    /// What only Kconfig can tell.
    private var open: [ConfigFinding] { findings.filter { $0.level != .recommended && $0.isOpen } }

    public var summaryLine: String {
        let stopping = stopping
        let advised = findings.count { $0.level == .recommended }
        let extra = advised == 0 ? "" : ", \(advised) recommended missing"
        let stale =
            inconsistencies.isEmpty
            ? ""
            : "; \(Wording.count(inconsistencies.count, "setting contradicts", "settings contradict")) the tree: run its olddefconfig"
        if stopping.isEmpty, !open.isEmpty {
            // A requirement and a fragment may ask for the same symbol.
            let names = Set(open.map { "CONFIG_" + $0.symbol }).sorted().joined(separator: ", ")
            return "not decided: Kconfig has not settled this configuration, and it does not mention \(names); "
                + "settle it first ('make olddefconfig' in the kernel's tree, or 'dom0kit config merge')"
        }
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
            + remarks.prefix(10).map { style.yellow("remark") + "  \($0)\n" }.joined()
            + complaints.prefix(10).map { style.yellow("not understood") + "  \($0)\n" }.joined()
    }

    private enum CodingKeys: String, CodingKey {
        case config, kernelVersion, modes, checked, isSettled, findings, inconsistencies, remarks
        case complaints
    }
}
