public import Diagnostics
public import SystemPackage

/// Why a build could not be judged.
public enum BuildError: DiagnosedError {
    /// Make ended well, but the image is not where it should be.
    case noImage(FilePath, log: FilePath)
    /// The disk is full, or the system killed a compiler: nothing is known of the kernel.
    case machine(String, log: FilePath)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .noImage: .malformedInput
        case .machine(let line, _): line.contains("No space left") ? .inputOutput : .infrastructure
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .noImage(let image, _): "make succeeded, but there is no image at \(image)"
        case .machine(let line, _): "the build could not go on: \(line)"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .noImage(_, let log): "check the profile's build target and image path; make's output is in \(log)"
        case .machine(_, let log):
            "free disk space or memory, or run fewer jobs at once, then run it again; make's output is in \(log)"
        }
    }
}
