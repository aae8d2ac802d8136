import ArgumentParser
import Bytes
import Concurrency
import Diagnostics
import Glibc
import Report
import SystemPackage

/// A number of jobs, for `transform:`.
private func jobNumber(_ argument: String) throws -> Int {
    guard let number = Int(argument), number >= 1 else { throw ValidationError("it takes a whole number, at least 1") }
    return number
}

/// A path from the command line, for `transform:`; relative ones are taken from the working directory.
func path(_ argument: String) throws -> FilePath {
    guard !argument.isEmpty, !argument.utf8.contains(0) else { throw ValidationError("a path must not be empty") }
    return FilePath(argument)
}

/// When escape sequences are written.
enum ColorChoice: String, CaseIterable {
    case auto, always, never
}

/// The options every command has.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How the result is written: \(words(OutputFormat.allCases)) (default: text).", valueName: "format"),
        completion: .choices(OutputFormat.allCases), transform: choice)
    var format: OutputFormat = .text

    @Option(
        help: ArgumentHelp("Write the result to this file instead of standard output.", valueName: "file"),
        transform: path)
    var output: FilePath?

    @Option(
        name: .shortAndLong, parsing: .unconditional,
        help: ArgumentHelp(
            "How many jobs run at once, at most \(Parallel.mostWorkers) (default: one for each processor).",
            valueName: "number"),
        transform: jobNumber)
    var jobs: Int?

    @Flag(name: .shortAndLong, help: "Print only warnings to standard error.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Print every step to standard error.")
    var verbose = false

    @Option(
        help: ArgumentHelp(
            "Colours: \(words(ColorChoice.allCases)) (default: auto, which honours NO_COLOR).", valueName: "when"),
        completion: .choices(ColorChoice.allCases), transform: choice)
    var color: ColorChoice = .auto

    func validate() throws {
        if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
    }

    /// The number of jobs to run at once, of threads as of make's: at least 1, at most `Parallel.mostWorkers`.
    var jobCount: Int { min(jobs ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), Parallel.mostWorkers) }

    private func colored(_ descriptor: Int32) -> Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto: isatty(descriptor) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
        }
    }

    /// A progress display on standard error.
    func progress() -> ConsoleProgress {
        let terminal = isatty(STDERR_FILENO) == 1
        var size = winsize()
        let columns = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
        return ConsoleProgress(
            terminal: terminal, columns: columns, verbosity: quiet ? .quiet : verbose ? .verbose : .normal,
            style: TextStyle(colored: colored(STDERR_FILENO)))
    }

    /// Shows a result where the user wants it.
    func show(_ result: some Reportable) throws {
        let target = try OutputTarget(output)
        try Rendering.write(result, as: format, style: style) { try target.write($0) }
        try target.finish()
    }

    /// Shows a result of a command that has changed something.
    /// - Parameter done: What it has changed, as a clause, for the message where the result cannot be delivered.
    func show(_ result: some Reportable, done: String) throws {
        try OutputTarget(output).deliver(try render(result), done: done)
    }

    /// A result as the user wants to see it.
    func render(_ result: some Reportable) throws -> [UInt8] {
        Array(try Rendering.render(result, as: format, style: style).utf8)
    }

    /// What stands in the place of a result, as the user wants to see it.
    func render(_ report: UndecidedReport) throws -> [UInt8] { try report.rendered(as: format, style: style) }

    /// Whether people see the result itself: neither a program reads it, nor is it written to a file.
    var showsToPeople: Bool { format == .text && output == nil }

    private var style: TextStyle { TextStyle(colored: output == nil && colored(STDOUT_FILENO)) }

    /// Ends the command with an exit code.
    func finish(_ status: ExitStatus) throws {
        if status != .success { throw ExitCode(status.rawValue) }
    }
}
