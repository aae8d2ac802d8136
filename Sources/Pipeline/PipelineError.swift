public import Diagnostics
public import SystemPackage
public import Yaml

/// Why a run cannot be made.
public enum PipelineError: DiagnosedError {
    /// There is no such profile.
    case unknownProfile(name: String, near: [String], all: [String])
    /// A profile's file is not well formed.
    case malformedProfile(YamlFault)
    /// The profile's source cannot be downloaded here.
    case noSource(profile: String, hint: String?)
    /// No run has built the profile's kernel here.
    case notBuilt(profile: String, image: FilePath)
    /// The source is another version of Linux than the profile is for.
    case wrongVersion(source: String, found: String, profile: String, wanted: String)
    /// The profile has nothing that lets programs of today run on its kernel.
    case noCompat(profile: String)
    /// The file given as a source is not the one the profile means.
    case wrongSource(FilePath, expected: String)
    /// A stage's record is damaged in a way that cannot be explained by an interrupted run.
    case damagedRecord(FilePath, reason: String)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .unknownProfile, .noCompat: .usage
        case .malformedProfile, .wrongSource, .wrongVersion: .malformedInput
        case .noSource, .notBuilt: .missingInput
        case .damagedRecord: .inputOutput
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .unknownProfile(let name, _, _): "there is no profile '\(name)'"
        case .malformedProfile(let fault): fault.message
        case .noSource(let profile, _):
            "the source of profile '\(profile)' cannot be downloaded from this machine's mirrors"
        case .notBuilt(let profile, let image): "the kernel of profile '\(profile)' is not built: \(image) is not there"
        case .wrongVersion(let source, let found, let profile, let wanted):
            "\(source) is Linux \(found), and the profile '\(profile)' is for Linux \(wanted)"
        case .noCompat(let profile): "the profile '\(profile)' has no compat series"
        case .wrongSource(let path, let expected):
            "\(path) does not have the SHA-256 that the profile states, \(expected)"
        case .damagedRecord(let path, let reason): "\(path) is damaged: \(reason)"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .unknownProfile(_, let near, let all):
            Suggestions.question(near) ?? "there are: \(all.joined(separator: ", "))"
        case .malformedProfile(let fault): fault.remedy
        case .wrongSource: "it is damaged, or another file of that name; get it again"
        case .noSource(_, let hint): hint.map { "get \($0)" } ?? "get it from the distribution"
        case .wrongVersion: "name another revision or file, or take a profile for that version"
        case .noCompat: "programs of today run on its kernel as it is, or nobody has made them run"
        case .notBuilt: "build it first, or name an image"
        case .damagedRecord: "remove the work folder, then run it again"
        }
    }
}
