import Glibc
import Patching
import Synchronization
import Testing

/// What is remembered from one verification to the next, and what is not.
struct VerificationMemoryTests {
    private static let base = (1...30).map { "\($0)\n" }.joined()

    private static func change(_ file: String, _ old: String, _ new: String) -> String {
        "--- a/\(file)\n+++ b/\(file)\n@@ -7,7 +7,7 @@ here\n 7\n 8\n 9\n-\(old)\n+\(new)\n 11\n 12\n 13\n"
    }

    /// A tree that counts what is read of it, with a name for every file.
    private final class NamedTree: TreeReading {
        let files: [RelativePath: TreeFile]
        let reads = Mutex<[String]>([])

        init(_ files: [String: String]) {
            self.files = Dictionary(
                uniqueKeysWithValues: files.compactMap { name, text in
                    RelativePath(name).map { ($0, Self.file(text)) }
                })
        }

        private static func file(_ text: String) -> TreeFile {
            let blob = Blob(Array(text.utf8))
            var hash = [UInt8](repeating: 0, count: 20)
            for (index, byte) in text.utf8.enumerated() { hash[index % 20] = hash[index % 20] &* 31 &+ byte }
            return TreeFile(content: blob, identity: .object(hash, mode: 0o644))
        }

        func read(_ path: RelativePath) -> TreeFile? {
            reads.withLock { $0.append(path.string) }
            return files[path]
        }

        func identity(of path: RelativePath) -> ContentIdentity? { files[path]?.identity }
    }

    /// A patch with a name that says when it was written, and a count of how often it was read.
    private final class NamedPatch: Sendable {
        let text: String
        let written: Int
        let loads = Mutex(0)

        init(_ text: String, written: Int = 1000) {
            self.text = text
            self.written = written
        }

        private var identity: ContentIdentity {
            inode(text.utf8.reduce(UInt64(text.utf8.count)) { $0 &* 31 &+ UInt64($1) }, written: written)
        }

        func source(_ name: String) -> PatchSource {
            PatchSource(name: name) {
                self.identity
            } load: {
                self.loads.withLock { $0 += 1 }
                return (Blob(Array(self.text.utf8)), self.identity)
            }
        }
    }

    private func run(
        _ patches: [NamedPatch], _ tree: NamedTree, _ memory: VerificationMemory, policy: PlacementPolicy = .suse
    ) throws -> (report: SeriesReport, memory: VerificationMemory?) {
        let verifier = try SeriesVerifier(
            sources: patches.enumerated().map { $1.source("\($0).patch") }, policy: policy, workers: 2,
            memory: memory)
        let report = try verifier.verify(tree)
        return (report, verifier.memory(asOf: .init(seconds: 2000)))
    }

    /// Through bytes and back.
    private func stored(_ memory: VerificationMemory?) throws -> VerificationMemory {
        let memory = try #require(memory)
        return try #require(VerificationMemory(Blob(memory.bytes(writer: "me")), writer: "me"))
    }

    private let patches = [
        change("a", "10", "ten"), change("b", "10", "ten"), change("a", "ten", "TEN") + change("c", "10", "x"),
    ]

    @Test func whatIsTheSameIsNotDoneAgain() throws {
        let files = ["a": Self.base, "b": Self.base, "c": Self.base]
        let tree = NamedTree(files)
        let first = try run(patches.map { NamedPatch($0) }, tree, VerificationMemory())
        #expect(first.report.verdict == .pass && tree.reads.withLock { $0.sorted() } == ["a", "b", "c"])
        let memory = try stored(first.memory)

        let again = NamedTree(files)
        let sources = patches.map { NamedPatch($0) }
        let second = try run(sources, again, memory)
        #expect(second.report.summary == first.report.summary && second.memory == nil)
        #expect(second.report.patches[0].files[0].hunks[0].section == "here")
        #expect(again.reads.withLock(\.isEmpty) && sources.allSatisfy { $0.loads.withLock { $0 } == 0 })

        // One file differs: its group and its patches are looked at, nothing else.
        let changed = NamedTree(["a": Self.base, "b": Self.base + "31\n", "c": Self.base])
        let third = try run(sources, changed, memory)
        #expect(third.report.verdict == .pass && changed.reads.withLock { $0 } == ["b"])
        #expect(sources.map { $0.loads.withLock { $0 } } == [0, 1, 0])
    }

    @Test func anotherPatchPolicyOrTreeIsDoneAgain() throws {
        let files = ["a": Self.base, "b": Self.base, "c": Self.base]
        let memory = try stored(try run(patches.map { NamedPatch($0) }, NamedTree(files), VerificationMemory()).memory)
        let other = NamedTree(files)
        _ = try run(patches.map { NamedPatch($0) }, other, memory, policy: .gnu)
        #expect(other.reads.withLock { $0.count } == 3)
        let fails = try run(
            [NamedPatch(patches[0]), NamedPatch(Self.change("b", "11", "ten")), NamedPatch(patches[2])],
            NamedTree(files), memory)
        #expect(fails.report.failures.map(\.patch) == ["1.patch"])
        let gone = try run(patches.map { NamedPatch($0) }, NamedTree(["a": Self.base, "c": Self.base]), memory)
        #expect(gone.report.failure?.reason == .fileMissing)
        // The order counts.
        let order = try run([2, 1, 0].map { NamedPatch(patches[$0]) }, NamedTree(files), memory)
        #expect(order.report.failures.map(\.patch) == ["0.patch"])
    }

