import Archive
import Bytes
import Diagnostics
import Glibc
import Host
import Synchronization
import SystemPackage

/// A revision of a git repository, written out as a tree.
///
/// Objects are read with `git ls-tree` and `git cat-file`, which apply no filters, attributes or hooks of the repository:
/// what comes out is what was committed, and nothing of it is run.
package struct GitRevision {
    /// The repository.
    package let repository: FilePath
    /// The commit, in full.
    package let commit: String
    /// The environment of git: nothing of the user's settings.
    package let environment: [String: String]

    /// Finds the commit that a revision names.
    package init(_ repository: FilePath, revision: String, environment: [String: String]) async throws {
        guard Files.isDirectory(repository) else { throw KernelTreeError.missing(path: repository) }
        var environment = environment
        // Neither the user's settings nor a lazy fetch of a partial clone.
        environment["GIT_CONFIG_NOSYSTEM"] = "1"
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        environment["GIT_NO_LAZY_FETCH"] = "1"
        environment["GIT_NO_REPLACE_OBJECTS"] = "1"
        environment["GIT_TERMINAL_PROMPT"] = "0"
        environment["LC_ALL"] = "C"
        self.repository = repository
        self.environment = environment
        let output = try await Self.git(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"], repository, environment
        ).capture()
        let lines = String(decoding: output.standardOutput, as: UTF8.self).split(whereSeparator: \.isNewline)
        // git 2.39 repeats the option that ends the options.
        guard output.termination.succeeded, let line = lines.last, line.count >= 40, line.allSatisfy(\.isHexDigit)
        else {
            throw KernelTreeError.noRevision(
                repository: repository, revision: revision,
                reason: output.text.split(whereSeparator: \.isNewline).last.map(String.init))
        }
        commit = String(line)
    }

    /// A git command for a repository that acts on nothing of its configuration.
    package static func git(_ arguments: [String], _ repository: FilePath, _ environment: [String: String]) -> Command {
        // A repository of another user is fine: nothing of its configuration is acted on by these commands.
        Command(
            "git",
            [
                "-c", "safe.directory=*", "-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null", "-c",
                "protocol.allow=never",
            ]
                + ["-C", repository.string] + arguments,
            environment: environment, deadline: .seconds(1800), package: "git")
    }

    /// One file of the tree.
    private struct Entry {
        let mode: String
        let object: String
        let path: [UInt8]
    }

    /// Writes the tree to a folder that is there and empty.
    /// - Returns: How many regular files it has.
    package func write(to folder: FilePath, progress: any ProgressSink) async throws -> Int {
        let entries = try await list()
        let links = entries.filter { $0.mode == "120000" }
        let objects = Array(entries.map { $0.object + "\n" }.joined().utf8)
        let writer = Mutex(
            BlobWriter(
                folder: folder, paths: entries.map(\.path), modes: entries.map(\.mode), repository: repository))
        let total = entries.count
        let ended = try await Self.git(["cat-file", "--batch"], repository, environment).feed(objects) { bytes in
            try writer.withLock { writer in
                let before = writer.done
                try writer.take(bytes)
                if writer.done / 512 != before / 512 {
                    progress.report(.advanced(done: writer.done, total: total, item: writer.current))
                }
            }
        }
        guard ended.succeeded, writer.withLock({ $0.done }) == total else {
            throw KernelTreeError.damagedRepository(repository: repository, reason: "git cat-file ended with \(ended)")
        }
        let targets = writer.withLock { $0.links }
        if let link = SymbolicLinks.firstLeavingTree(targets) {
            throw KernelTreeError.damagedRepository(
                repository: repository, reason: "the symbolic link '\(link)' leads outside the tree")
        }
        for (path, target) in targets {
            let place = folder.pushing(FilePath(String(decoding: path, as: UTF8.self)))
            guard symlink(String(decoding: target, as: UTF8.self), place.string) == 0 else {
                throw KernelTreeError.system(
                    BytesError(path: place, operation: .create, errno: Errno(rawValue: errno)))
            }
        }
        return total - links.count
    }

    private func list() async throws -> [Entry] {
        let output = try await Self.git(
            ["ls-tree", "-r", "-z", "--full-tree", commit], repository, environment
        ).capture(limit: 256 << 20)
        guard output.termination.succeeded else {
            throw KernelTreeError.damagedRepository(repository: repository, reason: output.text)
        }
        var entries: [Entry] = []
        for line in output.standardOutput.split(separator: 0) {
            let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
            let words = (parts.first ?? []).split(separator: UInt8(ascii: " ")).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard parts.count == 2, words.count == 3 else { continue }
            // A commit in a tree is a submodule: git archive leaves an empty folder, and so is it here.
            if words[1] == "commit" { continue }
            entries.append(Entry(mode: words[0], object: words[2], path: Array(parts[1])))
        }
        return entries
    }
}

