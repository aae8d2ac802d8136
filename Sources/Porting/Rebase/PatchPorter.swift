import Merging
import Patching

/// Moves the patches of a series, one after the other, from one tree to another.
///
/// For each patch, with the earlier ones applied to both trees:
/// 1. It has to apply to the old tree: that says what it means.
/// 2. What it does to each file of the old tree and what upstream did to that file are put together
///    (``ThreeWayMerge``). Where nothing of the patch is left, upstream has it.
/// 3. A patch that fits the new tree exactly, at the very lines, and gives that result keeps its bytes.
/// 4. Else its hunks are written anew. The patch that comes of it has to apply exactly and give that result; otherwise it
///    is a conflict.
struct PatchPorter {
    private let old: TreeOverlay
    private let new: TreeOverlay
    private let policy: PlacementPolicy
    private let renames: UpstreamRenames
    private var exact: PlacementPolicy

    init(
        old: any TreeReading, new: any TreeReading, renames: UpstreamRenames = UpstreamRenames(),
        policy: PlacementPolicy
    ) {
        self.renames = renames
        self.old = TreeOverlay(old)
        self.new = TreeOverlay(new)
        self.policy = policy
        exact = policy
        exact.fuzz = 0
    }

    /// A file with what the patch and upstream do to it.
    fileprivate struct Change {
        /// The file in the old tree.
        let path: RelativePath
        /// The file in the new tree.
        let target: RelativePath
        let before: TreeFile?
        let after: TreeFile?
        /// What is in the new tree.
        let there: TreeFile?
        /// What is to be there; meaningless for a conflict.
        var result: TreeFile?
        var file: PortedPatch.File
    }

    /// What came of a patch.
    enum Outcome {
        case ported(PortedPatch)
        /// It does not apply to the old tree.
        case unfit(SeriesReport)
    }

    /// Moves the next patch.
    /// - Throws: `PatchError`, and what reading the trees throws.
    mutating func port(_ input: PatchInput) throws -> Outcome {
        let meant = try SeriesApplication.run(patches: [input], on: old, policy: policy)
        guard meant.report.failures.isEmpty else { return .unfit(meant.report) }
        return .ported(try port(input, meant.changes))
    }

    private mutating func port(_ input: PatchInput, _ meant: [FileChange]) throws -> PortedPatch {
        var changes: [Change] = []
        for change in meant {
            let target = try target(of: change)
            changes.append(try merge(change, into: target, there: try new.read(target)))
        }
        old.take(meant)
        let wanted = changes.map { FileChange(path: $0.target, before: $0.there, after: $0.result) }
        // As it is.
        let placed = try? SeriesApplication.run(patches: [input], on: new, policy: exact)
        if let placed, placed.report.failures.isEmpty {
            let isSame = Self.isSame(placed.changes, wanted)
            let isConflict = changes.contains { $0.file.verdict == .conflict }
            if placed.report.isStrictlyClean, isSame || isConflict {
                return finish(input, .fits, changes.map { $0.with(.fits, rules: []) }, placed.changes, input.blob)
            }
            if isSame, let moved = try refreshed(input) {
                return finish(input, .moved, changes.map { $0.with(.moved, rules: []) }, placed.changes, moved)
            }
        }
        if changes.contains(where: { $0.file.verdict == .conflict }) {
            return PortedPatch(name: input.name, verdict: .conflict, files: changes.map(\.file), blob: nil)
        }
        if changes.allSatisfy({ $0.file.verdict == .upstream }) {
            return PortedPatch(name: input.name, verdict: .upstream, files: changes.map(\.file), blob: nil)
        }
        guard let blob = try rewritten(input, changes), try proves(blob, of: input, wanted) else {
            let files = changes.map { change in
                change.with(.conflict, rules: change.file.rules, reason: "the patch that comes of it cannot be written")
            }
            return PortedPatch(name: input.name, verdict: .conflict, files: files, blob: nil)
        }
        return finish(input, .merged, changes.map(\.file), wanted, blob)
    }

