public import Diagnostics

/// The stages of a run, in their order.
public enum Stage: String, Sendable, Codable, CaseIterable {
    /// The kernel source, verified and unpacked.
    case `import`
    /// The series applied to a clone of it.
    case apply
    /// The `.config`, and the proof that it gives a dom0.
    case configure
    /// The image.
    case build
    /// What the image says of itself, held against Xen's rules.
    case inspect
    /// Xen booted with it, and guests started.
    case boot
    /// Everything gathered in one folder.
    case evidence

    /// Counts up when a stage begins to give another result for the same inputs.
    var version: Int { 1 }

    /// The exit code of a run that fails in this stage.
    public var exitStatus: ExitStatus {
        switch self {
        case .import: .malformedInput
        case .apply: .seriesFails
        case .configure: .notDom0Configuration
        case .build: .buildFails
        case .inspect: .notDom0Image
        case .boot: .bootFails
        case .evidence: .inputOutput
        }
    }
}

/// A file a stage made.
public struct Artefact: Sendable, Codable, Equatable {
    /// Relative to the work folder.
    public let path: String
    /// The SHA-256 of its content.
    public let sha256: String
}

/// How a stage of a run went, as every result shows it.
public struct StageSummary: Sendable, Codable, Equatable {
    /// Which stage.
    public let name: Stage
    /// How it went.
    public let verdict: Verdict
    /// How long it took when it ran, in seconds.
    public let seconds: Double
    /// Whether the result of an earlier run was taken, nothing it depends on having changed.
    public let cached: Bool
    /// The SHA-256 of everything the result depends on.
    public let key: String
    /// Everything the result depends on, by name: hashes of files, versions of tools, settings.
    public let inputs: [String: String]
    /// Why it ran again, or what was taken from the cache.
    public let reason: String
    /// One line on its result.
    public let summary: String
    /// The files it made.
    public let artefacts: [Artefact]
}
