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
    package let repository: GitRepository
    /// The commit, in full.
    package let commit: String

    /// Finds the commit that a revision names.
    /// - Throws: ``KernelTreeError/noRevision(repository:revision:reason:near:)``, and as ``GitRepository/init(_:environment:)``.
    package init(_ path: FilePath, revision: String, environment: [String: String]) async throws {
        try await self.init(try GitRepository(path, environment: environment), revision: revision)
    }

    /// Finds the commit that a revision names.
    /// - Throws: ``KernelTreeError/noRevision(repository:revision:reason:near:)`` or `HostError`.
    package init(_ repository: GitRepository, revision: String) async throws {
        self.repository = repository
        let output = try await repository.command(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"]
        ).capture()
        let lines = String(decoding: output.standardOutput, as: UTF8.self).split(whereSeparator: \.isNewline)
        // git 2.39 repeats the option that ends the options.
        guard output.termination.succeeded, let line = lines.last, line.count >= 40, line.allSatisfy(\.isHexDigit)
        else {
            throw KernelTreeError.noRevision(
                repository: repository.path, revision: revision,
                reason: output.text.split(whereSeparator: \.isNewline).last.map(String.init),
                near: Suggestions.near(revision, among: try await Self.names(of: repository)))
        }
        commit = String(line)
    }

    /// The branches and tags of a repository.
    private static func names(of repository: GitRepository) async throws -> [String] {
        let output = try await repository.command(
            ["for-each-ref", "--format=%(refname:short)", "refs/tags", "refs/heads"]
        ).capture(limit: 1 << 24)
        return String(decoding: output.standardOutput, as: UTF8.self).split(whereSeparator: \.isNewline).map(
            String.init)
    }

    /// When the commit was made, in seconds since 1970; `nil` where git does not say.
    package func time() async throws -> Int? {
        let output = try await repository.command(["show", "-s", "--format=%ct", commit]).capture(limit: 1 << 16)
        let last = String(decoding: output.standardOutput, as: UTF8.self).split(whereSeparator: \.isNewline).last
        return output.termination.succeeded ? last.flatMap { Int($0) } : nil
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
            try BlobWriter(
                folder: folder, paths: entries.map(\.path), modes: entries.map(\.mode), repository: repository.path))
        let total = entries.count
        let ended = try await repository.command(["cat-file", "--batch"]).feed(objects) { bytes in
            try writer.withLock { writer in
                let before = writer.done
                try writer.take(bytes)
                if writer.done / 512 != before / 512 {
                    progress.report(.advanced(done: writer.done, total: total, item: writer.current))
                }
            }
        }
        guard ended.succeeded, writer.withLock({ $0.done }) == total else {
            throw KernelTreeError.damagedRepository(
                repository: repository.path, reason: "git cat-file ended with \(ended)")
        }
        try writer.withLock { (writer) throws(KernelTreeError) in try writer.makeLinks() }
        return total - links.count
    }

    private func list() async throws -> [Entry] {
        let output = try await repository.command(["ls-tree", "-r", "-z", "--full-tree", commit])
            .capture(limit: 256 << 20)
        guard output.termination.succeeded else {
            throw KernelTreeError.damagedRepository(repository: repository.path, reason: output.text)
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
