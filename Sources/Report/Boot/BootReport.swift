public import Diagnostics
public import Hypervisor

/// What `dom0kit boot` shows.
public struct BootReport: Reportable {
    public static let schema = "dom0kit.boot/1"
    /// The boot's result; of several boots, that of the one that stands for all.
    public let result: BootVerdict
    /// What several boots showed; `nil` for a single one.
    public let repetition: BootRepetition?
    /// How it compares with an earlier result.
    public let comparison: BootComparison?

    /// Makes the report.
    public init(_ result: BootVerdict, repetition: BootRepetition? = nil, comparison: BootComparison? = nil) {
        self.result = result
        self.repetition = repetition
        self.comparison = comparison
    }

    private enum MoreKeys: String, CodingKey {
        case repetition, baseline
    }

    public var verdict: Verdict { result.verdict }

    public var summaryLine: String {
        if let failure = result.failure { return "\(failure.stage): \(failure.kind.rawValue): \(failure.reason)" }
        let version = result.hypervisor.version.map { "Xen " + $0 } ?? result.hypervisor.name
        let guests = result.guests.map { "a \($0.mode.rawValue) guest" }.joined(separator: " and ")
        let release = result.dom0.release ?? result.dom0.kernel
        return "\(release) is a \(result.dom0.mode.rawValue) dom0 of \(version)"
            + (guests.isEmpty ? "" : " with \(guests)")
    }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        for stage in result.stages {
            table.add(
                style.verdict(stage.verdict), style.bold(stage.name), Self.seconds(stage.seconds), Self.shown(stage))
        }
        for part in result.notChecked {
            table.add(style.dim("----"), style.dim(part.stage), "", "not checked: " + Self.printable(part.reason))
        }
        for name in result.notReached { table.add(style.dim("----"), style.dim(name), "", style.dim("not reached")) }
        var text = table.text()
        for expectation in result.expectations where expectation.verdict == .fail {
            text += "\(expectation.subject): expected '\(expectation.expected)', found "
            text += (expectation.found.map { "'\($0)'" } ?? "nothing") + "\n"
        }
        if let failure = result.failure {
            text += "\n" + failure.lines.map { "  " + Self.printable($0) + "\n" }.joined() + "\n"
        }
        for warning in result.warnings { text += style.yellow("warning: ") + Self.printable(warning) + "\n" }
        for remark in result.remarks ?? [] { text += "note: " + Self.printable(remark) + "\n" }
        if let repetition {
            text += "\(repetition.passed) of \(repetition.runs) boots passed"
            text += repetition.isConstant ? ", all alike\n" : ": intermittent\n"
            for outcome in repetition.outcomes where outcome.verdict == .fail {
                text += "  \(outcome.count) times \(outcome.stage ?? "-"): \(outcome.kind?.rawValue ?? "-")\n"
            }
        }
        if let comparison {
            text += "beside \(comparison.file): \(comparison.change.rawValue)\n"
            for (title, stages) in [
                ("regression", comparison.regressions), ("fixed", comparison.fixed),
                ("never passed", comparison.neverPassed),
            ] where !stages.isEmpty { text += "  \(title): \(stages.joined(separator: ", "))\n" }
        }
        return text + "repeat the boot: \(result.reproduce)\n"
    }

    /// The line that says most of a stage: the last of its evidence.
    private static func shown(_ stage: StageResult) -> String {
        let line = stage.evidence.last.map(printable) ?? ""
        return line.count > 100 ? line.prefix(99) + "…" : line
    }

    /// A line of another machine's output without what a terminal would obey.
    private static func printable(_ line: String) -> String {
        String(String.UnicodeScalarView(line.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
    }

    private static func seconds(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }

    public func encode(to encoder: any Encoder) throws {
        try result.encode(to: encoder)
        var more = encoder.container(keyedBy: MoreKeys.self)
        try more.encodeIfPresent(repetition, forKey: .repetition)
        try more.encodeIfPresent(comparison, forKey: .baseline)
    }
}
