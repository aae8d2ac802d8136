public import Diagnostics
public import Hypervisor
public import KernelImage

/// Why a run failed.
public struct RunFailure: Sendable, Codable, Equatable {
    /// The stage that failed.
    public let stage: Stage
    /// One line.
    public let message: String
    /// What explains it, line by line.
    public let lines: [String]
}

/// What a run came to: the fields of `dom0kit.run/1`, and of `evidence.json`.
public struct RunResult: Sendable, Codable {
    /// The kit's own version.
    public var kit: String
    /// The profile's name.
    public var profile: String
    /// The worst of its stages.
    public var verdict: Verdict
    /// Each stage that ran or was taken from the cache.
    public var stages: [StageSummary] = []
    /// Why it failed.
    public var failure: RunFailure?
    /// The work folder.
    public var work: String
    /// The evidence folder, once it is there.
    public var evidence: String?
    /// The command that repeats the boot.
    public var reproduce: String?
    /// What was not checked, because the run did not get that far or was told to stop.
    public var notChecked: [Stage] = []
    /// The import stage's own result.
    public var `import`: ImportResult?
    /// The apply stage's own result.
    public var apply: ApplyResult?
    /// The configure stage's own result.
    public var configure: ConfigureResult?
    /// The build stage's own result.
    public var build: BuildResult?
    /// The inspect stage's own result.
    public var inspect: ImageFacts?
    /// The boot stage's own result.
    public var boot: BootVerdict?

    /// The exit code that belongs to it.
    public var exitStatus: ExitStatus {
        guard let failure else { return .success }
        if failure.stage == .boot, boot?.failure?.kind == .infrastructure { return .infrastructure }
        return failure.stage.exitStatus
    }
}
