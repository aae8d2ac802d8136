import KernelTree
import Merging
import Patching

/// What upstream has taken out of the headers that a source file includes.
///
/// A patch may go together with upstream's change line by line and still use what no header has any more: a function, a
/// constant, the member of a structure, or the header itself. It applies, and does not compile.
struct UpstreamHeaders: Sendable {
    private let old: HeaderIndex
    private let new: HeaderIndex

    /// What a patch uses and the new tree does not give it.
    enum Gone: Sendable {
        /// A name that this header had in the old tree.
        case name(TextKey, header: RelativePath)
        /// A header that it includes, where that was in the old tree.
        case header(RelativePath)
    }

    /// - Parameters:
    ///   - overlays: The trees with what patches have made of them.
    ///   - paths: The files of the series.
    init(
        old: any FetchedTree, new: any FetchedTree, overlays: (old: TreeOverlay, new: TreeOverlay),
        paths: [RelativePath],
        workers: Int
    ) {
        let folders = Set(paths.compactMap(\.parent))
        self.old = HeaderIndex(old, overlay: overlays.old, folders: folders, workers: workers)
        self.new = HeaderIndex(new, overlay: overlays.new, folders: folders, workers: workers)
    }

    /// What a patch brings to a file, and somebody else has to declare.
    struct Needs: Sendable {
        let names: Set<TextKey>
        let includes: [SourceText.Include]
        /// What the file includes in the old tree, with the patch, and in the new one.
        let old, new: [SourceText.Include]

        /// `nil` where nothing is needed.
        /// - Parameter change: The file with what comes of it.
        init?(_ change: PatchPorter.Change) {
            guard UpstreamHeaders.isCompiled(change.target), let after = change.after, after.kind == .regular,
                let result = change.result, result.kind == .regular
            else { return nil }
            let source = SourceText(result.content.bytes)
            var (names, includes) = (source.needs, source.includes)
            if let there = change.there, there.kind == .regular {
                let former = there.content.bytes
                let known = Set(SourceText.includes(in: former))
                includes.removeAll { known.contains($0) }
            }
            guard !names.isEmpty || !includes.isEmpty else { return nil }
            (self.names, self.includes) = (names, includes)
            new = source.includes
            old = after.content.hasSameBytes(as: result.content) ? new : SourceText.includes(in: after.content.bytes)
        }
    }

    /// The first thing that the patch brings to a file, that a header gave it in the old tree, and that none does in the new
    /// one: that has the patch's own headers already.
    /// - Parameters:
    ///   - needs: What it brings.
    ///   - change: The file.
    ///   - unsettled: Files that are in conflict: what they will offer is not known.
    func gone(
        _ needs: Needs, in change: PatchPorter.Change, unless unsettled: Set<RelativePath>
    ) async throws -> Gone? {
        let old = try await old.offer(of: needs.names, including: needs.old, at: change.path, without: unsettled)
        guard !old.names.isEmpty || needs.includes.contains(where: { old.direct[$0] != nil }) else { return nil }
        let new = try await new.offer(of: Set(old.names.keys), including: needs.new, at: change.target)
        for include in needs.includes {
            if let header = old.direct[include], new.direct[include] == nil { return .header(header) }
        }
        // What is included and found in neither tree may have it.
        let isKnown =
            !new.isPartial
            && needs.new.allSatisfy { !$0.isQuoted || new.direct[$0] != nil || old.direct[$0] != nil }
        guard isKnown else { return nil }
        var gone = Set(old.names.keys).subtracting(new.names.keys)
        if !gone.isEmpty, let there = change.there, there.kind == .regular {
            gone.subtract(SourceText(there.content.bytes).names)
        }
        // The first in the order of the bytes: always the same.
        let name = gone.min { $0.text.lexicographicallyPrecedes($1.text) }
        return name.flatMap { name in old.names[name].map { .name(name, header: $0) } }
    }

    /// Whether a file is compiled by itself: what a header needs is known only to those who include it.
    private static func isCompiled(_ path: RelativePath) -> Bool {
        path.bytes.suffix(2).elementsEqual(".c".utf8) || path.bytes.suffix(2).elementsEqual(".S".utf8)
    }
}
