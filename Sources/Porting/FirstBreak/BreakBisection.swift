/// The search for one patch, step by step, as `git bisect` does it.
///
/// 1. The last revision is tried: where the patch fits there, nothing breaks it. Then the first.
/// 2. Of the commits that may be the first bad one, one in the middle is tried. If the patch does not fit there, the
///    ancestors of that are left; if it does, all but those.
/// 3. A commit on a branch that began before the first revision, and on which the patch did not fit when it began, says
///    nothing: it is left out, and what remains is the merge that brought it.
/// 4. What is found has a parent that the patch fits, or else that parent is looked into: a merge may have mended what one
///    of its parents broke.
struct BreakBisection {
    let patch: Int
    private let history: BreakHistory
    private let start: Int
    /// The commits that may be the first bad one, in the order of the history; the last one is bad.
    private var candidates: [Int]
    private var stage = Stage.last
    private(set) var tried = 0
    private var bad: Int
    /// Known answers.
    private var fitting: [Int: Bool] = [:]

    private enum Stage: Equatable {
        case last, first
        case search(Int)
        /// Whether the branch of a bad commit was good where it began.
        case fork(of: Int, Int)
        /// What the first bad commit comes from.
        case parent(Int)
        case done(BreakFindingKind)
    }

    enum BreakFindingKind: Equatable { case fits, neverFitted, breaks }

    init(patch: Int, _ history: BreakHistory, start: String) {
        self.patch = patch
        self.history = history
        self.start = history.commits.firstIndex { $0.revision.commit == start } ?? 0
        candidates = history.commits.indices.filter { !history.commits[$0].isBoundary }
        bad = history.end
        candidates = Self.ancestors(of: bad, in: history, among: Set(candidates)).sorted()
    }

    /// The commit to try next; `nil` at the end.
    var question: Int? {
        switch stage {
        case .last: history.end
        case .first: start
        case .search(let commit): commit
        case .fork(_, let commit): commit
        case .parent(let commit): commit
        case .done: nil
        }
    }

    /// Takes the answer.
    mutating func take(_ fits: Bool) {
        tried += 1
        guard let commit = question else { return }
        fitting[commit] = fits
        switch stage {
        case .last: stage = fits ? .done(.fits) : .first
        case .first:
            if fits { next() } else { stage = .done(.neverFitted) }
        case .search(let commit):
            if fits {
                let gone = Self.ancestors(of: commit, in: history, among: Set(candidates))
                candidates.removeAll(where: gone.contains)
                next()
            } else {
                judge(commit)
            }
        case .fork(let commit, _):
            if fits {
                turnsBad(commit)
            } else {
                forkIsBad(commit)
            }
        case .parent: settle()
        case .done: break
        }
    }

    /// A bad commit on a branch that began after the first revision, or that was good where it began, is one.
    private mutating func judge(_ commit: Int) {
        let forks = forks(of: commit)
        if forks.contains(start) || forks.isEmpty || forks.contains(where: { fitting[$0] == true }) {
            return turnsBad(commit)
        }
        guard let unknown = forks.first(where: { fitting[$0] == nil }) else { return forkIsBad(commit) }
        stage = .fork(of: commit, unknown)
    }

    private mutating func turnsBad(_ commit: Int) {
        let left = Self.ancestors(of: commit, in: history, among: Set(candidates))
        candidates.removeAll { !left.contains($0) }
        bad = commit
        next()
    }

    private mutating func forkIsBad(_ commit: Int) {
        if let unknown = forks(of: commit).first(where: { fitting[$0] == nil }) {
            stage = .fork(of: commit, unknown)
            return
        }
        // What is before it on that branch says as little.
        let gone = Self.ancestors(of: commit, in: history, among: Set(candidates))
        candidates.removeAll { gone.contains($0) && $0 != bad }
        next()
    }

    /// The commits before the range from which a commit comes.
    private func forks(of commit: Int) -> [Int] {
        var seen: Set<Int> = [commit]
        var pending = [commit]
        var found: [Int] = []
        while let next = pending.popLast() {
            if history.commits[next].isBoundary { found.append(next) }
            for parent in history.commits[next].parents where seen.insert(parent).inserted { pending.append(parent) }
        }
        return found.sorted()
    }

    private mutating func next() {
        // The bad one itself is known.
        let open = candidates.filter { $0 != bad }
        if open.isEmpty { settle() } else { stage = .search(open[open.count / 2]) }
    }

    /// Ends where a parent of the bad commit is good; goes on with one that is bad.
    private mutating func settle() {
        let parents = history.commits[bad].parents
        if parents.contains(where: { fitting[$0] == true }) {
            stage = .done(.breaks)
            return
        }
        if let unknown = parents.first(where: { fitting[$0] == nil }) {
            stage = .parent(unknown)
            return
        }
        for parent in parents where !history.commits[parent].isBoundary {
            let forks = forks(of: parent)
            if forks.contains(start) || forks.isEmpty || forks.contains(where: { fitting[$0] == true }) {
                candidates = history.commits.indices.filter { !history.commits[$0].isBoundary }
                return turnsBad(parent)
            }
            if let unknown = forks.first(where: { fitting[$0] == nil }) {
                stage = .parent(unknown)
                return
            }
        }
        stage = .done(.breaks)
    }

    private static func ancestors(of commit: Int, in history: BreakHistory, among candidates: Set<Int>) -> Set<Int> {
        var seen: Set<Int> = [commit]
        var pending = [commit]
        while let next = pending.popLast() {
            for parent in history.commits[next].parents
            where candidates.contains(parent) && seen.insert(parent).inserted { pending.append(parent) }
        }
        return seen.intersection(candidates)
    }

    // MARK: the end

    /// What was found.
    var outcome: BreakFinding.Outcome {
        guard case .done(let kind) = stage else { return .fits }
        switch kind {
        case .fits: return .fits
        case .neverFitted: return .neverFitted
        case .breaks:
            let commit = history.commits[bad]
            // Of several parents the first that is known to be good; the first revision is.
            let last = commit.parents.firstIndex { fitting[$0] == true }
            return .breaks(
                first: commit.revision,
                last: last.map { commit.parentRevisions[$0] } ?? history.commits[start].revision)
        }
    }

    /// A commit at which the patch does not fit; `nil` where there is none.
    var failing: Int? {
        guard case .done(let kind) = stage else { return nil }
        switch kind {
        case .fits: return nil
        case .neverFitted: return start
        case .breaks: return bad
        }
    }
}
