import Foundation
import KernelTree
import Patching
import SystemPackage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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

    /// Counts the checkpoints of a whole run.
    private func checkpoints() throws -> Int {
        let scratch = try Scratch(Self.files)
        var count = 0
        try TreeTransaction.commit(Self.changes(), in: scratch.path, workers: 1) { _ in count += 1 }
        return count
    }

    @Test func anErrorAtAnyStepLeavesTheOldTree() throws {
        let total = try checkpoints()
        #expect(total > 15)
        for failing in 0..<total {
            let scratch = try Scratch(Self.files)
            let before = try scratch.content()
            var count = 0
            var step = ""
            do {
                try TreeTransaction.commit(Self.changes(), in: scratch.path, workers: 1) { checkpoint in
                    defer { count += 1 }
                    if count == failing {
                        step = checkpoint.step
                        throw Errno.noSpace
                    }
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

    @Test func aKillAtAnyStepLeavesTheOldTreeOrTheNewAfterRecovery() throws {
        let total = try checkpoints()
        for killed in 0..<total {
            let scratch = try Scratch(Self.files)
            let before = try scratch.content()
            var count = 0
            #expect(throws: TreeTransaction.Abandoned.self) {
                try TreeTransaction.commit(Self.changes(), in: scratch.path, workers: 1) { _ in
                    defer { count += 1 }
                    if count == killed { throw TreeTransaction.Abandoned() }
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
    @Test func aKillWhileTakingBackIsTakenBackByTheNextRun() throws {
        let total = try checkpoints()
        for failing in stride(from: 0, to: total, by: 2) {
            for killed in [1, 2, 3, 5, 9] {
                let scratch = try Scratch(Self.files)
                let before = try scratch.content()
                var count = 0
                var isPlaced = true
                do {
                    try TreeTransaction.commit(Self.changes(), in: scratch.path, workers: 1) { checkpoint in
                        defer { count += 1 }
                        if checkpoint.step == "stage" || checkpoint.step == "journal" || checkpoint.step == "clear" {
                            isPlaced = false
                        } else {
                            isPlaced = true
                        }
                        if count == failing { throw Errno.noSpace }
                        if count == failing + killed { throw TreeTransaction.Abandoned() }
                    }
                } catch {
                    guard error is TreeTransaction.Abandoned || !isPlaced else { continue }
                }
                _ = try TreeTransaction.recover(in: scratch.path)
                let after = try scratch.content()
                #expect(after == before || after == Self.expected, "failing \(failing), killed \(killed): \(after)")
            }
        }
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
