import Glibc
import Synchronization

/// The write end of the pipe that the signal handler writes to; set once, before the handler is installed.
private nonisolated(unsafe) var signalPipe: Int32 = -1

/// Turns SIGINT, SIGTERM and SIGHUP into a call outside of the signal handler.
///
/// Handlers, unlike ignored signals, are not inherited by the programs that are started.
public enum SignalWatch {
    /// The signal that arrived first, or 0.
    private static let received = Atomic<Int32>(0)

    /// The first of them that came, if one came.
    public static var firstSignal: Int32? {
        let signal = received.load(ordering: .sequentiallyConsistent)
        return signal == 0 ? nil : signal
    }

    /// Starts watching; to be called once, early.
    /// - Parameter onSignal: Called on a thread of its own, at the first signal only.
    public static func start(onSignal: @escaping @Sendable (_ signal: Int32) -> Void) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        signalPipe = ends[1]
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            // nohup(1) wants the end of the terminal not to matter.
            if number == SIGHUP, sigaction(number, nil, &action) == 0, isIgnored(action) { continue }
            action.__sigaction_handler.sa_handler = { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(signalPipe, &byte, 1)
            }
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
        signal(SIGPIPE, SIG_IGN)
        let reader = ends[0]
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Watcher(descriptor: reader, onSignal: onSignal))
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Watcher>.fromOpaque(argument).takeRetainedValue().wait()
                return nil
            }, context.toOpaque())
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private final class Watcher: Sendable {
        let descriptor: Int32
        let onSignal: @Sendable (Int32) -> Void

        init(descriptor: Int32, onSignal: @escaping @Sendable (Int32) -> Void) {
            self.descriptor = descriptor
            self.onSignal = onSignal
        }

        func wait() {
            var byte: UInt8 = 0
            while true {
                let count = read(descriptor, &byte, 1)
                if count < 0 && errno == EINTR { continue }
                guard count == 1 else { return }
                let number = Int32(byte)
                if received.compareExchange(expected: 0, desired: number, ordering: .sequentiallyConsistent).exchanged {
                    onSignal(number)
                }
            }
        }
    }
}
