import Host
import Synchronization

/// What QEMU itself said, and how it ended; shared between the task that runs it and the one that follows its logs.
final class EmulatorExit: Sendable {
    private struct State {
        var output: [String] = []
        var termination: Termination?
    }

    private let state = Mutex(State())

    /// Takes a line of QEMU's own output; the first 200 are kept.
    func said(_ line: String) {
        state.withLock { if $0.output.count < 200 { $0.output.append(line) } }
    }

    /// Takes the end.
    func ended(_ termination: Termination) { state.withLock { $0.termination = termination } }

    /// How it ended; `nil` while it runs.
    var ending: Termination? { state.withLock { $0.termination } }

    /// What it said so far.
    var output: [String] { state.withLock { $0.output } }
}
