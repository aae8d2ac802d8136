import Bytes
public import Diagnostics
import KernelTree
import Patching
public import Series
import Synchronization
public import SystemPackage

/// What a git repository knows of a patch.
public struct UpstreamFinding: Sendable, Equatable {
    /// How a patch was found to be upstream.
    public enum Way: String, Sendable, Codable {
        /// It names a commit that the revision contains.
        case reference
        /// A commit of the range has the same patch-id.
        case patchIdentity = "patch-id"
        /// It can be reverted in the revision's tree, exactly.
        case reversal = "reverse"
    }

    /// The patch's name in the series.
    public let patch: String
    /// How it was found; nothing for a patch that is not upstream.
    public let ways: [Way]
    /// The commit, where one is known.
    public let commit: String?
    /// The commit's subject.
    public let subject: String?
    /// Commits that the patch names and the revision does not contain.
    public let notContained: [String]
    /// The patch's identity, as `git patch-id --stable` prints it.
    public let identity: String?

    /// The files of a patch that is not upstream as a whole, as far as they can be taken back: what upstream has of it.
    public let partly: [String]

    /// Whether it is upstream.
    public var isUpstream: Bool { !ways.isEmpty }

    /// Describes a finding.
    package init(
        patch: String, ways: [Way], commit: String?, subject: String?, notContained: [String], identity: String?,
        partly: [String] = []
    ) {
        self.partly = partly
        self.patch = patch
        self.ways = ways
        self.commit = commit
        self.subject = subject
        self.notContained = notContained
        self.identity = identity
    }
}

/// Looks for the patches of a series in a git repository: by the commit they name, by patch-id, by taking them back.
public struct UpstreamSearch: Sendable {
    /// The repository.
    public let repository: FilePath
    /// The revision that may contain the patches.
    public let revision: String
    /// Where the search for equal patch-ids begins: commits that this revision contains are not looked at. Without it
    /// patch-ids are not compared, since the whole history would have to be read.
    public var since: String?
    /// The environment of git.
    public var environment: [String: String]

    /// Makes a search.
    public init(repository: FilePath, revision: String, since: String? = nil, environment: [String: String]) {
        self.repository = repository
        self.revision = revision
        self.since = since
        self.environment = environment
    }

    /// Looks for every patch.
    /// - Throws: ``KernelTreeError`` or `HostError`; `PatchError` for a patch that is not well formed.
    public func find(
        _ series: LoadedSeries, progress: any ProgressSink = NoProgress()
    ) async throws -> [UpstreamFinding] {
        let git = try GitRepository(repository, environment: environment)
        let head = try await GitRevision(git, revision: revision)
        let parsed = try series.patches.map {
            try ParsedPatch.parse($0.blob, name: $0.entry.name, strip: $0.entry.strip)
        }
        let references = series.patches.map { UpstreamReference.commits(in: $0.blob.bytes) }
        let known = try await contained(Set(references.joined()), in: head)
        let identities = parsed.map { PatchIdentity(of: $0) }
        var commits: [PatchIdentity: String] = [:]
        if let since {
            progress.report(.began(what: "read the commits from \(since) to \(revision)"))
            let start = try await GitRevision(git, revision: since)
            let paths = Set(parsed.flatMap { $0.files.compactMap { $0.newPath ?? $0.oldPath } })
            commits = try await commitsByIdentity(git, from: start.commit, to: head.commit, touching: paths)
        }
        let tree = try await head.files(
            Set(parsed.flatMap(\.files).flatMap { [$0.oldPath, $0.newPath].compactMap(\.self) }))
        var drafts: [(ways: [UpstreamFinding.Way], commit: String?, partly: [String])] = []
        for index in parsed.indices {
            var ways: [UpstreamFinding.Way] = []
            var commit = references[index].lazy.compactMap { known[$0] }.first
            if commit != nil { ways.append(.reference) }
            if let identity = identities[index], let equal = commits[identity] {
                ways.append(.patchIdentity)
                commit = commit ?? equal
            }
            if try Self.comesOff(parsed[index], tree) { ways.append(.reversal) }
            // Of several files some may be there.
            let partly = ways.isEmpty ? try Self.files(of: parsed[index], thatComeOff: tree) : []
            drafts.append((ways, commit, partly))
        }
        let subjects = try await subjects(git, Set(drafts.compactMap(\.commit)))
        return drafts.indices.map { index in
            UpstreamFinding(
                patch: parsed[index].name, ways: drafts[index].ways, commit: drafts[index].commit,
                subject: drafts[index].commit.flatMap { subjects[$0] },
                notContained: references[index].filter { known[$0] == nil }, identity: identities[index]?.hex,
                partly: drafts[index].partly)
        }
    }

    /// The files of a patch that can be reverted in a tree without fuzz.
    private static func files(of patch: ParsedPatch, thatComeOff tree: MemoryTree) throws -> [String] {
        let paths = Set(patch.files.compactMap { $0.newPath ?? $0.oldPath })
        guard paths.count > 1 else { return [] }
        return try paths.sorted().filter { try comesOff(patch.restricted(to: [$0]), tree) }.map(\.string)
    }

