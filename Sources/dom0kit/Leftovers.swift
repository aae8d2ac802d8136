import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the end of the process takes care of.
enum Leftovers {
    private static let kept = Mutex<[any Sendable]>([])

    /// Keeps values to the end, in the place of those before: the system takes back memory as a whole, and in no time.
    static func keep(_ values: any Sendable...) { kept.withLock { $0 = values } }

    /// Ends the process in an orderly way where a mapped file is cut off by another program: there is no verdict then.
    static func expectCutFiles() {
        signal(SIGBUS) { _ in
            let text: StaticString =
                "dom0kit: a patch file was cut off while it was read; run it again when nobody writes to it\n"
            _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            _exit(75)
        }
    }
}