    @Test func failuresAndFreshFilesAreNotRemembered() throws {
        let broken = NamedTree(["a": Self.base, "b": "", "c": Self.base])
        let failing = try run(patches.map { NamedPatch($0) }, broken, VerificationMemory())
        #expect(failing.report.verdict == .fail)
        let sources = patches.map { NamedPatch($0) }
        let second = try run(sources, broken, try stored(failing.memory))
        #expect(second.report.failures.map(\.message) == failing.report.failures.map(\.message))
        #expect(sources.map { $0.loads.withLock { $0 } } == [0, 1, 0])

        // Written within two seconds of the look: it may be written again without showing it.
        let tree = NamedTree(["a": Self.base, "b": Self.base, "c": Self.base])
        let fresh = [NamedPatch(patches[0], written: 1999), NamedPatch(patches[1]), NamedPatch(patches[2])]
        let memory = try stored(try run(fresh, tree, VerificationMemory()).memory)
        _ = try run(fresh, tree, memory)
        #expect(fresh.map { $0.loads.withLock { $0 } } == [2, 1, 1])
    }

    @Test func damagedAndForeignBytesAreNothing() throws {
        let tree = NamedTree(["a": Self.base, "b": Self.base, "c": Self.base])
        let bytes = try #require(try run(patches.map { NamedPatch($0) }, tree, VerificationMemory()).memory)
            .bytes(writer: "me")
        #expect(VerificationMemory(Blob(bytes), writer: "me") != nil)
        #expect(VerificationMemory(Blob(bytes), writer: "another") == nil)
        for place in 0..<bytes.count {
            var damaged = bytes
            damaged[place] ^= 0x10
            #expect(VerificationMemory(Blob(damaged), writer: "me") == nil)
            #expect(VerificationMemory(Blob(Array(bytes.prefix(place))), writer: "me") == nil)
        }
    }

    /// A file that is mapped changes under the verdict; what was copied from it does not.
    @Test(arguments: [true, false]) func aPatchThatChangesMeanwhile(isMapped: Bool) throws {
        let calls = Mutex(UInt64(0))
        let source = PatchSource(name: "x.patch") {
            let number = calls.withLock { calls in
                calls += 1
                return calls
            }
            return inode(number)
        } load: {
            let text = Array(Self.change("a", "10", "ten").utf8)
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
            memory.copyBytes(from: text)
            nonisolated(unsafe) let owned = memory
            return (
                Blob(adopting: UnsafeRawBufferPointer(memory), isMapped: isMapped) { owned.deallocate() }, inode(99)
            )
        }
        let verifier = try SeriesVerifier(sources: [source])
        let tree = NamedTree(["a": Self.base])
        if isMapped {
            let error = #expect(throws: PatchError.self) { try verifier.verify(tree) }
            #expect(error?.message.contains("was changed while it was read") == true, "\(error as Any)")
        } else {
            #expect(try verifier.verify(tree).summary.clean == 1)
        }
    }
}

/// The name of a file of a file system.
private func inode(_ number: UInt64, written: Int = 1000) -> ContentIdentity {
    var status = stat()
    status.st_ino = .init(truncatingIfNeeded: number)
    status.st_mode = S_IFREG
    status.st_mtim.tv_sec = written
    status.st_ctim.tv_sec = written
    return .inode(status)
}

/// Lines found 64 bytes at a time are the lines found one by one.
struct LineScannerTests {
    @Test func findsWhatOneByOneFinds() {
        var random = SeededGenerator(7)
        for round in 0..<400 {
            let length = random.below(300)
            let density = 1 + random.below(70)
            let bytes = (0..<length).map { _ in random.below(density) == 0 ? 10 : UInt8(97 + random.below(3)) }
            let blob = Blob(bytes)
            var scanner = LineScanner(blob, from: 0)
            var at = 0
            while at < blob.count {
                let end = scanner.endOfLine(at)
                let expected = bytes[at...].firstIndex(of: 10).map { $0 + 1 } ?? length
                #expect(end == expected, "round \(round), at \(at) of \(length)")
                guard end == expected else { break }
                // Sometimes some bytes are passed over.
                at = random.below(4) == 0 ? end + random.below(100) : end
            }
        }
    }

    @Test func allLinesAtOnce() {
        var random = SeededGenerator(8)
        for _ in 0..<400 {
            let length = random.below(300)
            let density = 1 + random.below(70)
            let bytes = (0..<length).map { _ in random.below(density) == 0 ? 10 : UInt8(97 + random.below(3)) }
            var expected: [Range<Int>] = []
            var start = 0
            while start < length {
                let end = bytes[start...].firstIndex(of: 10).map { $0 + 1 } ?? length
                expected.append(start..<end)
                start = end
            }
            var found: [Range<Int>] = []
            LineScanner.forEachLine(Blob(bytes)) { found.append($0..<$1) }
            #expect(found == expected)
        }
    }
}
