import Dispatch
import Synchronization

/// A queue between one producing and one consuming thread that holds a bounded weight.
///
/// The consumer sleeps until there is a batch worth waking up for; the producer sleeps while the queue is full.
package final class BoundedQueue<Element: Sendable, Failure: Error>: Sendable {
    private struct State {
        var elements: [Element] = []
        var weight = 0
        var isClosed = false
        var failure: Failure?
        var producerWaits = false
        var consumerWaits = false
    }

    private let capacity: Int
    private let batch: Int
    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 0)
    private let work = DispatchSemaphore(value: 0)

    /// Creates an empty queue.
    /// - Parameters:
    ///   - capacity: The weight from which on the producer waits; one element may exceed it.
    ///   - batch: The weight from which on the consumer is woken.
    package init(capacity: Int, batch: Int) {
        self.capacity = capacity
        self.batch = batch
    }

    /// Appends an element, waiting while the queue is full.
    /// - Throws: What the consumer failed with.
    package func put(_ element: Element, weight: Int) throws(Failure) {
        while true {
            let (isDone, failure) = state.withLock { state -> (Bool, Failure?) in
                if let failure = state.failure { return (true, failure) }
                guard state.weight <= capacity else {
                    state.producerWaits = true
                    return (false, nil)
                }
                state.elements.append(element)
                state.weight += weight
                if state.weight >= batch { wakeConsumer(&state) }
                return (true, nil)
            }
            if let failure { throw failure }
            if isDone { return }
            room.wait()
        }
    }

    /// Takes everything there is, waiting for a batch; empty when the queue is closed and drained.
    package func takeAll() -> [Element] {
        while true {
            let taken = state.withLock { state -> [Element]? in
                guard state.weight >= batch || state.isClosed else {
                    state.consumerWaits = true
                    return nil
                }
                defer { empty(&state) }
                return state.elements
            }
            if let taken { return taken }
            work.wait()
        }
    }

    /// Says that no more elements come.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            wakeConsumer(&state)
        }
    }

    /// Says that the consumer stopped for this reason; later ``put(_:weight:)`` calls throw it.
    package func fail(_ failure: Failure) {
        state.withLock { state in
            state.failure = failure
            empty(&state)
        }
    }

    /// What the consumer failed with, if it did.
    package var failure: Failure? { state.withLock { $0.failure } }

    private func wakeConsumer(_ state: inout State) {
        guard state.consumerWaits else { return }
        state.consumerWaits = false
        work.signal()
    }

    private func empty(_ state: inout State) {
        state.elements = []
        state.weight = 0
        guard state.producerWaits else { return }
        state.producerWaits = false
        room.signal()
    }
}
