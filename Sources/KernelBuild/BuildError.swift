public import Diagnostics
public import SystemPackage

/// Why a build could not be judged.
public enum BuildError: DiagnosedError {
    /// Make ended well, but the image is not where it should be.
    case noImage(FilePath, log: FilePath)
    /// The build folder has no `.config`.
    case noConfiguration(FilePath)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .noImage: .malformedInput
        case .noConfiguration: .missingInput
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .noImage(let image, _): "make succeeded, but there is no image at \(image)"
        case .noConfiguration(let folder): "\(folder) has no .config"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .noImage(_, let log): "check the profile's build target and image path; make's output is in \(log)"
        case .noConfiguration: "give one with --config"
        }
    }
}
