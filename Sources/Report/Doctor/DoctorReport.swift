public import Diagnostics
public import Pipeline

/// What `dom0kit doctor` shows.
public struct DoctorReport: Reportable {
    public static let schema = "dom0kit.doctor/1"
    /// Everything that was looked for.
    public let findings: [Doctor.Finding]
    /// The command that installs what is missing; absent where nothing is.
    public let install: String?

    /// Makes the report.
    public init(findings: [Doctor.Finding]) {
        self.findings = findings
        let packages = Set(findings.filter { $0.path == nil && $0.required }.map(\.package)).sorted()
        install = packages.isEmpty ? nil : "apt-get install \(packages.joined(separator: " "))"
    }

    public var verdict: Verdict { Doctor.verdict(findings) }

    public var summaryLine: String {
        let missing = findings.filter { $0.path == nil && $0.required }.map(\.name)
        return missing.isEmpty
            ? "everything required is here" : "missing: \(missing.joined(separator: ", ")); \(install ?? "")"
    }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        for finding in findings {
            let state =
                finding.path != nil
                ? style.green("found") : finding.required ? style.red("missing") : style.yellow("absent")
            table.add(
                state, finding.name,
                finding.version ?? finding.path ?? "apt-get install \(finding.package)", style.dim(finding.purpose))
        }
        return table.text()
    }

    private enum CodingKeys: String, CodingKey { case findings, install }
}
