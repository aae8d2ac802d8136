public import Diagnostics
public import SystemPackage

/// Why an external tool could not be run, or a workspace not be taken.
public enum HostError: DiagnosedError {
    /// The tool is not in the search path.
    case toolMissing(name: String, package: String?)
    /// The tool is there but did not start.
    case cannotStart(tool: String, reason: String)
    /// The tool ran longer than it was given.
    case deadlinePassed(tool: String, after: Duration)
    /// Talking to the running tool failed (a broken pipe, a full log disk).
    case communication(tool: String, reason: String)
    /// The task was cancelled; the tool and all its children have ended.
    case cancelled(tool: String)
    /// Another run works in this folder.
    case locked(folder: FilePath, holder: String)
    /// The lock file cannot be made.
    case cannotLock(folder: FilePath, errno: Errno)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .toolMissing: .missingTool
        case .cannotStart, .communication: .inputOutput
        case .deadlinePassed: .infrastructure
        case .cancelled: .interrupted
        case .locked, .cannotLock: .cannotCreate
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .toolMissing(let name, _): "the tool '\(name)' is not on this machine"
        case .cannotStart(let tool, let reason): "cannot start \(tool): \(reason)"
        case .deadlinePassed(let tool, let after): "\(tool) did not end within \(after)"
        case .communication(let tool, let reason): "lost contact with \(tool): \(reason)"
        case .cancelled(let tool): "\(tool) was interrupted"
        case .locked(let folder, let holder): "the work folder \(folder) is in use by \(holder)"
        case .cannotLock(let folder, let errno): "cannot lock the work folder \(folder): \(errno)"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .toolMissing(_, let package?): "install it: apt-get install \(package)"
        case .toolMissing: "install it"
        case .locked: "wait for it to end, or use another work folder"
        case .cannotLock: "choose a work folder that can be written to"
        case .cannotStart, .deadlinePassed, .communication, .cancelled: nil
        }
    }
}
