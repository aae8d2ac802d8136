import Subprocess
import Synchronization
public import SystemPackage

extension Command {
    /// Runs the program with a file as its standard input, handing over its standard output as it comes.
    /// - Parameters:
    ///   - input: The file.
    ///   - onBytes: Takes each piece, in order; what it throws ends the program and is thrown on.
    /// - Throws: ``HostError``, or what `onBytes` throws. A non-zero exit status is no error.
    public func feed(
        from input: FilePath, onBytes: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Termination {
        let failure = Mutex<(any Error)?>(nil)
        do {
            return try await guarded {
                let descriptor = try FileDescriptor.open(input, .readOnly)
                let result = try await Subprocess.run(
                    configuration(), input: .fileDescriptor(descriptor, closeAfterSpawningProcess: true),
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