    private func finish(
        _ input: PatchInput, _ verdict: PortedPatch.Verdict, _ files: [PortedPatch.File], _ changes: [FileChange],
        _ blob: Blob
    ) -> PortedPatch {
        new.take(changes)
        return PortedPatch(name: input.name, verdict: verdict, files: files, blob: blob)
    }

    /// Whether two sets of changes leave the same files.
    private static func isSame(_ some: [FileChange], _ others: [FileChange]) -> Bool {
        var left = Dictionary(some.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        for change in others {
            guard TreeFile.same(left.removeValue(forKey: change.path)?.after ?? change.before, change.after) else {
                return false
            }
        }
        return left.values.allSatisfy { TreeFile.same($0.before, $0.after) }
    }

    // MARK: one file

    /// Where a file is in the new tree.
    private func target(of change: FileChange) throws -> RelativePath {
        guard change.before != nil, change.after != nil, let moved = renames[change.path],
            try new.read(change.path) == nil
        else { return change.path }
        return moved
    }

    private func merge(_ change: FileChange, into target: RelativePath, there: TreeFile?) throws -> Change {
        let isRenamed = target != change.path
        let (before, after) = (change.before, change.after)
        func made(
            _ verdict: PortedPatch.Verdict, _ result: TreeFile?, rules: Set<ThreeWayMerge.Rule> = [],
            isPartly: Bool = false, reason: String? = nil, marked: [UInt8]? = nil
        ) -> Change {
            Change(
                path: change.path, target: target, before: before, after: after, there: there, result: result,
                file: PortedPatch.File(
                    path: change.path, target: isRenamed ? target : nil, verdict: verdict,
                    rules: rules.union(isRenamed && verdict != .conflict ? [.renamed] : []).sorted(),
                    isPartlyUpstream: isPartly,
                    reason: reason, marked: marked))
        }
        if TreeFile.same(before, there) { return made(isRenamed ? .merged : .moved, after) }
        if TreeFile.same(after, there) { return made(.upstream, there) }
        guard let before, before.kind == .regular else {
            return made(
                .conflict, nil,
                reason: before == nil
                    ? "the patch makes this file, and the new tree has another one" : "it is not a plain file")
        }
        guard let there, there.kind == .regular else {
            return made(.conflict, nil, reason: "the new tree does not have this file")
        }
        guard let after, after.kind == .regular else {
            return made(.conflict, nil, reason: "the patch removes this file, and upstream has changed it")
        }
        let texts = [before, after, there].map(\.content.bytes)
        if texts.contains(where: { $0.contains(0) }) {
            return made(.conflict, nil, reason: "it is a binary file that upstream has changed")
        }
        let merge = ThreeWayMerge(base: texts[0], ours: texts[1], theirs: texts[2])
        guard let text = merge.text else {
            let count = merge.conflicts
            return made(
                .conflict, nil,
                reason: count == 1
                    ? "upstream has changed the same lines" : "upstream has changed the same lines in \(count) places",
                marked: merge.marked(ours: "the patch", base: "the old tree", theirs: "the new tree"))
        }
        var result = there
        result.content = Blob(text)
        result.identity = nil
        if before.permissions != after.permissions { result.permissions = after.permissions }
        if TreeFile.same(result, there) { return made(.upstream, there) }
        return made(.merged, result, rules: merge.rules, isPartly: merge.sharesChanges)
    }

    // MARK: the patch's text

    /// The patch with the numbers and the context of the new tree, where that is all that changes.
    private func refreshed(_ input: PatchInput) throws -> Blob? {
        let refresh = try SeriesRefresh.run(patches: [input], on: new, policy: exact)
        guard refresh.isProven else { return nil }
        return refresh.patches.first?.blob ?? input.blob
    }

    /// The patch with hunks for the new tree: everything outside of the hunks stays as it is.
    private func rewritten(_ input: PatchInput, _ changes: [Change]) throws -> Blob? {
        let patch = try ParsedPatch.parse(input.blob, name: input.name, strip: input.strip, reading: policy.reading)
        let known = Dictionary(changes.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        let bytes = input.blob.bytes
        var text: [UInt8] = []
        var at = 0
        var rest = Set(known.keys)
        for file in patch.files {
            guard let path = file.newPath ?? file.oldPath ?? file.indexPath, let change = known[path], !file.isRename,
                !file.isCopy, !file.isContextDiff, file.source === input.blob, case .text = file.payload,
                rest.remove(path) != nil, let first = file.hunks.first, let last = file.hunks.last,
                let begin = Self.lineStart(of: first, in: bytes)
            else { return nil }
            if change.file.verdict == .upstream {
                // Nothing of this file is left to do.
                guard let header = Self.start(ofLine: file.line, in: bytes), header >= at else { return nil }
                text += bytes[at..<header]
            } else {
                text += Self.renamed(bytes[at..<begin], from: path, to: change.target)
                let (one, two) = (change.there?.content.bytes ?? [], change.result?.content.bytes ?? [])
                text += input.reverse ? UnifiedDiff.hunks(from: two, to: one) : UnifiedDiff.hunks(from: one, to: two)
            }
            at = last.body.upperBound
        }
        guard rest.isEmpty else { return nil }
        return Blob(text + bytes[at...])
    }

    /// The lines that name a file, with its new path.
    private static func renamed(
        _ text: ArraySlice<UInt8>, from old: RelativePath, to new: RelativePath
    ) -> [UInt8] {
        guard old != new else { return Array(text) }
        var result: [UInt8] = []
        for line in TextLines(Array(text)).lines {
            let isHeader = ["diff --git ", "--- ", "+++ ", "Index: "].contains { line.starts(with: $0.utf8) }
            result += isHeader ? replaced(line, old.bytes, new.bytes) : Array(line)
        }
        return result
    }

    private static func replaced(_ line: ArraySlice<UInt8>, _ old: [UInt8], _ new: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var at = line.startIndex
        while at < line.endIndex {
            let isStart = at == line.startIndex || line[at - 1] == UInt8(ascii: "/") || line[at - 1] == 32
            if isStart, line[at...].starts(with: old) {
                result += new
                at += old.count
            } else {
                result.append(line[at])
                at += 1
            }
        }
        return result
    }

    private static func lineStart(of hunk: Hunk, in bytes: [UInt8]) -> Int? {
        var at = hunk.section.lowerBound
        while at > 0, bytes[at - 1] != 10 { at -= 1 }
        return bytes[at...].starts(with: "@@ -".utf8) ? at : nil
    }

    private static func start(ofLine number: Int, in bytes: [UInt8]) -> Int? {
        var at = 0
        for _ in 1..<max(number, 1) {
            guard let end = bytes[at...].firstIndex(of: 10) else { return nil }
            at = end + 1
        }
        return at
    }

    /// Whether a patch applies exactly and leaves what is wanted.
    private func proves(_ blob: Blob, of input: PatchInput, _ wanted: [FileChange]) throws -> Bool {
        var input = input
        input.blob = blob
        guard let applied = try? SeriesApplication.run(patches: [input], on: new, policy: exact),
            applied.report.failures.isEmpty, applied.report.isStrictlyClean
        else { return false }
        return Self.isSame(applied.changes, wanted)
    }
}

extension PatchPorter.Change {
    /// The file with another verdict.
    fileprivate func with(
        _ verdict: PortedPatch.Verdict, rules: [ThreeWayMerge.Rule], reason: String? = nil
    ) -> PortedPatch.File {
        PortedPatch.File(
            path: path, target: file.target, verdict: verdict, rules: rules, isPartlyUpstream: file.isPartlyUpstream,
            reason: reason,
            marked: nil)
    }
}
