import KernelTree
import Merging
import Patching
import Series

/// What upstream's changes of native files mean for the twins that a series brings.
struct TwinPorter {
    /// A twin with its native file.
    struct Pair {
        let twin: RelativePath
        let native: RelativePath
    }

    let pairs: [Pair]

    /// Finds the twins among the files of a series: those whose native file the old tree has.
    /// - Returns: Also the native files, which have to be fetched.
    init(_ paths: [RelativePath], names: TwinNames, old: any FetchedTree, new: any FetchedTree) async throws {
        var candidates: [(twin: RelativePath, natives: [RelativePath])] = []
        for path in paths {
            let natives = names.natives(of: path.string).compactMap { RelativePath($0) }
            if !natives.isEmpty { candidates.append((path, natives)) }
        }
        let natives = candidates.flatMap(\.natives)
        for tree in [old, new] { try await tree.fetch(natives) }
        var pairs: [Pair] = []
        for (twin, natives) in candidates {
            let native = try natives.first { try old.read($0)?.kind == .regular }
            if let native { pairs.append(Pair(twin: twin, native: native)) }
        }
        self.pairs = pairs
    }

    /// What came of the twins.
    struct Outcome {
        let twins: [PortedTwin]
        /// As one more patch of the series; `nil` where no native file has changed.
        let patch: PortedPatch?
    }

    /// Carries the changes over.
    /// - Parameters:
    ///   - old: The old tree as upstream made it.
    ///   - new: The new one.
    ///   - moved: The new tree with the series.
    ///   - isSkipped: Whether what is in conflict is to stay as it is.
    func port(
        old: any TreeReading, new: any TreeReading, moved: any TreeReading, renames: UpstreamRenames,
        learning: UpstreamLearning, resolutions: Resolutions, name: String, isSkipped: Bool
    ) throws -> Outcome {
        var twins: [PortedTwin] = []
        var files: [PortedPatch.File] = []
        var diffs: [UInt8] = []
        for pair in pairs {
            guard let before = try old.read(pair.native), let twin = try moved.read(pair.twin), twin.kind == .regular
            else { continue }
            let target = renames[pair.native] ?? pair.native
            guard let after = try new.read(target), after.kind == .regular else {
                twins.append(PortedTwin(twin: pair.twin, native: pair.native, target: nil, hunks: [], learned: []))
                files.append(
                    PortedPatch.File(
                        path: pair.twin, verdict: isSkipped ? .skipped : .conflict,
                        reason: "upstream has removed or split \(pair.native)"))
                continue
            }
            if before.content.hasSameBytes(as: after.content) { continue }
            let sides = (before.content.bytes, twin.content.bytes, after.content.bytes)
            let whole = resolutions.answer(
                .init(.file, MergeConflict(base: sides.0, ours: sides.1, theirs: sides.2)), for: name,
                file: pair.twin.string)
            let known = try Self.learned(pair.native, sides, learning)
            let place = (name, pair.twin.string)
            let includesNative = SourceText.includes(in: sides.1).contains { include in
                include.isQuoted && HeaderSearch.paths(of: include, beside: pair.twin).contains(pair.native)
            }
            var (merge, used) = Self.merge(sides, resolutions, at: place, includesNative: includesNative)
            if !known.isEmpty, !merge.merge.conflicts.isEmpty {
                let other = Self.merge(
                    (known.applied(to: sides.0), known.applied(to: sides.1), sides.2), resolutions, at: place,
                    includesNative: includesNative)
                if other.merge.merge.conflicts.count < merge.merge.conflicts.count { (merge, used) = other }
            }
            if let whole { used = [PortedPatch.Used(whole)] }
            // Where nothing is in conflict, what is left of the old words is in lines that only the twin has.
            let isWhole = whole == nil && merge.merge.conflicts.isEmpty
            let learned = isWhole ? known.used(in: merge.text) : []
            let text = whole?.text ?? (isWhole ? known.applied(to: merge.text) : merge.text)
            let isOpen = whole == nil && !isSkipped && !merge.merge.conflicts.isEmpty
            let rules = whole.map { [$0.rule] } ?? merge.merge.rules.union(learned.isEmpty ? [] : [.learned]).sorted()
            let count = merge.merge.conflicts.count
            var file = PortedPatch.File(
                path: pair.twin, verdict: isOpen ? .conflict : .merged, rules: rules,
                reason: isOpen ? "of \(merge.hunks.count) changes \(count) meet other lines in the twin" : nil,
                merge: isOpen ? merge.merge : nil, used: used, learned: learned, labels: .twins)
            file.content = sides
            files.append(file)
            twins.append(
                PortedTwin(
                    twin: pair.twin, native: pair.native, target: target == pair.native ? nil : target,
                    hunks: merge.hunks, learned: learned))
            diffs += Self.diff(pair.twin, sides.1, text)
        }
        guard !files.isEmpty else { return Outcome(twins: twins, patch: nil) }
        let isOpen = files.contains { $0.verdict == .conflict }
        let blob = diffs.isEmpty ? nil : Blob(Self.header(twins) + diffs)
        return Outcome(
            twins: twins,
            patch: PortedPatch(name: name, verdict: isOpen ? .conflict : .merged, files: files, blob: blob))
    }

