public import Diagnostics
public import SystemPackage

/// What of the machine kept a build from going on.
public enum MachineTrouble: Sendable, CaseIterable {
    /// The disk is full.
    case diskFull
    /// A signal ended a compiler: most often memory that ran out.
    case compilerKilled

    /// What a line that tells of it contains: strerror(ENOSPC), and gcc's words for a compiler that a signal ended.
    private var mark: String {
        switch self {
        case .diskFull: "No space left on device"
        case .compilerKilled: "Killed signal terminated program"
        }
    }

    /// The trouble that a line of make's output tells of.
    init?(line: String) {
        guard let trouble = Self.allCases.first(where: { line.contains($0.mark) }) else { return nil }
        self = trouble
    }
}

/// Why a build could not be judged.
public enum BuildError: DiagnosedError {
    /// Make ended well, but the image is not where it should be.
    case noImage(FilePath, log: FilePath)
    /// The machine failed, not the kernel: nothing is known of it. The line is what make or the compiler said.
    case machine(MachineTrouble, line: String, log: FilePath)
    /// The compiler is not one this kernel builds with; those of the machine that would do.
    case compilerRefused(String, version: String, accepted: String, usable: [String])
    /// A tree that was built in cannot be cleaned.
    case notCleaned(String, lines: [String])
    /// What was named as a compiler is none.
    case noCompiler(String)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .noImage: .malformedInput
        case .machine(.diskFull, _, _): .inputOutput
        case .machine(.compilerKilled, _, _): .infrastructure
        case .compilerRefused: .missingTool
        case .notCleaned: .malformedInput
        case .noCompiler: .missingInput
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .noImage(let image, _): "make succeeded, but there is no image at \(image)"
        case .machine(_, let line, _): "the build was cut short: \(line)"
        case .compilerRefused(let name, let version, let accepted, _):
            "\(name) has version \(version), and this kernel builds with \(accepted)"
        case .notCleaned(let command, let lines):
            "the tree was built in, and '\(command)' failed"
                + (lines.isEmpty ? "" : ":\n" + lines.joined(separator: "\n"))
        case .noCompiler(let name): "'\(name)' is neither a GCC nor a folder with one in it"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .noImage(_, let log): "check the profile's build target and image path; make's output is in \(log)"
        case .machine(.diskFull, _, let log): "free some disk space, then run it again; make's output is in \(log)"
        case .compilerRefused(_, _, _, let usable):
            usable.isEmpty
                ? "install a compiler of that range; none is on this machine"
                : "of this machine, \(usable.joined(separator: ", ")) will do"
        case .notCleaned: "use a copy of the source that was not built in"
        case .noCompiler: "name a compiler of the search path, a program's path, or the folder of an unpacked package"
        case .machine(.compilerKilled, _, let log):
            "free some memory, or build with fewer jobs, then run it again; make's output is in \(log)"
        }
    }
}
