import Glibc
import Synchronization

/// Runs long blocking work on a thread of its own, so that it never holds up Swift's small pool of threads.
package enum BlockingWork {
    /// Tells blocking work that its task was cancelled.
    package final class Cancellation: Sendable {
        private let flag = Atomic<Bool>(false)
        /// Starts uncancelled.
        package init() {}
        /// Whether the work should end.
        package var isCancelled: Bool { flag.load(ordering: .relaxed) }
        /// Asks the work to end.
        package func cancel() { flag.store(true, ordering: .relaxed) }
    }

    /// Runs `body` on a new thread and waits without blocking; cancelling the task sets the flag it is given.
    package static func run<Value: Sendable>(
        _ body: @escaping @Sendable (Cancellation) throws -> Value
    ) async throws -> Value {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                // The thread is never joined: the continuation says when it is done.
                if let thread = Worker.start({ continuation.resume(with: Result { try body(cancellation) }) }) {
                    pthread_detach(thread.id)
                } else {
                    continuation.resume(with: Result { try body(cancellation) })
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
    }
}

/// A thread that is joined by whoever started it.
package struct Worker {
    let id: pthread_t

    private final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread; `nil` if the system has none left.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Worker? {
        var id = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let result = pthread_create(
            &id, nil,
            { context in
                if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        guard result == 0 else {
            box.release()
            return nil
        }
        return Worker(id: id)
    }

    /// Waits for its end.
    package func join() { pthread_join(id, nil) }
}
