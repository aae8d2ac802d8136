public import Diagnostics
import Host
import KernelTree
public import Patching
public import Series
public import SystemPackage

/// Looks for the commits after which the patches of a series no longer fit.
///
/// Each patch is judged with what the earlier ones do to its files, as far as they fit. All patches are searched at the same
/// time, so that the contents that a step needs are read at once; a content that was tried is not tried again.
public struct FirstBreakSearch: Sendable {
    /// The repository.
    public let repository: FilePath
    /// A revision that the series fits.
    public let good: String
    /// A later one.
    public let bad: String
    /// How exact placement has to be.
    public let policy: PlacementPolicy
    /// The environment of git.
    public let environment: [String: String]

    /// Makes a search.
    public init(
        repository: FilePath, good: String, bad: String, policy: PlacementPolicy, environment: [String: String]
    ) {
        self.repository = repository
        self.good = good
        self.bad = bad
        self.policy = policy
        self.environment = environment
    }

    /// What was found.
    public struct Outcome: Sendable {
        /// The patches, in order.
        public let findings: [BreakFinding]
        /// The newest revision that the whole series fits, where that was asked for; `nil` where there is none.
        public let newest: BreakFinding.Revision?
        /// How many commits of the range change files of the series.
        public let commits: Int
        /// What of the series was looked at.
        public let selection: SeriesSelection
    }

    /// Looks for every patch.
    /// - Parameter findsNewest: Whether the newest revision that the whole series fits is looked for as well: along first
    ///   parents, which is how a branch has moved on.
    /// - Throws: ``PortingError/notAnAncestor(good:bad:)``, `KernelTreeError`, `SeriesError`, `PatchError`.
    public func find(
        _ series: PatchSeries, findsNewest: Bool, workers: Int, progress: any ProgressSink
    ) async throws -> Outcome {
        let loaded = try series.load(workers: workers)
        let parsed = try loaded.inputs.map {
            try ParsedPatch.parse($0.blob, name: $0.name, strip: $0.strip, reading: policy.reading)
        }
        let git = try GitRepository(repository, environment: environment)
        let (start, end) = (
            try await GitRevision(git, revision: good).commit, try await GitRevision(git, revision: bad).commit
        )
        guard try await git.command(["merge-base", "--is-ancestor", start, end]).capture().termination.succeeded else {
            throw PortingError.notAnAncestor(good: good, bad: bad)
        }
        let paths = Set(parsed.flatMap { Self.paths(of: $0) }).sorted()
        progress.report(.began(what: "read the history of \(paths.count) files"))
        let history = try await BreakHistory(git, good: start, bad: end, paths: paths)
        var judge = BreakJudge(history, parsed, loaded.inputs.map(\.reverse), policy, git)
        var searches = parsed.indices.map { BreakBisection(patch: $0, history, start: start) }
        while true {
            try Task.checkCancellation()
            // Every search that is not at its end asks about one commit.
            let questions = searches.compactMap { search in search.question.map { (search.patch, $0) } }
            if questions.isEmpty { break }
            progress.report(
                .advanced(done: searches.count - questions.count, total: searches.count, item: "revisions are tried"))
            try await judge.fetch(questions)
            for (patch, commit) in questions {
                let fits = try judge.fits(patch, at: commit)
                searches[patch].take(fits)
            }
        }
        let findings = try searches.map { search in
            BreakFinding(
                patch: parsed[search.patch].name, outcome: search.outcome, tried: search.tried,
                file: try search.failing.flatMap { try judge.failingFile(search.patch, at: $0) })
        }
        let newest =
            findsNewest
            ? try await self.newest(
                history, &judge, parsed.count, start: history.commits.firstIndex { $0.revision.commit == start } ?? 0)
            : nil
        return Outcome(
            findings: findings, newest: newest, commits: history.commits.count { !$0.isBoundary },
            selection: series.selection)
    }

    static func paths(of patch: ParsedPatch) -> [RelativePath] {
        patch.files.flatMap { [$0.oldPath, $0.newPath, $0.indexPath].compactMap { $0 } }
    }

    /// Goes back from the last revision: at each one the patches that do not fit say how far to go at least.
    private func newest(
        _ history: BreakHistory, _ judge: inout BreakJudge, _ count: Int, start: Int
    ) async throws -> BreakFinding.Revision? {
        func misfit(at commit: Int) async throws -> Int? {
            try await judge.fetch((0..<count).map { ($0, commit) })
            return try (0..<count).first { try !judge.fits($0, at: commit) }
        }
        var (at, revision) = (history.end, history.commits[history.end].revision)
        while true {
            try Task.checkCancellation()
            guard let patch = try await misfit(at: at) else { return revision }
            let before = judge.key(patch, at: at)
            repeat {
                guard let parent = history.commits[at].parents.first else {
                    // The first revision may lie on another branch.
                    return try await misfit(at: start) == nil ? history.commits[start].revision : nil
                }
                (at, revision) = (parent, history.commits[at].parentRevisions[0])
            } while judge.key(patch, at: at) == before
        }
    }
}
