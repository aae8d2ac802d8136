public import Diagnostics
import Synchronization
public import SystemPackage

/// How much progress is printed.
public enum Verbosity: Sendable {
    /// Warnings only.
    case quiet
    /// What begins, and how far it is.
    case normal
    /// Every note as well.
    case verbose
}

/// Progress on standard error: one live line on a terminal, plain lines elsewhere.
public final class ConsoleProgress: ProgressSink {
    private struct State {
        var began = ContinuousClock.now
        var drawn = ContinuousClock.now - .seconds(60)
        var lineOpen = false
        var what = ""
    }

    private let descriptor: FileDescriptor
    private let terminal: Bool
    private let verbosity: Verbosity
    private let style: TextStyle
    private let columns: Int
    private let state = Mutex(State())

    /// Reports to a file descriptor.
    /// - Parameters:
    ///   - descriptor: Where it is written.
    ///   - terminal: Whether that is a terminal on which a line can be rewritten.
    ///   - columns: The terminal's width in characters.
    public init(
        descriptor: FileDescriptor = .standardError, terminal: Bool, columns: Int = 80, verbosity: Verbosity,
        style: TextStyle
    ) {
        self.descriptor = descriptor
        self.terminal = terminal
        self.columns = columns
        self.verbosity = verbosity
        self.style = style
    }

    /// Shows an event.
    public func report(_ event: ProgressEvent) {
        state.withLock { state in
            switch event {
            case .warning(let text): line(style.yellow("warning: ") + text, &state)
            case _ where verbosity == .quiet: return
            case .note(let text):
                if verbosity == .verbose { line(text, &state) }
            case .began(let what):
                state.what = what
                state.began = .now
                state.drawn = .now
                line(style.bold(what), &state)
            case .advanced(let done, let total, let item):
                advance(done, total, item, &state)
            }
        }
    }

    /// Ends the live line, so that other output starts on a line of its own.
    public func finish() { state.withLock { clear(&$0) } }

    private func advance(_ done: Int, _ total: Int?, _ item: String, _ state: inout State) {
        let now = ContinuousClock.now
        // A terminal is redrawn ten times a second at most, a log gets a line every 30 s.
        guard now - state.drawn >= (terminal ? .milliseconds(100) : .seconds(30)) else { return }
        state.drawn = now
        let count = total.map { "\(done)/\($0)" } ?? "\(done)"
        let text = "  \(Self.clock(now - state.began))  \(count)  \(item)"
        if terminal {
            let shown = SafeText.rendered(SafeText.inLine(text), colored: false)
            write("\r\u{1B}[K" + String(shown.prefix(max(columns - 1, 20))))
            state.lineOpen = true
        } else {
            line(text, &state)
        }
    }

    private func line(_ text: String, _ state: inout State) {
        clear(&state)
        write(SafeText.rendered(SafeText.inLine(text), colored: style.colored) + "\n")
    }

    private func clear(_ state: inout State) {
        if state.lineOpen { write("\r\u{1B}[K") }
        state.lineOpen = false
    }

    private func write(_ text: String) {
        // Progress is a courtesy: a closed standard error must not stop the work.
        _ = try? descriptor.writeAll(Array(text.utf8))
    }

    private static func clock(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        let rest = seconds % 60
        return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest)"
    }
}
