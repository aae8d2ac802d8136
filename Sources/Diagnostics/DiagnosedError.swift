/// Whose move an error is: what a caller (and an exit code) makes of it.
public enum ErrorCategory: String, Sendable, CaseIterable {
    /// The command line or a call asks for something that does not exist or does not fit together.
    case usage
    /// An input is there but is not well formed (patch, archive, profile, `.config`, image).
    case malformedInput
    /// Something in an input that the verdict needs was not understood, or is not settled: there is no verdict.
    case undecided
    /// An input file or folder is not there or cannot be read.
    case missingInput
    /// A tool or package of this machine is missing.
    case missingTool
    /// A defect of Dom0Kit itself.
    case bug
    /// An output file or folder cannot be created (read-only folder, lock held, name taken).
    case cannotCreate
    /// Reading or writing failed half-way (disk full, I/O error).
    case inputOutput
    /// Something outside the kit failed (mirror, network, test host): the verdict is unknown, try again.
    case infrastructure
    /// The user interrupted the run (SIGINT).
    case interrupted
    /// The run was terminated (SIGTERM).
    case terminated
}

/// An error that says what happened, where, and what to do about it.
///
/// Each module has one error type that conforms; the command line maps ``category`` to an exit code.
public protocol DiagnosedError: Error, CustomStringConvertible {
    /// Whose move it is.
    var category: ErrorCategory { get }
    /// One lowercase sentence without a full stop, with path and line where there are any.
    var message: String { get }
    /// What the reader can do about it, where that is known.
    var remedy: String? { get }
}

extension DiagnosedError {
    /// The message, and the remedy on a line of its own.
    public var description: String {
        guard let remedy else { return message }
        return message + "\n" + remedy
    }
}
