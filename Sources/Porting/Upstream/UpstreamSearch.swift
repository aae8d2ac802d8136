import Bytes
public import Diagnostics
import KernelTree
import Patching
public import Series
import Synchronization
public import SystemPackage

/// What a tree, or a git repository, knows of a patch.
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

    /// Whether a commit of it is upstream, but not what it changes: that applies to the tree, and cannot be taken back
    /// there. As a rule the commit was reverted.
    public let isReverted: Bool

    /// Whether it is upstream.
    public var isUpstream: Bool { !ways.isEmpty }

    /// Describes a finding.
    package init(
        patch: String, ways: [Way], commit: String?, subject: String?, notContained: [String], identity: String?,
        partly: [String] = [], isReverted: Bool = false
    ) {
        self.partly = partly
        self.isReverted = isReverted
        self.patch = patch
        self.ways = ways
        self.commit = commit
        self.subject = subject
        self.notContained = notContained
        self.identity = identity
    }
}

/// Looks for the patches of a series in a tree by taking them back there, and in a revision of a git repository by the
/// commit they name and by patch-id as well.
///
/// A patch that can be taken back in a tree may apply to it all the same, where lines are alike: then it is not upstream,
/// unless it can be taken back at its very lines, and applies only elsewhere.
public struct UpstreamSearch: Sendable {
    /// Where the tree is that may contain the patches.
    public let location: SourceLocation
    /// Where the search for equal patch-ids begins: commits that this revision contains are not looked at. Without it
    /// patch-ids are not compared, since the whole history would have to be read.
    public var since: String?
    /// The environment of git.
    public var environment: [String: String]

    /// Makes a search.
    public init(repository: FilePath, revision: String, since: String? = nil, environment: [String: String]) {
        self.init(in: .git(repository, revision: revision), since: since, environment: environment)
    }

    /// Makes a search in any tree.
    public init(in location: SourceLocation, since: String? = nil, environment: [String: String]) {
        self.location = location
        self.since = since
        self.environment = environment
    }

    /// Looks for every patch.
    /// - Throws: ``KernelTreeError`` or `HostError`; `PatchError` for a patch that is not well formed.
    public func find(
        _ series: LoadedSeries, progress: any ProgressSink = NoProgress()
    ) async throws -> [UpstreamFinding] {
        let parsed = try series.patches.map {
            try ParsedPatch.parse($0.blob, name: $0.entry.name, strip: $0.entry.strip)
        }
        let references = series.patches.map { UpstreamReference.commits(in: $0.blob.bytes) }
        let identities = parsed.map { PatchIdentity(of: $0) }
        var known: [String: String] = [:]
        var commits: [PatchIdentity: String] = [:]
        var git: GitRepository?
        if case .git(let repository, let revision) = location {
            let head = try await GitRevision(GitRepository(repository, environment: environment), revision: revision)
            git = head.repository
            known = try await contained(Set(references.joined()), in: head)
            if let since {
                progress.report(.began(what: "read the commits from \(since) to \(revision)"))
                let start = try await GitRevision(head.repository, revision: since)
                let paths = Set(parsed.flatMap { $0.files.compactMap { $0.newPath ?? $0.oldPath } })
                commits = try await commitsByIdentity(
                    head.repository, from: start.commit, to: head.commit, touching: paths)
            }
        }
        let tree = try await TreeSource.open(location, environment: environment)
        try await tree.fetch(Set(parsed.flatMap { FirstBreakSearch.paths(of: $0) }).sorted())
        var drafts: [(ways: [UpstreamFinding.Way], commit: String?, partly: [String], isReverted: Bool)] = []
        for index in parsed.indices {
            var ways: [UpstreamFinding.Way] = []
            var commit = references[index].lazy.compactMap { known[$0] }.first
            if commit != nil { ways.append(.reference) }
            if let identity = identities[index], let equal = commits[identity] {
                ways.append(.patchIdentity)
                commit = commit ?? equal
            }
            var isReverted = false
            if try Self.comesOff(parsed[index], tree) {
                ways.append(.reversal)
            } else if !ways.isEmpty, let forward = try Self.applied(parsed[index], to: tree, reverse: false),
                Self.changesSomething(forward)
            {
                (ways, isReverted) = ([], true)
            }
            // Of several files some may be there.
            let partly = ways.isEmpty ? try Self.files(of: parsed[index], thatComeOff: tree) : []
            drafts.append((ways, commit, partly, isReverted))
        }
        var subjects: [String: String] = [:]
        if let git { subjects = try await self.subjects(git, Set(drafts.compactMap(\.commit))) }
        return drafts.indices.map { index in
            UpstreamFinding(
                patch: parsed[index].name, ways: drafts[index].ways, commit: drafts[index].commit,
                subject: drafts[index].commit.flatMap { subjects[$0] },
                notContained: references[index].filter { known[$0] == nil }, identity: identities[index]?.hex,
                partly: drafts[index].partly, isReverted: drafts[index].isReverted)
        }
    }

    /// The files of a patch that can be taken back in a tree.
    private static func files(of patch: ParsedPatch, thatComeOff tree: any TreeReading) throws -> [String] {
        let paths = Set(patch.files.compactMap { $0.newPath ?? $0.oldPath })
        guard paths.count > 1 else { return [] }
        return try paths.sorted().filter { try comesOff(patch.restricted(to: [$0]), tree) }.map(\.string)
    }

    /// Whether a tree has all that a patch does: it can be taken back there without fuzz, to do it again gives the same
    /// files, modes and names, and it does not apply there as it is.
    private static func comesOff(_ patch: ParsedPatch, _ tree: any TreeReading) throws -> Bool {
        guard !patch.files.isEmpty, let back = try applied(patch, to: tree, reverse: true) else { return false }
        let before = TreeOverlay(tree)
        before.take(back.changes)
        guard let again = try applied(patch, to: before, reverse: false) else { return false }
        let after = TreeOverlay(before)
        after.take(again.changes)
        for path in Set((back.changes + again.changes).map(\.path)) {
            guard try TreeFile.same(tree.read(path), after.read(path)) else { return false }
        }
        // What changes nothing either way says nothing.
        guard changesSomething(again) else { return false }
        guard let forward = try applied(patch, to: tree, reverse: false), changesSomething(forward) else { return true }
        return back.report.isStrictlyClean && !forward.report.isStrictlyClean
    }

    private static func changesSomething(_ applied: AppliedSeries) -> Bool {
        applied.changes.contains { !TreeFile.same($0.before, $0.after) }
    }

    /// What comes of a patch in a tree, placed without fuzz; `nil` where it does not apply.
    private static func applied(
        _ patch: ParsedPatch, to tree: any TreeReading, reverse: Bool
    ) throws -> AppliedSeries? {
        var options = ApplicationOptions()
        options.explainsFailures = false
        let applied = try SeriesApplication.run(
            parsed: [patch], reversed: [reverse], on: tree,
            policy: PlacementPolicy(name: "upstream", fuzz: 0, removesEmptyFiles: true), options: options)
        return applied.report.failures.isEmpty ? applied : nil
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
            throw KernelTreeError.damagedRepository(
                repository: head.repository.path, reason: "git rev-list ended with \(ended)")
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
            throw KernelTreeError.damagedRepository(repository: git.path, reason: "git log ended with \(ended)")
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
