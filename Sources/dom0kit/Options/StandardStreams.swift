import Glibc
import Synchronization

/// The three descriptors that a process is started with.
enum StandardStreams {
    private static let hasOutput = Atomic<Bool>(true)

    /// Whether standard output was open when the process began.
    static var outputIsOpen: Bool { hasOutput.load(ordering: .relaxed) }

    /// How many files the program has to be able to open at once: fewer are not enough for its own runtime and a stage.
    private static let fewestFiles: rlim_t = 64
    private static let usualFiles: rlim_t = 1024

    /// Raises the limit of open files to what is usual, as far as that is allowed.
    /// - Returns: The limit, where it is too low to work with.
    static func raiseFileLimit() -> UInt? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        if limit.rlim_cur < usualFiles {
            limit.rlim_cur = min(usualFiles, limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return limit.rlim_cur < fewestFiles ? UInt(limit.rlim_cur) : nil
    }

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
