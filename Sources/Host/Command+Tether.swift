import CSyscalls
import Glibc
import Subprocess
import SystemPackage

extension Command {
    /// Runs a program that must not outlive this process, whatever ends it, SIGKILL included.
    ///
    /// A shell starts it and reads from a pipe whose other end only this process has: when that is closed, because this
    /// process is gone, the shell kills the program.
    /// - Parameters:
    ///   - log: A file that receives every byte it prints; replaced if it is there.
    ///   - largestFile: The most bytes of any file that it writes; beyond that the system ends it (SIGXFSZ).
    ///   - onLine: Takes each line without its end, in order.
    /// - Throws: ``HostError``. A non-zero exit status is not an error.
    public func streamTethered(
        log: FilePath? = nil, largestFile: Int, onLine: @escaping @Sendable (_ line: String) async -> Void = { _ in }
    ) async throws(HostError) -> Termination {
        guard executable.contains("/") || Tools.find(executable, in: environment["PATH"] ?? "") != nil else {
            throw .toolMissing(name: executable, package: package)
        }
        var ends: [Int32] = [-1, -1]
        guard dom0kit_pipe(&ends) == 0 else {
            throw .cannotStart(tool: executable, reason: "\(Errno(rawValue: errno))")
        }
        let (read, write) = (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
        defer { try? write.close() }
        var tethered = self
        tethered.executable = "/bin/sh"
        tethered.arguments =
            ["-c", Self.tether, "sh", "\(max(largestFile / 512, 1))", executable] + arguments
        return try await tethered.stream(
            log: log, input: .fileDescriptor(read, closeAfterSpawningProcess: true), onLine: onLine)
    }

    /// 1. The program runs without the pipe. 2. A second process, which only SIGKILL ends, waits at the pipe, and kills the
    /// program when nobody holds its other end any more: also one that is stopped. 3. The program's end is this shell's: its status, or the signal that ended it.
    private static let tether = """
        ulimit -f "$1"
        shift
        trap : TERM INT HUP
        exec 3<&0 </dev/null
        "$@" 3<&- &
        program=$!
        (trap '' TERM INT HUP; read -r _ <&3; kill -9 $program) 2>/dev/null &
        watcher=$!
        exec 3<&-
        wait $program
        status=$?
        while kill -0 $program 2>/dev/null; do
            wait $program
            status=$?
        done
        kill -9 $watcher 2>/dev/null
        if [ $status -gt 128 ]; then
            trap - TERM INT HUP
            kill -$((status - 128)) $$
        fi
        exit $status
        """
}
