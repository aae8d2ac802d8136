import KernelTree
import Merging
import Patching

/// Files of the old tree that the new one has under another path: found by their name and their content.
struct UpstreamRenames: Sendable {
    /// How much of a file has to be the same.
    static let least = 0.5
    private var found: [RelativePath: RelativePath] = [:]

    /// Looks for the files that the new tree lacks.
    /// - Throws: What reading the trees throws.
    static func find(
        _ paths: some Sequence<RelativePath>, old: any FetchedTree, new: any FetchedTree
    ) async throws -> UpstreamRenames {
        var renames = UpstreamRenames()
        var candidates: [(path: RelativePath, others: [RelativePath])] = []
        for path in paths {
            guard let file = try old.read(path), file.kind == .regular, try new.read(path) == nil else { continue }
            // A file that moves keeps its name as a rule; where only its name changes, it stays in its folder.
            let others = new.relatives(of: path).filter { $0.name == path.name }
            if !others.isEmpty { candidates.append((path, others)) }
        }
        try await new.fetch(candidates.flatMap(\.others))
        for (path, others) in candidates {
            let content = try old.read(path)?.content.bytes ?? []
            var alike: [(path: RelativePath, share: Double)] = []
            for other in others {
                // What was there before has not moved there.
                guard let file = try new.read(other), file.kind == .regular, try old.read(other) == nil else {
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
