import Concurrency
import Synchronization
import Testing

struct ParallelTests {
    private struct Refused: Error, Equatable { let piece: Int }

    @Test(
        "results come in the order of the pieces, whatever the number of workers",
        arguments: [1, 2, 7, 100_000, Int.max])
    func order(workers: Int) {
        let values = Parallel.map(count: 500, workers: workers) { $0 * $0 }
        #expect(values == (0..<500).map { $0 * $0 })
    }

    @Test("of several errors the one of the first piece is thrown", arguments: [1, 2, 8])
    func error(workers: Int) {
        #expect(throws: Refused(piece: 40)) {
            try Parallel.forEach(count: 400, workers: workers) { piece throws(Refused) in
                if piece % 40 == 0, piece > 0 { throw Refused(piece: piece) }
            }
        }
    }

    @Test("every piece is done once", arguments: [1, 3])
    func once(workers: Int) {
        let seen = Mutex<[Int]>([])
        Parallel.forEach(count: 1000, workers: workers) { piece in seen.withLock { $0.append(piece) } }
        #expect(seen.withLock { $0.sorted() } == Array(0..<1000))
    }
}
