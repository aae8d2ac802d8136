import Kconfig

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