    private typealias Sides = (old: [UInt8], twin: [UInt8], new: [UInt8])

    private static func merge(
        _ sides: Sides, _ resolutions: Resolutions, at place: (patch: String, file: String), includesNative: Bool
    ) -> (merge: TwinMerge, used: [PortedPatch.Used]) {
        var used: [PortedPatch.Used] = []
        let merge = TwinMerge(old: sides.old, new: sides.new, twin: sides.twin, includesNative: includesNative) {
            conflict in
            guard let answer = resolutions.answer(.init(.lines, conflict), for: place.patch, file: place.file) else {
                return nil
            }
            used.append(PortedPatch.Used(answer))
            return (answer.text, answer.rule)
        }
        return (merge, used)
    }

    /// What upstream replaced everywhere in the native file, or of the words of the twin's own lines in all files.
    private static func learned(
        _ native: RelativePath, _ sides: Sides, _ learning: UpstreamLearning
    ) throws -> Replacements {
        let here = try Replacements(learning.gone(learning.replacements(in: native).used(in: sides.twin)))
        let words = OwnLines(from: sides.old, to: sides.twin).identifiers
        let elsewhere = try learning.replacements(of: words) { word in
            here.all.contains { $0.names(word) } || TextSearch.hasWord(Array(word), in: sides.new)
        }
        return elsewhere.isEmpty ? here : Replacements(here.all + elsewhere)
    }

    private static func diff(_ path: RelativePath, _ before: [UInt8], _ after: [UInt8]) -> [UInt8] {
        let hunks = UnifiedDiff.hunks(from: before, to: after)
        if hunks.isEmpty { return [] }
        return Array("--- a/".utf8) + path.bytes + Array("\n+++ b/".utf8) + path.bytes + [10] + hunks
    }

    /// The message: what was carried over to each twin, and how surely.
    private static func header(_ twins: [PortedTwin]) -> [UInt8] {
        var text = """
            Subject: xen: bring upstream's changes of native files into their twins

            What upstream changed in each native file, done to the file that replaces it under Xen. Derived from the lines
            that both have; read what is not exact.


            """
        for twin in twins {
            let exact = twin.hunks.count { $0.rule?.isExact == true }
            let open = twin.hunks.count { $0.rule == nil }
            text += "\(twin.twin): \(twin.hunks.count) changes, \(exact) exact"
            let derived = twin.hunks.count - exact - open
            if derived > 0 { text += ", \(derived) derived" }
            if open > 0 { text += ", \(open) left as it was" }
            text += "\n"
        }
        return Array((text + "---\n\n").utf8)
    }
}
