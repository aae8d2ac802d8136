import Foundation
import Glibc
import KernelTree
import Patching
import Synchronization
import SystemPackage
import Testing

/// All or nothing, whatever happens on the way.
struct TreeTransactionTests {
    /// A folder with files, removed at the end.
    struct Scratch: ~Copyable {
        let folder: URL
        var path: FilePath { FilePath(folder.path) }

        init(_ files: [String: String]) throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("transaction-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (name, text) in files {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        /// Everything in the folder: files with their text, folders with a slash.
        func content() throws -> [String: String] {
            var content: [String: String] = [:]
            for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? .init() {
                let file = folder.appendingPathComponent(name)
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder)
                content[isFolder.boolValue ? name + "/" : name] =
                    isFolder.boolValue ? "" : String(decoding: try Data(contentsOf: file), as: UTF8.self)
            }
            return content
        }
    }

    private static let files = ["a": "a\n", "d/b": "b\n", "d/e/c": "c\n", "x/y/z": "z\n", "keep": "k\n"]
    private static let expected = [
        "a": "A\n", "d/": "", "d/b": "B\n", "d/e/": "", "d/e/c": "C\n", "keep": "k\n", "n/": "", "n/m/": "",
        "n/m/o": "o\n",
        "p": "p\n",
    ]

    private static func file(_ text: String) -> TreeFile { TreeFile(content: Blob(Array(text.utf8))) }

    private static func changes() throws -> [FileChange] {
        try [
            ("a", "a\n", "A\n"), ("d/b", "b\n", "B\n"), ("d/e/c", "c\n", "C\n"), ("n/m/o", nil, "o\n"),
            ("p", nil, "p\n"),
            ("x/y/z", "z\n", nil),
        ].map { (path: String, before: String?, after: String?) in
            FileChange(
                path: try #require(RelativePath(path)), before: before.map(file), after: after.map(file))
        }
    }

    @Test func writesAllChanges() throws {
        let scratch = try Scratch(Self.files)
        try TreeTransaction.commit(Self.changes(), in: scratch.path, workers: 2)
        #expect(try scratch.content() == Self.expected)
    }

    @Test func hardLinkedTreesStayIndependent() throws {
        let scratch = try Scratch(Self.files)
        let twin = scratch.folder.appendingPathExtension("twin")
        defer { try? FileManager.default.removeItem(at: twin) }
        try FileManager.default.createDirectory(at: twin, withIntermediateDirectories: true)
        try FileManager.default.linkItem(
            at: scratch.folder.appendingPathComponent("a"), to: twin.appendingPathComponent("a"))
        try TreeTransaction.commit(Self.changes(), in: scratch.path)
        #expect(try String(contentsOf: twin.appendingPathComponent("a"), encoding: .utf8) == "a\n")
    }

    /// The checkpoints a run has come by.
    private final class Checkpoints: Sendable {
        private let steps = Mutex<[String]>([])

        /// Notes one, and tells its number.
        func note(_ checkpoint: TreeTransaction.Checkpoint) -> Int {
            steps.withLock { steps in
                steps.append(checkpoint.step)
                return steps.count - 1
            }
        }

        var count: Int { steps.withLock { $0.count } }
        var last: String { steps.withLock { $0.last ?? "" } }
        subscript(number: Int) -> String { steps.withLock { number < $0.count ? $0[number] : "" } }
    }

    /// Counts the checkpoints of a whole run.
    private func checkpoints(_ mayExchange: Bool) throws -> Int {
        let scratch = try Scratch(Self.files)
        let seen = Checkpoints()
        try TreeTransaction.commit(Self.changes(), in: scratch.path, workers: 1, mayExchange: mayExchange) {
            _ = seen.note($0)
        }
        return seen.count
    }

    @Test(arguments: [true, false]) func anErrorAtAnyStepLeavesTheOldTree(mayExchange: Bool) throws {
        let total = try checkpoints(mayExchange)
        #expect(total > 15)
        for failing in 0..<total {
            let scratch = try Scratch(Self.files)
            let before = try scratch.content()
            let seen = Checkpoints()
            var step: String { seen[failing] }
            do {
                try TreeTransaction.commit(Self.changes(), in: scratch.path, workers: 1, mayExchange: mayExchange) {
                    if seen.note($0) == failing { throw Errno.noSpace }
                }
                Issue.record("no error at step \(failing)")
            } catch let error as FolderTreeError {
                #expect(error.category == .inputOutput)
            } catch is Errno where step == "clear" {
                // The new tree is complete; the next run only tidies up.
                _ = try TreeTransaction.recover(in: scratch.path)
                #expect(try scratch.content() == Self.expected)
                continue
            }
            #expect(try scratch.content() == before, "failing at \(failing), \(step)")
        }
    }

    @Test(arguments: [true, false]) func aKillAtAnyStepLeavesTheOldTreeOrTheNewAfterRecovery(mayExchange: Bool) throws {
        let total = try checkpoints(mayExchange)
        for killed in 0..<total {
            let scratch = try Scratch(Self.files)
            let before = try scratch.content()
            let seen = Checkpoints()
            #expect(throws: TreeTransaction.Abandoned.self) {
                try TreeTransaction.commit(Self.changes(), in: scratch.path, workers: 1, mayExchange: mayExchange) {
                    if seen.note($0) == killed { throw TreeTransaction.Abandoned() }
                }
            }
            let recovery = try TreeTransaction.recover(in: scratch.path)
            let after = try scratch.content()
            #expect(after == before || after == Self.expected, "killed at \(killed): \(recovery) \(after)")
            #expect((recovery == .completed) == (after == Self.expected) || recovery == .discarded)
            // The tree can be used again.
            _ = try FolderTree(scratch.path)
        }
    }

