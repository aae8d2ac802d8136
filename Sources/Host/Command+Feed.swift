import Subprocess
import Synchronization

extension Command {
    /// Runs the program with bytes as its standard input, handing over its standard output as it comes.
    /// - Parameters:
    ///   - input: The bytes.
    ///   - onBytes: Takes each piece, in order; what it throws ends the program and is thrown on.
    /// - Throws: ``HostError``, or what `onBytes` throws. A non-zero exit status is not an error.
    public func feed(
        _ input: [UInt8], onBytes: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Termination {
        let failure = Mutex<(any Error)?>(nil)
        do {
            return try await guarded {
                let result = try await Subprocess.run(
                    configuration(), input: .array(input),
                    output: .sequence, error: .discarded
                ) { execution in
                    for try await buffer in execution.standardOutput {
                        do {
                            try buffer.withUnsafeBytes { try onBytes($0) }
                        } catch {
                            failure.withLock { $0 = error }
                            throw error
                        }
                    }
                }
                return Termination(result.terminationStatus)
            }
        } catch {
            if let cause = failure.withLock({ $0 }) { throw cause }
            throw error
        }
    }
}
