public import Diagnostics
public import Kconfig
import KernelModel

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