    /// An error at one step, then a kill while it is taken back.
    @Test(arguments: [true, false]) func aKillWhileTakingBackIsTakenBackByTheNextRun(mayExchange: Bool) throws {
        let total = try checkpoints(mayExchange)
        for failing in stride(from: 0, to: total, by: 2) {
            for killed in [1, 2, 3, 5, 9] {
                let scratch = try Scratch(Self.files)
                let before = try scratch.content()
                let seen = Checkpoints()
                do {
                    try TreeTransaction.commit(
                        Self.changes(), in: scratch.path, workers: 1, mayExchange: mayExchange
                    ) { checkpoint in
                        let number = seen.note(checkpoint)
                        if number == failing { throw Errno.noSpace }
                        if number == failing + killed { throw TreeTransaction.Abandoned() }
                    }
                } catch {
                    let isPlaced = !["stage", "journal", "clear"].contains(seen.last)
                    guard error is TreeTransaction.Abandoned || !isPlaced else { continue }
                }
                _ = try TreeTransaction.recover(in: scratch.path)
                let after = try scratch.content()
                #expect(after == before || after == Self.expected, "failing \(failing), killed \(killed): \(after)")
            }
        }
    }

    /// What fails, or is given up, leaves nothing: not even other times of the folder.
    @Test func nothingIsLeftOfATransactionThatIsDiscarded() throws {
        let scratch = try Scratch(Self.files)
        let before = try scratch.content()
        let times = try Self.times(scratch.path)
        for gives in [true, false] {
            let transaction = try TreeTransaction(in: scratch.path, workers: 2)
            for change in try Self.changes() { transaction.take(change) }
            #expect(try scratch.content().keys.contains { $0.hasPrefix(TreeTransaction.stageName) })
            #expect(throws: FolderTreeError.self) { _ = try TreeTransaction(in: scratch.path) }
            if gives {
                transaction.discard()
            } else {
                let own = try #require(RelativePath("\(TreeTransaction.stageName)/x"))
                transaction.take(FileChange(path: own, before: nil, after: Self.file("x\n")))
                #expect(throws: FolderTreeError.self) { try transaction.commit() }
            }
            #expect(try scratch.content() == before)
            #expect(try Self.times(scratch.path) == times)
        }
    }

