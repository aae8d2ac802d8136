import Concurrency

/// Carries orders from the unpacking thread to the writing thread; its capacity is in bytes.
typealias OrderQueue = BoundedQueue<WriteOrder, ArchiveError>

extension OrderQueue {
    /// Appends an order, waiting while the queue is full.
    /// - Throws: What the writer failed with.
    func append(_ order: WriteOrder) throws(ArchiveError) { try put(order, weight: order.weight) }
}
