import Archive
import Concurrency
import Glibc
import Synchronization

/// Ends the process in an orderly way where a patch file that is mapped is cut off by another program.
enum MappedFileGuard {
    private static let kept = Mutex<[any Sendable]>([])

    /// Keeps values to the end, in the place of those before: the system reclaims memory as a whole, and in no time.
    static func keep(_ values: any Sendable...) { kept.withLock { $0 = values } }

    /// Where the handler of SIGBUS tells that a mapped file was cut off.
    private static let alarm = Atomic<Int32>(-1)

    /// Begins to watch: from here on SIGBUS ends the process with 75, since there is no verdict then.
    ///
    /// The thread that has run into the end of the file stops for good; another one cleans up and ends the process.
    /// - Parameter cleanUp: Takes back what must not stay.
    static func start(cleanUp: @escaping @Sendable () -> Void = {}) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let heard = ends[0]
        let watcher = Worker.start {
            var byte: UInt8 = 0
            guard read(heard, &byte, 1) == 1 else { return }
            cleanUp()
            let text: StaticString =
                "dom0kit: a patch file was cut off while it was read; run it again when no program writes to it\n"
            _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            _exit(75)
        }
        guard watcher != nil else { return }
        alarm.store(ends[1], ordering: .sequentiallyConsistent)
        signal(SIGBUS) { _ in
            var byte: UInt8 = 1
            _ = write(MappedFileGuard.alarm.load(ordering: .sequentiallyConsistent), &byte, 1)
            while true { pause() }
        }
    }
}