    /// Whether a patch can be reverted in a tree without fuzz, all of it.
    private static func comesOff(_ patch: ParsedPatch, _ tree: MemoryTree) throws -> Bool {
        guard !patch.files.isEmpty else { return false }
        let reversed = try SeriesApplication.run(
            parsed: [patch], reversed: [true], on: tree,
            policy: PlacementPolicy(name: "upstream", fuzz: 0, removesEmptyFiles: true),
            options: ApplicationOptions(buildsChanges: false))
        return reversed.report.failures.isEmpty
    }

    /// Of some object names, possibly abbreviated, those of commits that a revision contains, in full.
    private func contained(_ names: Set<String>, in head: GitRevision) async throws -> [String: String] {
        guard !names.isEmpty else { return [:] }
        let byLength = Dictionary(grouping: names, by: \.count).mapValues(Set.init)
        let found = Mutex<[String: String]>([:])
        let ended = try await head.repository.lines(["rev-list", head.commit]) { line in
            let full = String(decoding: line, as: UTF8.self)
            for (length, names) in byLength where length <= full.count {
                let name = String(full.prefix(length))
                if names.contains(name) { found.withLock { $0[name] = full } }
            }
        }
        guard ended.succeeded else {
            throw KernelTreeError.damagedRepository(repository: repository, reason: "git rev-list ended with \(ended)")
        }
        return found.withLock { $0 }
    }

    /// The patch-ids of the commits between two that touch some files.
    private func commitsByIdentity(
        _ git: GitRepository, from start: String, to end: String, touching paths: Set<RelativePath>
    ) async throws -> [PatchIdentity: String] {
        guard !paths.isEmpty else { return [:] }
        let log = Mutex(IdentityLog())
        let ended = try await git.lines(
            [
                "log", "--format=commit %H", "-p", "--full-diff", "--no-merges", "--no-color", "--no-ext-diff",
                "--no-textconv", "--no-renames", "--submodule=short", "-U3", start + ".." + end, "--",
            ] + paths.sorted().map { ":(literal,top)" + $0.string }
        ) { line in log.withLock { $0.take(line) } }
        guard ended.succeeded else {
            throw KernelTreeError.damagedRepository(repository: repository, reason: "git log ended with \(ended)")
        }
        return log.withLock { $0.finish() }
    }

    private func subjects(_ git: GitRepository, _ commits: Set<String>) async throws -> [String: String] {
        guard !commits.isEmpty else { return [:] }
        let output = try await git.command(["log", "--no-walk=unsorted", "--format=%H %s"] + commits.sorted()).capture()
        var subjects: [String: String] = [:]
        for line in String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            if parts.count == 2 { subjects[parts[0]] = parts[1] }
        }
        return subjects
    }
}

/// The patch-ids in the output of `git log -p`.
private struct IdentityLog: Sendable {
    private var reader = PatchIdentity.Reader()
    private var commit: String?
    private var found: [PatchIdentity: String] = [:]

    mutating func take(_ line: ArraySlice<UInt8>) {
        guard line.starts(with: "commit ".utf8), line.count >= 47 else { return reader.take(line) }
        close()
        reader = PatchIdentity.Reader()
        commit = String(decoding: line.dropFirst(7), as: UTF8.self)
    }

    mutating func finish() -> [PatchIdentity: String] {
        close()
        return found
    }

    /// The log is newest first; the oldest of equal commits is the one that brought the change.
    private mutating func close() {
        if let commit, let identity = reader.finish() { found[identity] = commit }
    }
}

extension GitRevision {
    /// Some files of the revision's tree, in memory.
    func files(_ paths: Set<RelativePath>) async throws -> MemoryTree {
        let names = paths.sorted().filter { !$0.bytes.contains(10) }
        let prefix = Array((commit + ":").utf8)
        var requests: [UInt8] = []
        for name in names { requests += prefix + name.bytes + [10] }
        let output = Mutex<[UInt8]>([])
        let ended = try await repository.command(["cat-file", "--batch"]).feed(requests) { bytes in
            output.withLock { $0.append(contentsOf: bytes) }
        }
        guard ended.succeeded else {
            throw KernelTreeError.damagedRepository(
                repository: repository.path, reason: "git cat-file ended with \(ended)")
        }
        var tree = MemoryTree()
        let bytes = output.withLock { $0 }
        var start = 0
        for name in names {
            guard let end = bytes[start...].firstIndex(of: 10) else { break }
            let words = String(decoding: bytes[start..<end], as: UTF8.self).split(separator: " ")
            start = end + 1
            // A file that is not there gives one line: `REVISION:PATH missing`.
            guard words.last != "missing", words.count == 3, let size = Int(words[2]) else { continue }
            if words[1] == "blob" {
                tree.files[name] = TreeFile(content: Blob(Array(bytes[start..<min(start + size, bytes.count)])))
            }
            start = min(start + size + 1, bytes.count)
        }
        return tree
    }
}
