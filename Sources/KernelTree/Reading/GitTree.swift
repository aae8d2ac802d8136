import Host
import Patching
import Synchronization
import SystemPackage

/// The tree of a git revision, read from its objects; nothing is checked out and nothing of the repository is run.
final class GitTree: FetchedTree {
    private let revision: GitRevision
    private let entries: [RelativePath: Entry]
    private let contents = Mutex<[String: Blob]>([:])

    private struct Entry {
        let mode: UInt32
        let object: String

        var isLink: Bool { mode & 0o170000 == 0o120000 }
        /// Whether it is a file or link, and no folder or submodule.
        var isContent: Bool { mode & 0o170000 == 0o100000 || isLink }
    }

    /// Lists the tree.
    init(_ revision: GitRevision) async throws {
        self.revision = revision
        let output = try await revision.repository.command(
            ["ls-tree", "-r", "-t", "-z", "--full-tree", revision.commit]
        ).capture(limit: 256 << 20)
        guard output.termination.succeeded else {
            throw KernelTreeError.damagedRepository(repository: revision.repository.path, reason: output.text)
        }
        let bytes = output.standardOutput
        var entries: [RelativePath: Entry] = [:]
        var at = 0
        // `MODE TYPE OBJECT`, a tab, the path, a zero byte.
        while at < bytes.count {
            let end = bytes[at...].firstIndex(of: 0) ?? bytes.count
            defer { at = end + 1 }
            guard let tab = bytes[at..<end].firstIndex(of: UInt8(ascii: "\t")),
                let space = bytes[at..<tab].firstIndex(of: UInt8(ascii: " ")),
                let last = bytes[at..<tab].lastIndex(of: UInt8(ascii: " ")),
                let mode = UInt32(String(decoding: bytes[at..<space], as: UTF8.self), radix: 8),
                let path = RelativePath(bytes[(tab + 1)..<end])
            else {
                throw KernelTreeError.damagedRepository(
                    repository: revision.repository.path, reason: "the output of git ls-tree was not understood")
            }
            entries[path] = Entry(mode: mode, object: String(decoding: bytes[(last + 1)..<tab], as: UTF8.self))
        }
        self.entries = entries
    }

    var isStream: Bool { false }

    /// git's name of the object, and the mode.
    func identity(of path: RelativePath) -> ContentIdentity? {
        guard let entry = entries[path], entry.isContent else { return nil }
        return .object(Self.number(entry.object), mode: entry.mode)
    }

    func read(_ path: RelativePath) throws -> TreeFile? {
        guard let entry = entries[path] else {
            for folder in path.parents {
                guard let above = entries[folder] else { return nil }
                if above.isContent {
                    return TreeFile(kind: above.isLink ? .behindLink : .belowFile, permissions: 0, content: .empty)
                }
            }
            return nil
        }
        // A commit in a tree is a submodule: an empty folder.
        guard entry.isContent else { return TreeFile(kind: .directory, permissions: 0o755, content: .empty) }
        guard let content = contents.withLock({ $0[entry.object] }) else {
            throw KernelTreeError.damagedRepository(
                repository: revision.repository.path, reason: "\(path) was not fetched from it")
        }
        return TreeFile(
            kind: entry.isLink ? .symbolicLink : .regular,
            permissions: entry.isLink ? 0o777 : UInt16(truncatingIfNeeded: entry.mode & 0o777), content: content,
            identity: identity(of: path))
    }

    func relatives(of path: RelativePath) -> [RelativePath] {
        let known = contents.withLock { Set($0.keys) }
        return path.relatives(among: entries.filter { known.contains($0.value.object) }.map(\.key))
    }

    func names() -> [RelativePath] { entries.filter { $0.value.isContent && !$0.value.isLink }.map(\.key) }

    func fetch(_ paths: [RelativePath]) async throws {
        let known = contents.withLock { Set($0.keys) }
        let wanted = paths.compactMap { entries[$0] }.filter { $0.isContent }
        let objects = Set(wanted.map(\.object)).subtracting(known).sorted()
        guard !objects.isEmpty else { return }
        let reader = Mutex(BatchReader(objects, repository: revision.repository.path))
        let ended = try await revision.repository.command(["cat-file", "--batch"])
            .feed(Array(objects.map { $0 + "\n" }.joined().utf8)) { bytes in
                try reader.withLock { try $0.take(bytes) }
            }
        let found = reader.withLock { $0.contents }
        guard ended.succeeded, found.count == objects.count else {
            throw KernelTreeError.damagedRepository(
                repository: revision.repository.path, reason: "git cat-file ended with \(ended)")
        }
        contents.withLock { contents in
            for (object, content) in zip(objects, found) { contents[object] = content }
        }
    }

    private static func number(_ hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: UInt8?
        for letter in hex.utf8 {
            let digit = letter < 58 ? letter &- 48 : letter &- 87
            if let first = high {
                bytes.append(first << 4 | digit & 15)
                high = nil
            } else {
                high = digit & 15
            }
        }
        return bytes
    }
}

/// Takes the output of `git cat-file --batch`: `OBJECT TYPE SIZE`, a line end, the content, a line end.
private struct BatchReader {
    private let objects: [String]
    private let repository: FilePath
    private(set) var contents: [Blob] = []
    private var header: [UInt8] = []
    private var content: [UInt8] = []
    /// What is still missing of the content and its line end; `nil` in a header.
    private var left: Int?

    init(_ objects: [String], repository: FilePath) {
        self.objects = objects
        self.repository = repository
        contents.reserveCapacity(objects.count)
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            if let missing = left {
                let part = rest.prefix(missing)
                content.append(contentsOf: part)
                rest = rest.dropFirst(part.count)
                left = missing - part.count
                guard left == 0 else { return }
                content.removeLast()
                contents.append(Blob(content))
                left = nil
            } else if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                header.append(contentsOf: rest[..<end])
                rest = rest[(end + 1)...]
                try begin()
            } else {
                header.append(contentsOf: rest)
                return
            }
        }
    }

    private mutating func begin() throws {
        let text = String(decoding: header, as: UTF8.self)
        let words = text.split(separator: " ")
        guard words.count == 3, contents.count < objects.count, words[0] == objects[contents.count],
            words[1] == "blob", let size = Int(words[2]), size >= 0, size < Int.max
        else { throw KernelTreeError.damagedRepository(repository: repository, reason: text) }
        header.removeAll(keepingCapacity: true)
        content.removeAll(keepingCapacity: true)
        content.reserveCapacity(min(size, 1 << 26) + 1)
        left = size + 1
    }
}
