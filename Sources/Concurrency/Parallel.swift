public import Dispatch
public import Synchronization

/// Independent pieces of work on several threads.
public enum Parallel {
    /// The most threads that one call uses, whatever it is asked for: more than any machine profits from, and far below
    /// what a process may have.
    public static let mostWorkers = 256

    /// The results of independent pieces of work, in their order.
    /// - Parameters:
    ///   - count: How many pieces there are.
    ///   - workers: How many threads take pieces, at most ``mostWorkers``; 1 stays on the calling thread.
    ///   - order: The order in which pieces are begun, largest first for an even end; their own where it is empty.
    ///   - body: Does one piece; called from several threads.
    /// - Throws: The error of the first piece (by number) that failed.
    @inlinable
    public static func map<Value: Sendable, Failure: Error>(
        count: Int, workers: Int, order: [Int] = [], _ body: @Sendable (Int) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        let workers = min(workers, count, mostWorkers)
        guard workers > 1 else {
            var values: [Value] = []
            values.reserveCapacity(count)
            for index in 0..<count { values.append(try body(index)) }
            return values
        }
        let next = Atomic<Int>(0)
        let failed = Atomic<Int>(Int.max)
        let failure = Mutex<(index: Int, error: Failure)?>(nil)
        let places = ResultPlaces<Value>(count: count)
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            ThreadHeap.fill()
            while true {
                let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard place < count else { break }
                let index = order.isEmpty ? place : order[place]
                // Pieces after a failed one need not be done; those before it may fail first.
                guard index < failed.load(ordering: .relaxed) else { continue }
                do throws(Failure) {
                    places[index] = try body(index)
                } catch {
                    failed.min(index, ordering: .relaxed)
                    failure.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, error) } }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure.error }
        return places.takeAll()
    }

    /// Does independent pieces of work; parameters and errors as ``map(count:workers:order:_:)``.
    @inlinable
    public static func forEach<Failure: Error>(
        count: Int, workers: Int, _ body: @Sendable (Int) throws(Failure) -> Void
    ) throws(Failure) {
        _ = try map(count: count, workers: workers, body)
    }
}
