/// The exit codes of the command line: the contract with packaging pipelines.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    /// The verdict is `pass` (or `warn` without `--strict`).
    case success = 0
    /// The series does not apply.
    case seriesFails = 10
    /// The series applies, but not within the policy asked for.
    case outsidePolicy = 11
    /// Something the verdict needs was not understood, or is not settled: the verdict is `unknown`.
    case undecided = 12
    /// The configuration does not give a dom0.
    case notDom0Configuration = 20
    /// The kernel does not build.
    case buildFails = 30
    /// The image would not be accepted as dom0.
    case notDom0Image = 40
    /// It does not boot, or a guest does not start.
    case bootFails = 50
    /// Wrong usage (`EX_USAGE`).
    case usage = 64
    /// The input is malformed (`EX_DATAERR`).
    case malformedInput = 65
    /// The input is not there (`EX_NOINPUT`).
    case missingInput = 66
    /// A tool or package is missing (`EX_UNAVAILABLE`).
    case missingTool = 69
    /// A bug in Dom0Kit (`EX_SOFTWARE`).
    case bug = 70
    /// Output cannot be created (`EX_CANTCREAT`).
    case cannotCreate = 73
    /// An I/O error, such as a full disk (`EX_IOERR`).
    case inputOutput = 74
    /// The infrastructure failed: the verdict is unknown, try again (`EX_TEMPFAIL`).
    case infrastructure = 75
    /// The terminal has gone (SIGHUP).
    case hungUp = 129
    /// Interrupted by SIGINT.
    case interrupted = 130
    /// Terminated by SIGTERM.
    case terminated = 143

    /// The exit code for a signal that ended the run.
    public init(signal: Int32) {
        self = ExitStatus(rawValue: 128 + signal) ?? .terminated
    }

    /// The exit code for an error of that category.
    public init(_ category: ErrorCategory) {
        self =
            switch category {
            case .usage: .usage
            case .undecided: .undecided
            case .malformedInput: .malformedInput
            case .missingInput: .missingInput
            case .missingTool: .missingTool
            case .bug: .bug
            case .cannotCreate: .cannotCreate
            case .inputOutput: .inputOutput
            case .infrastructure: .infrastructure
            case .interrupted: .interrupted
            case .terminated: .terminated
            }
    }
}
