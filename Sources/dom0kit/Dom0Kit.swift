import ArgumentParser
import Concurrency
import Diagnostics
import Glibc
import Host
import Report
import SystemPackage

/// The command line.
@main
struct Dom0Kit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dom0kit",
        abstract: "Integrate Xen dom0 support into distribution kernels, and prove it.",
        discussion: """
            Exit codes: 0 pass; 10 the series does not apply; 11 it applies outside the policy asked for; \
            12 it cannot be decided; \
            20 the configuration does not give a dom0; 30 the kernel does not build; 40 the image is not a dom0; \
            50 it does not boot or a guest does not start; 64 wrong usage; 65 malformed input; 66 missing input; \
            69 a tool or package is missing; 70 a bug in dom0kit; 73 cannot create output; 74 I/O error; \
            75 the infrastructure failed, try again; 129, 130 and 143 hung up, interrupted and terminated.
            """,
        version: Version.line,
        subcommands: [
            RunCommand.self,
            BuildCommand.self,
            BootCommand.self,
            SourceCommand.self,
            SeriesCommand.self,
            ApplyCommand.self,
            VerifyCommand.self,
            RefreshCommand.self,
            RebaseCommand.self,
            ConfigCommand.self,
            InspectCommand.self,
            ProfileCommand.self,
            DoctorCommand.self,
        ])

    static func main() async {
        ThreadHeap.keepReserves()
        StandardStreams.fill()
        if let limit = StandardStreams.raiseFileLimit() {
            report("only \(limit) files may be open at once, which is too few to work with")
            report("  raise the limit: ulimit -n 1024", prefix: "")
            _exit(ExitStatus.missingTool.rawValue)
        }
        // A file that grows beyond the limit of its size is an error of writing, not the end of the program.
        signal(SIGXFSZ, SIG_IGN)
        let work = Task {
            let arguments = Array(Environment.commandLine.dropFirst())
            if let unknown = UnknownCommand.first(in: arguments, of: Self.self) { throw unknown }
            var command = try parseAsRoot(arguments)
            do {
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch let error as any DiagnosedError where error.category == .undecided {
                guard let command = command as? any ResultCommand else { throw error }
                if !command.global.showsToPeople { report(error) }
                try command.show(undecided: error)
                throw ExitCode(ExitStatus.undecided.rawValue)
            }
        }
        SignalWatch.start { signal in
            work.cancel()
            // What does not look up from its work in that time is left: a tree that it was changing is restored by the next run.
            usleep(1_700_000)
            report("interrupted; it took too long to stop what was being done")
            _exit(ExitStatus(signal: signal).rawValue)
        }
        switch await work.result {
        case .success: Glibc.exit(ExitStatus.success.rawValue)
        case .failure(let error): end(with: error)
        }
    }

    /// Says what went wrong and exits with its code.
    private static func end(with error: any Error) -> Never {
        if let signal = SignalWatch.firstSignal {
            report("interrupted; all programs it had started have ended")
            Glibc.exit(ExitStatus(signal: signal).rawValue)
        }
        guard let diagnosed = error as? any DiagnosedError else {
            if isParserOutcome(error) { endParsing(with: error) }
            report("this is a bug in dom0kit: \(error)")
            Glibc.exit(ExitStatus.bug.rawValue)
        }
        report(diagnosed)
        Glibc.exit(ExitStatus(diagnosed.category).rawValue)
    }

    /// Ends with what the argument parser has to say: help and the version on standard output, wrong usage on standard error.
    private static func endParsing(with error: any Error) -> Never {
        let code = exitCode(for: error).rawValue
        let text = fullMessage(for: error)
        guard code == ExitStatus.success.rawValue else {
            if !text.isEmpty { report(text, prefix: "") }
            Glibc.exit(code)
        }
        do {
            try FileDescriptor.standardOutput.writeAll(Array((text.isEmpty ? "" : text + "\n").utf8))
            Glibc.exit(code)
        } catch {
            report("cannot write standard output: \(error)")
            Glibc.exit(ExitStatus.inputOutput.rawValue)
        }
    }

    private static func report(_ error: any DiagnosedError) {
        report(error.message)
        if let remedy = error.remedy { report("  " + remedy, prefix: "") }
        if let hint = Hints.hint(for: error) { report("  " + hint, prefix: "") }
    }

    private static func report(_ text: String, prefix: String = "dom0kit: ") {
        let safe = SafeText.rendered(prefix + text, colored: false) + "\n"
        _ = try? FileDescriptor.standardError.writeAll(Array(safe.utf8))
    }

    /// Whether the argument parser itself made the error: usage, help, a clean exit or an exit code.
    private static func isParserOutcome(_ error: any Error) -> Bool {
        error is ExitCode || error is ValidationError || error is CleanExit
            || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }
}
