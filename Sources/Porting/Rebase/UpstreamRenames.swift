import KernelTree
import Merging
import Patching

/// Files of the old tree that the new one has under another path: found by their name and their content.
struct UpstreamRenames: Sendable {
    /// How much of a file has to be the same.
    static let least = 0.5
    /// The most files that one that is gone is held against.
    private static let most = 200
    private var found: [RelativePath: RelativePath] = [:]

    /// Looks for the files that the new tree lacks.
    /// - Throws: What reading the trees throws.
    static func find(
        _ paths: some Sequence<RelativePath>, old: any FetchedTree, new: any FetchedTree
    ) async throws -> UpstreamRenames {
        let gone = try paths.filter { try old.read($0)?.kind == .regular && new.read($0) == nil }
        guard !gone.isEmpty else { return UpstreamRenames() }
        // What was there before has not moved there.
        let added = Set(new.names()).subtracting(old.names())
        let named = Dictionary(grouping: added, by: \.name)
        let beside = Dictionary(grouping: added, by: \.parent)
        // A file that moves keeps its name as a rule; where only its name changes, it stays in its folder.
        let candidates = gone.map { path in
            (
                path: path,
                others: Array(Set((named[path.name] ?? []) + (beside[path.parent] ?? [])).sorted().prefix(most))
            )
        }
        try await new.fetch(candidates.flatMap(\.others))
        var renames = UpstreamRenames()
        for (path, others) in candidates {
            let content = try old.read(path)?.content.bytes ?? []
            var alike: [(path: RelativePath, share: Double)] = []
            for other in others {
                guard let file = try new.read(other), file.kind == .regular else { continue }
                // Half of the lines are not the same where one has but a fifth of the other's bytes.
                guard min(content.count, file.content.count) * 5 >= max(content.count, file.content.count) else {
                    continue
                }
                let share = Similarity.ofLines(content, file.content.bytes)
                if share >= least { alike.append((other, share)) }
            }
            alike.sort { $0.share > $1.share }
            guard let best = alike.first, alike.count == 1 || alike[1].share < best.share else { continue }
            renames.found[path] = best.path
        }
        return renames
    }

    /// Where a file of the old tree is now; `nil` where it has not moved.
    subscript(path: RelativePath) -> RelativePath? { found[path] }
}
