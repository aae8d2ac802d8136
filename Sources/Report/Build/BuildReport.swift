public import Diagnostics
public import Kconfig
public import KernelBuild

/// What `dom0kit build` shows.
public struct BuildReport: Reportable {
    public static let schema = "dom0kit.build/1"
    /// The kernel, if it was built.
    public let kernel: BuiltKernel?
    /// What stopped the build, if something did.
    public let failure: BuildFailure?
    /// Settings of the configuration given that the tree's Kconfig decided otherwise.
    public let findings: [ConfigFinding]
    /// The command that was run.
    public let command: String

    /// Makes the report.
    public init(outcome: BuildOutcome, request: BuildRequest, findings: [ConfigFinding]) {
        switch outcome {
        case .built(let kernel): (self.kernel, failure) = (kernel, nil)
        case .failed(let failure): (kernel, self.failure) = (nil, failure)
        }
        self.findings = findings
        command = request.command.shellLine
    }

    public var verdict: Verdict { failure != nil ? .fail : findings.isEmpty ? .pass : .warn }

    public var summaryLine: String {
        kernel.map { "\($0.release) in \($0.image), SHA-256 \($0.imageSHA256)" } ?? failure?.message ?? ""
    }

    public func text(_ style: TextStyle) -> String {
        var text = findings.map { style.yellow("not as asked: ") + $0.summary + "\n" }.joined()
        if let failure {
            text += failure.context.map { "  \($0)\n" }.joined()
            text += "log: \(failure.log)\nrepeat the build: \(failure.command)\n"
        }
        return text
    }

    private enum CodingKeys: String, CodingKey { case kernel, failure, findings, command }
}
