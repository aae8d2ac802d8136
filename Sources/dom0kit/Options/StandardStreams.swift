import Glibc
import Synchronization

/// The three descriptors that a process is started with.
enum StandardStreams {
    private static let hasOutput = Atomic<Bool>(true)

    /// Whether standard output was open when the process began.
    static var outputIsOpen: Bool { hasOutput.load(ordering: .relaxed) }

    /// Fills the place of those that were closed: else the next file that is opened takes their number, and a result
    /// is written into it.
    static func fill() {
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) < 0 {
            if number == STDOUT_FILENO { hasOutput.store(false, ordering: .relaxed) }
            // The lowest free number is taken, which is this one.
            _ = open("/", O_RDONLY | O_CLOEXEC)
        }
    }
}
