public import Diagnostics
public import Series

/// What `dom0kit series lint` shows.
public struct SeriesLintReport: Reportable {
    public static let schema = "dom0kit.lint/1"
    /// What the series is called.
    public let name: String
    /// How many patches would be applied.
    public let patches: Int
    /// Everything that is wrong.
    public let findings: [Finding]

    /// Something that is wrong.
    public struct Finding: Encodable, Sendable {
        /// What kind of thing it is.
        public let kind: String
        /// `warn` or `fail`.
        public let severity: Verdict
        /// The file it was found in, where there is one.
        public let file: String?
        /// The line in that file.
        public let line: Int?
        /// The patch concerned.
        public let patch: String?
        /// What is wrong.
        public let text: String
    }

    /// Makes the report.
    public init(_ series: PatchSeries, findings: [LintFinding]) {
        name = series.name
        patches = series.included.count
        self.findings = findings.map {
            Finding(
                kind: $0.kind.rawValue, severity: $0.severity, file: $0.position?.file.string, line: $0.position?.line,
                patch: $0.patch, text: $0.text)
        }
    }

    /// The exit code.
    /// - Parameter strict: Whether warnings count as outside of the policy.
    public func status(strict: Bool) -> ExitStatus {
        switch verdict {
        case .pass: .success
        case .warn: strict ? .outsidePolicy : .success
        case .unknown: .undecided
        case .fail: .seriesFails
        }
    }

    public var verdict: Verdict { findings.map(\.severity).max() ?? .pass }
    public var summaryLine: String {
        let failures = findings.count { $0.severity == .fail }
        return findings.isEmpty
            ? "\(name): \(Wording.count(patches, "patch", "patches")), no findings"
            : "\(name): \(Wording.count(patches, "patch", "patches")), \(Wording.count(failures, "error")), \(Wording.count(findings.count - failures, "warning"))"
    }

    public func text(_ style: TextStyle) -> String {
        findings.map { finding in
            let place = finding.file.map { file in file + (finding.line.map { ":\($0)" } ?? "") + ": " } ?? ""
            return place + style.verdict(finding.severity) + ": \(finding.text) [\(finding.kind)]\n"
        }.joined()
    }

    private enum CodingKeys: String, CodingKey { case name, patches, findings }
}