    /// When a folder was last changed: seconds and nanoseconds.
    private static func times(_ path: FilePath) throws -> [Int] {
        var status = stat()
        try #require(stat(path.string, &status) == 0)
        return [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }

    @Test func permissionsAreThePatchesWhateverTheMask() throws {
        let scratch = try Scratch([:])
        let modes: [UInt16] = [0o666, 0o777, 0o644, 0o600, 0o755]
        try TreeTransaction.commit(
            modes.map {
                let path = try #require(RelativePath("f\($0)"))
                return FileChange(path: path, before: nil, after: TreeFile(permissions: $0, content: .empty))
            }, in: scratch.path, workers: 2)
        for mode in modes {
            var status = stat()
            #expect(stat(scratch.path.appending("f\(mode)").string, &status) == 0)
            #expect(UInt16(truncatingIfNeeded: status.st_mode & 0o7777) == mode)
        }
    }

    /// What has come to the place of a new file since the tree was read stays, and everything else is taken back.
    @Test(arguments: [true, false]) func aFileThatHasComeMeanwhileIsNotOverwritten(mayExchange: Bool) throws {
        let scratch = try Scratch(Self.files)
        var before = try scratch.content()
        let transaction = try TreeTransaction(in: scratch.path, workers: 1, mayExchange: mayExchange) { _ in }
        for change in try Self.changes() { transaction.take(change) }
        try Data("other\n".utf8).write(to: scratch.folder.appendingPathComponent("p"))
        before["p"] = "other\n"
        #expect(throws: FolderTreeError.self) { try transaction.commit() }
        #expect(try scratch.content().filter { !$0.key.hasPrefix("n/") } == before)
    }

    @Test func aTreeBetweenTwoStatesIsNotRead() throws {
        let scratch = try Scratch(Self.files)
        try? TreeTransaction.commit(Self.changes(), in: scratch.path, workers: 1) { checkpoint in
            if checkpoint.step == "place" { throw TreeTransaction.Abandoned() }
        }
        #expect(throws: FolderTreeError.self) { try FolderTree(scratch.path) }
        #expect(try TreeTransaction.recover(in: scratch.path) == .completed)
        #expect(try scratch.content() == Self.expected)
        #expect(try TreeTransaction.recover(in: scratch.path) == .nothing)
    }

    @Test func aLinkInThePlaceOfAFolderIsNotFollowed() throws {
        let scratch = try Scratch(["outside/f": "old\n", "tree/g": "g\n"])
        let tree = scratch.folder.appendingPathComponent("tree")
        try FileManager.default.createSymbolicLink(
            atPath: tree.appendingPathComponent("way").path, withDestinationPath: "../outside")
        let path = try #require(RelativePath("way/f"))
        #expect(try FolderTree(FilePath(tree.path)).read(path)?.kind == .behindLink)
        let change = FileChange(path: path, before: Self.file("old\n"), after: Self.file("new\n"))
        #expect(throws: FolderTreeError.self) { try TreeTransaction.commit([change], in: FilePath(tree.path)) }
        let create = FileChange(path: try #require(RelativePath("way/n")), before: nil, after: Self.file("new\n"))
        #expect(throws: FolderTreeError.self) { try TreeTransaction.commit([create], in: FilePath(tree.path)) }
        #expect(try scratch.content().filter { $0.key.hasPrefix("outside") } == ["outside/": "", "outside/f": "old\n"])
    }

    @Test func kindsOfFiles() throws {
        let scratch = try Scratch(["f": "f\n", "d/x": "x\n"])
        let fifo = scratch.folder.appendingPathComponent("fifo")
        #expect(mkfifo(fifo.path, 0o644) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: scratch.folder.appendingPathComponent("l").path, withDestinationPath: "f")
        let tree = try FolderTree(scratch.path)
        func kind(_ name: String) throws -> TreeFileKind? { try tree.read(try #require(RelativePath(name)))?.kind }
        #expect(try kind("f") == .regular)
        #expect(try kind("d") == .directory)
        #expect(try kind("fifo") == .special)
        #expect(try kind("l") == .symbolicLink)
        #expect(try kind("f/below") == .belowFile)
        #expect(try kind("none/f") == nil)
    }
}
