public import SystemPackage

/// An external program with everything that decides what it does: nothing is taken from this process unsaid.
public struct Command: Sendable, Equatable {
    /// A path, or a name that is looked up in the `PATH` of ``environment``.
    public var executable: String
    /// The arguments, without the program's own name.
    public var arguments: [String]
    /// The complete environment of the program.
    public var environment: [String: String]
    /// Where it runs; this process's working directory where `nil`.
    public var workingDirectory: FilePath?
    /// How long it may run before it and its children are ended.
    public var deadline: Duration?
    /// The Debian package that carries the program, for the message where it is missing.
    public var package: String?

    /// Describes a program to run.
    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String],
        workingDirectory: FilePath? = nil, deadline: Duration? = nil, package: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.deadline = deadline
        self.package = package
    }

    /// The command as a person would type it in a shell, arguments quoted where needed (without the environment).
    public var shellLine: String { ([executable] + arguments).map(Shell.quoted).joined(separator: " ") }
}

/// How a program ended.
public enum Termination: Sendable, Equatable, CustomStringConvertible {
    /// It ended by itself with this exit status.
    case exited(Int32)
    /// This signal ended it.
    case signaled(Int32)

    /// Whether it exited with 0.
    public var succeeded: Bool { self == .exited(0) }

    /// `exit status 2` or `signal 9`.
    public var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    }
}

/// Shell syntax, for commands shown to people.
public enum Shell {
    /// The word, in single quotes if the shell would read it differently bare.
    public static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                || "-_./=:,+@%".utf8.contains($0)
        }
        if plain && !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
