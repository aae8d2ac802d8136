#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the unpacking thread tells the writing thread to do.
enum WriteOrder: Sendable {
    case directory(EntryPath, permissions: UInt32, modified: FileTime)
    /// The beginning of a file, or all of it.
    case file(EntryPath, permissions: UInt32, modified: FileTime, content: [UInt8], complete: Bool)
    /// More of the file begun last.
    case more([UInt8], complete: Bool)
    case symlink(EntryPath, target: [UInt8], modified: FileTime)
    case hardLink(EntryPath, target: EntryPath)

    var weight: Int {
        switch self {
        case .file(_, _, _, let content, _), .more(let content, _): content.count + 128
        default: 128
        }
    }
}

/// Seconds since 1970 and nanoseconds.
struct FileTime: Sendable {
    let seconds: Int
    let nanoseconds: Int
}

/// A queue between two threads that holds a bounded number of bytes.
///
/// Unchecked: every stored property is only touched with `mutex` held.
final class OrderQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let capacity: Int
    private var orders: [WriteOrder] = []
    private var weight = 0
    private var closed = false
    private var failure: ArchiveError?

    init(capacity: Int) {
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(changed)
        mutex.deallocate()
        changed.deallocate()
    }

    /// Appends an order, waiting while the queue is full.
    /// - Throws: What the other side failed with.
    func put(_ order: WriteOrder) throws(ArchiveError) {
        pthread_mutex_lock(mutex)
        while weight > capacity, failure == nil { pthread_cond_wait(changed, mutex) }
        let failed = failure
        if failed == nil {
            // The writer sleeps only while the queue is empty, and wakes once there is a batch worth waking for.
            let wasLight = weight < Self.batch
            orders.append(order)
            weight += order.weight
            if wasLight, weight >= Self.batch { pthread_cond_broadcast(changed) }
        }
        pthread_mutex_unlock(mutex)
        if let failed { throw failed }
    }

    private static let batch = 256 << 10

    /// Takes everything there is, waiting for a batch; empty when the queue is closed and done.
    func takeAll() -> [WriteOrder] {
        pthread_mutex_lock(mutex)
        while weight < Self.batch, !closed { pthread_cond_wait(changed, mutex) }
        let taken = orders
        orders = []
        weight = 0
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
        return taken
    }

    /// Says that no more orders come.
    func close() {
        pthread_mutex_lock(mutex)
        closed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    /// Says that the writer stopped for this reason; later ``put(_:)`` calls throw it.
    func fail(_ error: ArchiveError) {
        pthread_mutex_lock(mutex)
        failure = error
        orders = []
        weight = 0
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    /// What the writer failed with, if it did.
    var writerFailure: ArchiveError? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return failure
    }
}
