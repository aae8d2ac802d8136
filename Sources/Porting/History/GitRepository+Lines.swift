import Host
import KernelTree
import Synchronization

extension GitRepository {
    /// Runs git and takes its output line by line, as bytes without their ends.
    func lines(
        _ arguments: [String], input: [UInt8] = [], _ onLine: @escaping @Sendable (ArraySlice<UInt8>) -> Void
    ) async throws -> Termination {
        let rest = Mutex<[UInt8]>([])
        let ended = try await command(arguments).feed(input) { bytes in
            rest.withLock { rest in
                rest.append(contentsOf: bytes)
                var start = 0
                while let end = rest[start...].firstIndex(of: 10) {
                    onLine(rest[start..<end])
                    start = end + 1
                }
                rest.removeFirst(start)
            }
        }
        rest.withLock { if !$0.isEmpty { onLine($0[...]) } }
        return ended
    }
}