/// Takes the output of `git cat-file --batch` and writes each blob to its file.
private struct BlobWriter: ~Copyable {
    let folder: FilePath
    let paths: [[UInt8]]
    let modes: [String]
    let repository: FilePath
    private(set) var done = 0
    private(set) var links: [(path: [UInt8], target: [UInt8])] = []
    private var pending: [UInt8] = []
    private var folders: Set<String> = []

    init(folder: FilePath, paths: [[UInt8]], modes: [String], repository: FilePath) {
        (self.folder, self.paths, self.modes, self.repository) = (folder, paths, modes, repository)
    }

    var current: String { done < paths.count ? String(decoding: paths[done], as: UTF8.self) : "" }

    /// Takes more output: `OBJECT TYPE SIZE`, a line end, the content, a line end.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws {
        pending.append(contentsOf: bytes)
        var start = 0
        while done < paths.count {
            guard let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) else { break }
            let words = String(decoding: pending[start..<end], as: UTF8.self).split(separator: " ")
            guard words.count == 3, words[1] == "blob", let size = Int(words[2]), size >= 0 else {
                throw KernelTreeError.damagedRepository(
                    repository: repository, reason: "\(current): \(words.joined(separator: " "))")
            }
            guard pending.count - end - 1 > size else { break }
            try write(pending[(end + 1)..<(end + 1 + size)])
            done += 1
            start = end + 1 + size + 1
        }
        if start > 0 { pending.removeFirst(start) }
    }

    private mutating func write(_ content: ArraySlice<UInt8>) throws {
        let parts = paths[done].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard !parts.isEmpty, !parts.contains(where: { $0.isEmpty || $0 == [46] || $0 == [46, 46] }) else {
            throw KernelTreeError.damagedRepository(
                repository: repository, reason: "the name '\(current)' leads outside the tree")
        }
        var parent = folder.string
        for part in parts.dropLast() {
            parent += "/" + String(decoding: part, as: UTF8.self)
            if folders.insert(parent).inserted { try make(parent) }
        }
        if modes[done] == "120000" {
            links.append((paths[done], Array(content)))
            return
        }
        // Names need not be UTF-8.
        let path = Array(folder.string.utf8) + [UInt8(ascii: "/")] + paths[done] + [0]
        let mode: mode_t = modes[done] == "100755" ? 0o755 : 0o644
        let descriptor = path.withUnsafeBytes { buffer in
            buffer.baseAddress.map {
                open($0.assumingMemoryBound(to: CChar.self), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
            } ?? -1
        }
        guard descriptor >= 0 else { throw failed() }
        let file = FileDescriptor(rawValue: descriptor)
        do {
            try file.closeAfter { _ = try content.withUnsafeBytes { try file.writeAll($0) } }
        } catch { throw failed((error as? Errno) ?? .ioError) }
    }

    private func make(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failed() }
    }

    private func failed(_ error: Errno = Errno(rawValue: errno)) -> KernelTreeError {
        .system(BytesError(path: folder.pushing(FilePath(current)), operation: .write, errno: error))
    }
}
