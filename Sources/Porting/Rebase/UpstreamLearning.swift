import Concurrency
import Merging
import Patching
import Synchronization

/// What upstream's change of the files of a series teaches (``Replacement``), learned when somebody asks.
///
/// A file teaches what is done to lines of that file. What it says nothing of is learned from all files of the series
/// together. Either way none of them may have what was replaced any more. Twins learn nothing here: they are what they were
/// until upstream's change of their native files is brought to them.
final class UpstreamLearning: Sendable {
    private let old: any TreeReading
    private let new: any TreeReading
    private let renames: UpstreamRenames
    private let paths: [RelativePath]
    private let twins: Set<RelativePath>
    private let workers: Int
    private let state = Mutex<State>(State())

    private struct State {
        /// What each file teaches: its evidence, and what comes of it.
        var learners: [RelativePath: ReplacementLearner] = [:]
        var known: [RelativePath: Replacements] = [:]
        /// What all of them teach together, once somebody has asked.
        var everywhere: ReplacementLearner?
        var answers: [[UInt8]: [Replacement]] = [:]
        var isGone: [Replacement: Bool] = [:]
    }

    init(
        old: any TreeReading, new: any TreeReading, renames: UpstreamRenames, paths: [RelativePath],
        twins: Set<RelativePath>, workers: Int
    ) {
        self.twins = twins
        self.old = old
        self.new = new
        self.renames = renames
        self.paths = paths
        self.workers = workers
    }

    /// A file of the old tree and what upstream has made of it; `nil` where it has not changed, or is no text.
    private func sides(of path: RelativePath) throws -> (old: Blob, new: Blob)? {
        guard let before = try old.read(path), before.kind == .regular,
            let after = try new.read(renames[path] ?? path), after.kind == .regular,
            !before.content.hasSameBytes(as: after.content)
        else { return nil }
        return (before.content, after.content)
    }

    /// The evidence of a file.
    private func learner(_ path: RelativePath) throws -> ReplacementLearner {
        guard let (before, after) = try sides(of: path) else { return ReplacementLearner() }
        return ReplacementLearner(old: before.bytes, new: after.bytes)
    }

    /// Whether lines of patches for a file may follow.
    func follows(_ path: RelativePath) -> Bool { !twins.contains(path) }

    /// What a file teaches.
    func replacements(in path: RelativePath) throws -> Replacements {
        if let found = state.withLock({ $0.known[path] }) { return found }
        let learner = try state.withLock { $0.learners[path] } ?? learner(path)
        let found = learner.replacements()
        state.withLock { state in
            state.learners[path] = learner
            state.known[path] = found
        }
        return found
    }

    /// What all files together teach of some words.
    /// - Parameter isKnown: Whether a word needs no answer.
    func replacements(
        of words: Set<ArraySlice<UInt8>>, unless isKnown: (ArraySlice<UInt8>) -> Bool
    ) throws -> [Replacement] {
        if words.isEmpty { return [] }
        return try state.withLock { state in
            let everywhere = try state.everywhere ?? look(state.learners)
            state.everywhere = everywhere
            var found: [Replacement] = []
            for word in words where everywhere.knows(word) && !isKnown(word) {
                let answer = state.answers[Array(word)] ?? everywhere.replacements(of: word)
                state.answers[Array(word)] = answer
                found += answer
            }
            return found.sorted { $0.old < $1.old }
        }
    }

    /// Those of some replacements whose old form none of the files has any more.
    func gone(_ replacements: [Replacement]) throws -> [Replacement] {
        if replacements.isEmpty { return [] }
        return try state.withLock { state in
            let everywhere = try state.everywhere ?? look(state.learners)
            state.everywhere = everywhere
            return replacements.filter { one in
                let isGone = state.isGone[one] ?? everywhere.lacks(one)
                state.isGone[one] = isGone
                return isGone
            }
        }
    }

    private func look(_ learned: [RelativePath: ReplacementLearner]) throws -> ReplacementLearner {
        let learners = try Parallel.map(count: paths.count, workers: workers) { index in
            try learned[paths[index]] ?? learner(paths[index])
        }
        var all = ReplacementLearner()
        for learner in learners { all.take(learner) }
        return all
    }
}
