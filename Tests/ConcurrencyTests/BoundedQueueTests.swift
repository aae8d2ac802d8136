import Concurrency
import Synchronization
import Testing

struct BoundedQueueTests {
    private struct Stopped: Error, Equatable {}

    @Test("everything put in comes out in order, and the weight held stays bounded")
    func order() throws {
        let queue = BoundedQueue<Int, Stopped>(capacity: 64, batch: 16)
        let heaviest = Mutex(0)
        let received = Mutex<[Int]>([])
        let consumer = try #require(
            Worker.start {
                while true {
                    let taken = queue.takeAll()
                    if taken.isEmpty { return }
                    heaviest.withLock { $0 = max($0, taken.count) }
                    received.withLock { $0 += taken }
                }
            })
        for number in 0..<10_000 { try queue.put(number, weight: 1) }
        queue.close()
        consumer.join()
        #expect(received.withLock { $0 } == Array(0..<10_000))
        #expect(heaviest.withLock { $0 } <= 65)
    }

    @Test("a consumer that fails stops a producer that waits for room")
    func failure() throws {
        let queue = BoundedQueue<Int, Stopped>(capacity: 4, batch: 1)
        let consumer = try #require(
            Worker.start {
                _ = queue.takeAll()
                queue.fail(Stopped())
            })
        #expect(throws: Stopped.self) { for number in 0..<1000 { try queue.put(number, weight: 1) } }
        consumer.join()
        #expect(queue.failure == Stopped())
    }
}
