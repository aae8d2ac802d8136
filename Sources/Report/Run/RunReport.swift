public import Diagnostics
public import Pipeline

/// What `dom0kit run` shows.
public struct RunReport: Reportable {
    public static let schema = "dom0kit.run/1"
    /// The run.
    public let result: RunResult

    /// Makes the report.
    public init(_ result: RunResult) { self.result = result }

    public var verdict: Verdict { result.verdict }

    public var summaryLine: String {
        guard let failure = result.failure else {
            let last = result.stages.last
            let place = result.evidence.map { "; evidence in \($0)" } ?? ""
            return "\(result.profile): \(last?.name == .evidence ? "booted and proven" : "stopped as asked")\(place)"
        }
        return "\(result.profile): \(failure.stage.rawValue): \(failure.message)"
    }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        for stage in result.stages {
            table.add(
                style.verdict(stage.verdict), style.bold(stage.name.rawValue),
                stage.cached ? "cached" : Self.seconds(stage.seconds), stage.summary)
        }
        var text = table.text()
        if let failure = result.failure, !failure.lines.isEmpty {
            text += "\n" + failure.lines.map { "  \($0)\n" }.joined() + "\n"
        }
        if let reproduce = result.reproduce { text += "repeat the boot: \(reproduce)\n" }
        return text
    }

    private static func seconds(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return seconds < 100 ? "\(tenths / 10).\(tenths % 10) s" : "\(tenths / 600) min \(tenths / 10 % 60) s"
    }

    public func encode(to encoder: any Encoder) throws { try result.encode(to: encoder) }
}
