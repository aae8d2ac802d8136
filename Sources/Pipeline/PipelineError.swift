public import Diagnostics
public import SystemPackage

/// Why a run cannot be made.
public enum PipelineError: DiagnosedError {
    /// There is no such profile.
    case unknownProfile(name: String, near: [String], all: [String])
    /// A profile's file is not well formed.
    case malformedProfile(path: FilePath, reason: String)
    /// A profile names something that does not exist.
    case profileNames(what: String, value: String, known: [String])
    /// The profile's source cannot be downloaded here.
    case noSource(profile: String, hint: String?)
    /// The file given as a source is not the one the profile means.
    case wrongSource(FilePath, expected: String)
    /// A stage's record is damaged in a way that cannot be explained by an interrupted run.
    case damagedRecord(FilePath, reason: String)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .unknownProfile, .profileNames: .usage
        case .malformedProfile, .wrongSource: .malformedInput
        case .noSource: .missingInput
        case .damagedRecord: .inputOutput
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .unknownProfile(let name, _, _): "there is no profile '\(name)'"
        case .malformedProfile(let path, let reason): "\(path): \(reason)"
        case .profileNames(let what, let value, _): "there is no \(what) '\(value)'"
        case .noSource(let profile, _):
            "the source of profile '\(profile)' cannot be downloaded from this machine's mirrors"
        case .wrongSource(let path, let expected): "\(path) has another SHA-256 than the profile's, \(expected)"
        case .damagedRecord(let path, let reason): "\(path) is damaged: \(reason)"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .unknownProfile(_, let near, _) where !near.isEmpty:
            "did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"
        case .unknownProfile(_, _, let all): "there are: \(all.joined(separator: ", "))"
        case .malformedProfile: nil
        case .wrongSource: "it is damaged, or another file of that name; get it again"
        case .profileNames(_, _, let known): "there are: \(known.joined(separator: ", "))"
        case .noSource(_, let hint): hint.map { "get \($0)" } ?? "get it from the distribution"
        case .damagedRecord: "remove the work folder, then run it again"
        }
    }
}
