import Merging
import Patching

/// A merge with what was needed for it.
struct LearnedMerge {
    let merge: ThreeWayMerge
    /// What upstream replaced everywhere, and what was replaced in the patch's lines.
    let learned: [Replacement]
    /// The resolutions that were used.
    let used: [PortedPatch.Used]
}

/// What upstream replaced everywhere, done to lines of patches too, and functions that it moved.
extension PatchPorter {
    /// What upstream's change teaches of the lines that a patch changes in a file.
    private func learned(_ path: RelativePath, _ texts: [[UInt8]]) throws -> (all: Replacements, own: OwnLines)? {
        guard learning.follows(path) else { return nil }
        let own = OwnLines(from: texts[0], to: texts[1])
        let here = try Replacements(learning.gone(learning.replacements(in: path).used(in: own.around)))
        // What the file still has, or has taught, needs no other file.
        let elsewhere = try learning.replacements(of: own.identifiers) { word in
            here.all.contains { $0.names(word) } || TextSearch.hasWord(Array(word), in: texts[2])
        }
        return (elsewhere.isEmpty ? here : Replacements(here.all + elsewhere), own)
    }

    /// The merge, with what was learned where that makes it possible, or where the patch adds what upstream has replaced.
    /// - Parameter rules: What may be done.
    func merged(
        _ path: RelativePath, _ texts: [[UInt8]], for patch: String,
        rules: Set<ThreeWayMerge.Rule> = Set(ThreeWayMerge.Rule.allCases)
    ) throws -> LearnedMerge {
        let place = (patch, path.string)
        let plain = merged(texts, with: [], at: place, rules)
        guard let known = try learned(path, texts) else { return plain }
        let used = known.all.used(in: known.own.around)
        guard !used.isEmpty else { return plain }
        let inAdded = known.all.used(in: known.own.added)
        if plain.merge.text != nil, inAdded.isEmpty { return plain }
        let sides = [known.all.applied(to: texts[0]), known.all.applied(to: texts[1]), texts[2]]
        if plain.merge.text != nil {
            let other = merged(sides, with: inAdded, at: place, rules)
            return other.merge.text == nil || other.merge.text == plain.merge.text ? plain : other
        }
        let other = merged(sides, with: used, at: place, rules)
        return other.merge.conflicts.count < plain.merge.conflicts.count ? other : plain
    }

    /// The merge of three sides, with what somebody has decided.
    private func merged(
        _ texts: [[UInt8]], with learned: [Replacement], at place: (patch: String, file: String),
        _ rules: Set<ThreeWayMerge.Rule>
    ) -> LearnedMerge {
        var used: [PortedPatch.Used] = []
        let merge = ThreeWayMerge(base: texts[0], ours: texts[1], theirs: texts[2], rules: rules) { conflict in
            guard let answer = resolutions.answer(.init(.lines, conflict), for: place.patch, file: place.file) else {
                return nil
            }
            used.append(PortedPatch.Used(answer))
            return (answer.text, answer.rule)
        }
        return LearnedMerge(merge: merge, learned: learned, used: used)
    }

    /// Whether a patch puts a good part of what it takes away from a file into others; taken for granted where it changes so
    /// many that nobody can look through them for each.
    func moves(_ change: FileChange, to others: [FileChange]) -> Bool {
        guard let before = change.before, let after = change.after else { return false }
        guard others.count <= 200 else { return true }
        let taken = OwnLines(from: after.content.bytes, to: before.content.bytes)
        var put: [UInt8] = []
        for other in others where other.path != change.path {
            put += OwnLines(from: other.before?.content.bytes ?? [], to: other.after?.content.bytes ?? []).added
        }
        return taken.isMostly(in: put)
    }

    /// What a patch makes of a file that upstream has not changed, with what upstream has replaced in others; `nil` where
    /// that is nothing.
    func taught(
        _ path: RelativePath, _ before: TreeFile, _ after: TreeFile, _ there: TreeFile, for patch: String
    ) throws -> (bytes: [UInt8], learned: [Replacement])? {
        guard [before, after, there].allSatisfy({ $0.kind == .regular }) else { return nil }
        let texts = [before, after, there].map(\.content.bytes)
        guard !texts.contains(where: { $0.contains(0) }) else { return nil }
        let merged = try merged(path, texts, for: patch)
        guard !merged.learned.isEmpty, let text = merged.merge.text else { return nil }
        return (text, merged.learned)
    }

    /// What a patch in conflict makes of functions that upstream has moved, and of the rest of the file.
    /// - Parameter taken: Files that the patch changes already.
    /// - Returns: What is left in the place of the file, then the other files; `nil` where not all of it is found.
    func elsewhere(_ change: Change, taken: Set<RelativePath>) async throws -> [Change]? {
        guard let before = change.before, let after = change.after, before.kind == .regular, after.kind == .regular,
            change.there == nil || change.there?.kind == .regular
        else { return nil }
        let texts = [before.content.bytes, after.content.bytes, change.there?.content.bytes ?? []]
        guard !texts.contains(where: { $0.contains(0) }) else { return nil }
        let blocks = BlockMerge(before: texts[0], after: texts[1])
        if blocks.names.isEmpty { return nil }
        let pieces = try MovedPieces.find(
            blocks, of: change.target, isThere: change.there != nil,
            candidates: try await self.pieces.candidates(for: change.path), before: old.read, now: new.read)
        guard let pieces, let rest = blocks.remainder(without: pieces.names),
            pieces.places.keys.allSatisfy({ $0 == change.target || !taken.contains($0) })
        else { return nil }
        let rule: ThreeWayMerge.Rule = change.there == nil ? .split : .movedFunction
        // What is left where it was.
        var (result, rules) = (change.there, Set<ThreeWayMerge.Rule>())
        if change.there == nil {
            guard rest == texts[0] else { return nil }
            rules = [rule]
        } else {
            let merge = ThreeWayMerge(base: texts[0], ours: rest, theirs: texts[2])
            guard let text = merge.text, let put = BlockMerge.put(pieces.places[change.target] ?? [], into: text) else {
                return nil
            }
            result?.identity = nil
            result?.content = Blob(put)
            if before.permissions != after.permissions { result?.permissions = after.permissions }
            rules = merge.rules.union(pieces.rules[change.target] ?? [])
            rules.insert(rule)
        }
        func made(_ target: RelativePath, _ there: TreeFile?, _ result: TreeFile?, _ rules: Set<ThreeWayMerge.Rule>)
            -> Change
        {
            Change(
                path: change.path, target: target, before: before, after: after, there: there, result: result,
                file: PortedPatch.File(
                    path: change.path, target: target == change.path ? nil : target,
                    verdict: TreeFile.same(there, result) ? .upstream : .merged, rules: rules.sorted()),
                isPiece: target != change.target)
        }
        var changes = [made(change.target, change.there, result, rules)]
        for (target, moved) in pieces.places.sorted(by: { $0.key < $1.key }) where target != change.target {
            guard let there = try new.read(target), let text = BlockMerge.put(moved, into: there.content.bytes) else {
                return nil
            }
            var result = there
            (result.identity, result.content) = (nil, Blob(text))
            changes.append(made(target, there, result, (pieces.rules[target] ?? []).union([rule])))
        }
        return changes
    }
}
