import KernelTree
import Merging
import Patching
import Synchronization

/// Where upstream has moved functions to: found in the files that are likely, by name and content.
final class UpstreamPieces: Sendable {
    /// The most files that are looked at for one that has changed.
    private static let most = 400
    private let old: any FetchedTree
    private let new: any FetchedTree
    private let known = Mutex<[RelativePath: [RelativePath]]>([:])
    private let oldNames = Mutex<Set<RelativePath>?>(nil)

    init(old: any FetchedTree, new: any FetchedTree) {
        self.old = old
        self.new = new
    }

    /// Files of the new tree that may have what an old one had: its neighbours, those in folders below and beside that
    /// the old tree does not have, and new ones of its name. Fetched.
    func candidates(for path: RelativePath) async throws -> [RelativePath] {
        if let found = known.withLock({ $0[path] }) { return found }
        // Each fetch of a stream reads all of it: there only what is gone was looked for, once.
        if new.isStream { return [] }
        let found = likely(path)
        try await fetch(found)
        known.withLock { $0[path] = found }
        return found
    }

    /// Looks for the candidates of several files at once.
    func prepare(_ paths: [RelativePath]) async throws {
        let found = paths.map { ($0, likely($0)) }
        try await fetch(found.flatMap(\.1))
        known.withLock { for (path, others) in found { $0[path] = others } }
    }

    private func fetch(_ paths: [RelativePath]) async throws {
        guard !paths.isEmpty else { return }
        try await new.fetch(paths)
        try await old.fetch(paths)
    }

    private func likely(_ path: RelativePath) -> [RelativePath] {
        let before = oldNames.withLock { known in
            let names = known ?? Set(old.names())
            known = names
            return names
        }
        let (folder, name, suffix) = (path.parent, path.name, Self.suffix(path))
        var ranked: [[RelativePath]] = [[], [], []]
        for other in new.names() where other != path && Self.suffix(other) == suffix {
            if other.parent == folder {
                ranked[0].append(other)
            } else if before.contains(other) {
                continue
            } else if other.name == name {
                ranked[1].append(other)
            } else if let folder, let above = other.parent, above.parent == folder || above.parent == folder.parent {
                ranked[2].append(other)
            }
        }
        return Array(ranked.flatMap { $0.sorted() }.prefix(Self.most))
    }

    /// `.c`; the whole name of a file without one, as `Kconfig`.
    private static func suffix(_ path: RelativePath) -> ArraySlice<UInt8> {
        let name = path.name
        return name.lastIndex(of: UInt8(ascii: ".")).map { name[$0...] } ?? name[...]
    }
}

/// Pieces of a file that upstream has moved, with what becomes of them.
struct MovedPieces {
    /// By the file in which they are now.
    private(set) var places: [RelativePath: [BlockMerge.Moved]] = [:]
    private(set) var rules: [RelativePath: Set<ThreeWayMerge.Rule>] = [:]
    /// The names of all of them.
    private(set) var names: [[UInt8]] = []

    /// Looks for each piece that a patch changes.
    /// - Parameters:
    ///   - blocks: What the patch changes.
    ///   - path: The file in the new tree.
    ///   - isThere: Whether the new tree has it.
    ///   - candidates: Where else they may be.
    ///   - before: What was at a place in the old tree.
    ///   - now: What is there in the new one.
    /// - Returns: `nil` where a piece is at two places, or is in conflict where it is.
    static func find(
        _ blocks: BlockMerge, of path: RelativePath, isThere: Bool, candidates: [RelativePath],
        before: (RelativePath) throws -> TreeFile?, now: (RelativePath) throws -> TreeFile?
    ) throws -> MovedPieces? {
        var found = MovedPieces()
        var texts: [(path: RelativePath, blocks: TextBlocks)] = []
        if isThere, let file = try now(path) { texts.append((path, TextBlocks(file.content.bytes))) }
        var others: [(path: RelativePath, text: [UInt8])] = []
        for other in candidates {
            if let file = try now(other), file.kind == .regular { others.append((other, file.content.bytes)) }
        }
        for name in blocks.names {
            var places = texts.compactMap { place in
                blocks.share(of: name, in: place.blocks).map { (place.path, place.blocks, $0) }
            }
            if places.isEmpty {
                let word = Array(name.split(separator: 32).last ?? [])
                for (other, text) in others where TextSearch.hasWord(word, in: text) {
                    let there = TextBlocks(text)
                    guard let share = blocks.share(of: name, in: there) else { continue }
                    // What was there before has not moved there.
                    if let file = try before(other), TextBlocks(file.content.bytes).text(of: name) != nil { continue }
                    places.append((other, there, share))
                }
                places.sort { $0.2 > $1.2 }
            }
            guard let best = places.first else { continue }
            guard places.count == 1 || places[1].2 < best.2, let (moved, rules) = blocks.merged(name, in: best.1) else {
                return nil
            }
            found.places[best.0, default: []].append(moved)
            found.rules[best.0, default: []].formUnion(rules)
            found.names.append(name)
        }
        return found.names.isEmpty ? nil : found
    }
}
