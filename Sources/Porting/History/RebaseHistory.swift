import Host
import KernelTree
import Merging
import Patching

/// What the histories of both trees say of what could not be moved, and of what the new tree has already.
struct RebaseHistory {
    private let history: UpstreamHistory
    private let (old, new): (String, String)

    /// The history between two trees; `nil` where they are not revisions of one git repository.
    init?(from: SourceLocation, to: SourceLocation, environment: [String: String]) async throws {
        guard case .git(let one, let start) = from, case .git(let two, let end) = to, one == two else { return nil }
        let repository = try GitRepository(one, environment: environment)
        history = UpstreamHistory(repository: repository)
        old = try await GitRevision(repository, revision: start).commit
        new = try await GitRevision(repository, revision: end).commit
    }

    /// The commits of each side that change some files.
    struct Changes: Sendable {
        /// Those that only the new tree has, newest first.
        let new: [UpstreamHistory.Change]
        /// Those that only the old tree has, newest first.
        let old: [UpstreamHistory.Change]
    }

    /// Which commits change some files. This takes git long, and needs nothing of what becomes of the patches.
    func changes(of paths: Set<RelativePath>) async throws -> Changes {
        Changes(
            new: try await history.changes(of: paths, from: old, to: new),
            old: try await history.changes(of: paths, from: new, to: old))
    }

    /// Adds the commits to the patches' files.
    func told(_ patches: [PortedPatch], _ changes: Changes) async throws -> [PortedPatch] {
        var places: [(patch: Int, file: Int)] = []
        var questions: [UpstreamHistory.Question] = []
        for (index, patch) in patches.enumerated() {
            for (place, file) in patch.files.enumerated() {
                guard let question = Self.question(file) else { continue }
                places.append((index, place))
                questions.append(question)
            }
        }
        guard !questions.isEmpty else { return patches }
        var result = patches
        let commits = try await history.commits(questions, among: changes.new, most: 3)
        for (place, found) in zip(places, commits) { result[place.patch].files[place.file].commits = found }
        try await addPrerequisites(&result, changes.old)
        return result
    }

    /// What upstream did where the patch does something.
    private static func question(_ file: PortedPatch.File) -> UpstreamHistory.Question? {
        switch file.verdict {
        case .conflict:
            guard let conflicts = file.merge?.conflicts else {
                return file.content.map { .init(path: file.path, before: $0.before, after: $0.there) }
            }
            return .init(
                path: file.path, before: conflicts.flatMap(\.base), after: conflicts.flatMap(\.theirs))
        case .upstream: return file.content.map { .init(path: file.path, before: $0.before, after: $0.after) }
        default: return nil
        }
    }

    /// Commits that only the old tree has, and that brought the lines that a patch in conflict changes.
    private func addPrerequisites(_ patches: inout [PortedPatch], _ changes: [UpstreamHistory.Change]) async throws {
        var places: [Int] = []
        var questions: [UpstreamHistory.Question] = []
        for (index, patch) in patches.enumerated() where patch.verdict == .conflict {
            for file in patch.files {
                guard let conflicts = file.merge?.conflicts else { continue }
                places.append(index)
                questions.append(
                    .init(path: file.path, before: conflicts.flatMap(\.theirs), after: conflicts.flatMap(\.base)))
            }
        }
        guard !questions.isEmpty else { return }
        for (place, found) in zip(places, try await history.commits(questions, among: changes, most: 2)) {
            for commit in found {
                let text = "commit \(commit.line)"
                if !patches[place].prerequisites.contains(text) { patches[place].prerequisites.append(text) }
            }
        }
    }
}

extension [PortedPatch] {
    /// The same with the earlier patches that each patch in conflict may need, and that are not in the new series.
    func withPrerequisites() -> [PortedPatch] {
        var result = self
        for index in indices where self[index].verdict == .conflict {
            let paths = Set(self[index].files.filter { $0.verdict == .conflict }.map(\.path))
            for earlier in self[..<index] where earlier.verdict == .conflict || earlier.verdict == .skipped {
                let isThere = earlier.files.contains { file in
                    paths.contains(file.path) && (file.verdict == .conflict || earlier.blob == nil)
                }
                guard isThere else { continue }
                result[index].prerequisites.append(
                    "patch \(earlier.name), which is \(earlier.blob == nil ? "not" : "only in part") in the new series")
            }
        }
        return result
    }
}
