import Concurrency
import KernelTree
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
struct PatchPorter: Sendable {
    let old: TreeOverlay
    let new: TreeOverlay
    let policy: PlacementPolicy
    private let renames: UpstreamRenames
    let learning: UpstreamLearning
    let pieces: UpstreamPieces
    private let headers: UpstreamHeaders
    let resolutions: Resolutions
    private let skipped: Set<String>
    let workers: Int
    /// The files of which a patch is in conflict.
    private var unsettled: Set<RelativePath> = []
    private(set) var exact: PlacementPolicy

    init(
        old: any FetchedTree, new: any FetchedTree, renames: UpstreamRenames, learning: UpstreamLearning,
        pieces: UpstreamPieces, paths: [RelativePath], resolutions: Resolutions, skipped: Set<String>,
        policy: PlacementPolicy,
        workers: Int
    ) {
        self.workers = workers
        self.renames = renames
        self.learning = learning
        self.pieces = pieces
        self.resolutions = resolutions
        self.skipped = skipped
        self.old = TreeOverlay(old)
        self.new = TreeOverlay(new)
        headers = UpstreamHeaders(old: old, new: new, overlays: (self.old, self.new), paths: paths, workers: workers)
        self.policy = policy
        exact = policy
        exact.fuzz = 0
    }

    /// A file with what the patch and upstream do to it.
    struct Change: Sendable {
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
        /// Whether it is a piece of the file that upstream has moved to another, beside what is left in its place.
        var isPiece = false
    }

    /// What came of a patch.
    enum Outcome {
        case ported(PortedPatch)
        /// It does not apply to the old tree.
        case unfit(SeriesReport)
    }

    /// Moves the next patch.
    /// - Throws: `PatchError`, and what reading the trees throws.
    mutating func port(_ input: PatchInput) async throws -> Outcome {
        let meant = try SeriesApplication.run(patches: [input], on: old, policy: policy, workers: workers)
        guard meant.report.failures.isEmpty else { return .unfit(meant.report) }
        let patch = try await port(input, meant.changes)
        for file in patch.files where file.verdict == .conflict {
            unsettled.formUnion([file.path, file.target ?? file.path])
        }
        return .ported(patch)
    }

    private mutating func port(_ input: PatchInput, _ meant: [FileChange]) async throws -> PortedPatch {
        let porter = self
        var changes = try Parallel.map(count: meant.count, workers: workers) { index in
            let target = try porter.target(of: meant[index])
            return try porter.merge(
                meant[index], of: input.name, with: meant, into: target, there: try porter.new.read(target))
        }
        let plain = changes
        for index in changes.indices where changes[index].file.verdict == .conflict {
            let taken = Set(changes.map(\.target) + meant.map(\.path))
            guard let moved = try await elsewhere(changes[index], taken: taken) else { continue }
            changes[index] = moved[0]
            changes += moved[1...]
        }
        try await doubt(&changes)
        let hasPieces = changes.contains { $0.file.rules.contains { $0 == .movedFunction || $0 == .split } }
        old.take(meant)
        if skipped.contains(input.name) {
            let files = changes.map { $0.with(.skipped, rules: []) }
            return PortedPatch(name: input.name, verdict: .skipped, files: files, blob: nil)
        }
        if let replaced = try replaced(input, changes) { return replaced }
        let wanted = changes.map { FileChange(path: $0.target, before: $0.there, after: $0.result) }
        // As it is.
        let placed = placed(input)
        if let placed, placed.report.failures.isEmpty {
            // Lines that are alike may be elsewhere: that a patch fits is no answer to a conflict.
            let isSame = Self.isSame(placed.changes, wanted)
            if placed.report.isStrictlyClean, isSame {
                return finish(input, .fits, changes.map { $0.unchanged(.fits) }, placed.changes, input.blob)
            }
            if isSame, let moved = try refreshed(input) {
                return finish(input, .moved, changes.map { $0.unchanged(.moved) }, placed.changes, moved)
            }
        }
        if changes.contains(where: { $0.file.verdict == .conflict }) {
            // What was found elsewhere is left out again where the patch that comes of it cannot be written.
            let done = try partial(input, changes)
            return done.blob == nil && hasPieces ? try partial(input, plain) : done
        }
        if changes.allSatisfy({ $0.file.verdict == .upstream }) {
            return PortedPatch(name: input.name, verdict: .upstream, files: changes.map(\.file), blob: nil)
        }
        guard let blob = try rewritten(input, changes), try proves(blob, of: input, wanted) else {
            if hasPieces { return try partial(input, plain) }
            let files = changes.map { change in
                change.with(.conflict, rules: change.file.rules, reason: "the patch that comes of it cannot be written")
            }
            return PortedPatch(name: input.name, verdict: .conflict, files: files, blob: nil)
        }
        return finish(input, .merged, changes.map(\.file), wanted, blob)
    }

    /// Says of which files upstream has taken away what the patch brings to them a use of.
    private func doubt(_ changes: inout [Change]) async throws {
        let all = changes
        let needs = Parallel.map(count: all.count, workers: workers) { index in
            let file = all[index].file
            // What somebody has decided is not doubted.
            let isAsked = file.used.isEmpty && file.verdict != .conflict && file.verdict != .upstream
            return isAsked ? UpstreamHeaders.Needs(all[index]) : nil
        }
        guard needs.contains(where: { $0 != nil }) else { return }
        // What the patch itself brings is there.
        let brought = all.filter { $0.target.bytes.suffix(2).elementsEqual(".h".utf8) && $0.file.verdict != .conflict }
        new.take(brought.map { FileChange(path: $0.target, before: $0.there, after: $0.result) })
        defer { new.take(brought.map { FileChange(path: $0.target, before: $0.result, after: $0.there) }) }
        for (index, needs) in needs.enumerated() {
            guard let needs, let gone = try await headers.gone(needs, in: all[index], unless: unsettled) else {
                continue
            }
            changes[index].file = all[index].file.doubted(.goneName, Self.text(gone))
        }
    }

    /// The patch on the new tree, as strictly as can be; `nil` where it cannot be read.
    func placed(_ input: PatchInput) -> AppliedSeries? {
        var options = ApplicationOptions()
        // Nobody is told of what does not fit as it is.
        options.explainsFailures = false
        return try? SeriesApplication.run(
            patches: [input], on: new, policy: exact, workers: workers, options: options)
    }

    /// What of a patch in conflict can be moved: the other files, and what is not in conflict of those that are. Without it
    /// one conflict in a patch of a hundred files would take the patches behind it with it.
    private mutating func partial(_ input: PatchInput, _ changes: [Change]) throws -> PortedPatch {
        let parts = changes.map { change in
            guard change.file.verdict == .conflict else { return change }
            var part = change
            part.result = change.there
            if let merge = change.file.merge { part.result?.content = Blob(merge.partialText) }
            return part
        }
        let wanted = parts.map { FileChange(path: $0.target, before: $0.there, after: $0.result) }
        var blob: Blob?
        if wanted.contains(where: { !TreeFile.same($0.before, $0.after) }), let part = try rewritten(input, parts),
            try proves(part, of: input, wanted)
        {
            blob = part
            new.take(wanted)
        }
        return PortedPatch(name: input.name, verdict: .conflict, files: changes.map(\.file), blob: blob)
    }

    /// The patch that somebody has written for this one's place, if it fits there exactly.
    private mutating func replaced(_ input: PatchInput, _ changes: [Change]) throws -> PortedPatch? {
        guard let answer = resolutions.answer(.patch(input.blob.bytes), for: input.name, file: "") else { return nil }
        let used = [PortedPatch.Used(answer)]
        var other = input
        other.blob = Blob(answer.text)
        if let placed = placed(other), placed.report.failures.isEmpty, placed.report.isStrictlyClean {
            let files = placed.changes.map { change in
                PortedPatch.File(path: change.path, verdict: .merged, rules: [answer.rule], used: used)
            }
            return finish(input, .merged, files, placed.changes, other.blob)
        }
        // What is remembered may be for another tree: then it is as if it was not there.
        guard answer.rule == .resolved else { return nil }
        let refusal = refusal(of: other)
        if changes.contains(where: { $0.file.verdict == .conflict }) {
            var patch = try partial(input, changes)
            patch.refusal = refusal
            return patch
        }
        let files = changes.map { $0.with(.conflict, rules: [], reason: Self.refused + ": " + refusal) }
        var patch = PortedPatch(name: input.name, verdict: .conflict, files: files, blob: nil)
        patch.refusal = refusal
        return patch
    }

    private static let refused = "the patch written for it does not apply here exactly"

    /// Why a patch that somebody has written does not apply here exactly.
    private func refusal(of input: PatchInput) -> String {
        do {
            let report = try SeriesApplication.run(patches: [input], on: new, policy: exact, workers: workers).report
            if let failure = report.failures.first { return failure.message }
            for file in report.patches.flatMap(\.files) {
                if let hunk = file.hunks.first(where: { $0.verdict != .clean }) {
                    return "\(file.path): hunk \(hunk.number) does not fit at the very line that it names"
                }
            }
            return "it does not fit exactly"
        } catch let error as PatchError {
            return error.message
        } catch { return "\(error)" }
    }

    private func finish(
        _ input: PatchInput, _ verdict: PortedPatch.Verdict, _ files: [PortedPatch.File], _ changes: [FileChange],
        _ blob: Blob
    ) -> PortedPatch {
        new.take(changes)
        return PortedPatch(name: input.name, verdict: verdict, files: files, blob: blob)
    }

    /// Whether two sets of changes leave the same files.
    static func isSame(_ some: [FileChange], _ others: [FileChange]) -> Bool {
        var left = Dictionary(some.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        for change in others {
            // A file that is removed has nothing afterwards: that is not the same as not being mentioned.
            let after = if let other = left.removeValue(forKey: change.path) { other.after } else { change.before }
            guard TreeFile.same(after, change.after) else { return false }
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

    private func merge(
        _ change: FileChange, of patch: String, with all: [FileChange], into target: RelativePath, there: TreeFile?
    ) throws -> Change {
        let isRenamed = target != change.path
        let (before, after) = (change.before, change.after)
        func made(
            _ verdict: PortedPatch.Verdict, _ result: TreeFile?, rules: Set<ThreeWayMerge.Rule> = [],
            isPartly: Bool = false, reason: String? = nil, merge: ThreeWayMerge? = nil, used: [PortedPatch.Used] = [],
            learned: [Replacement] = []
        ) -> Change {
            var file = PortedPatch.File(
                path: change.path, target: isRenamed ? target : nil, verdict: verdict,
                rules: rules.union(isRenamed && verdict != .conflict ? [.renamed] : []).sorted(),
                isPartlyUpstream: isPartly, reason: reason, merge: merge, used: used, learned: learned)
            if verdict == .conflict || verdict == .upstream {
                file.content = (
                    before?.content.bytes ?? [], after?.content.bytes ?? [], there?.content.bytes ?? []
                )
            }
            return Change(
                path: change.path, target: target, before: before, after: after, there: there, result: result,
                file: file)
        }
        if TreeFile.same(before, there) {
            guard let before, let after, let text = try taught(change.path, before, after, before, for: patch) else {
                return made(isRenamed ? .merged : .moved, after)
            }
            var result = after
            (result.identity, result.content) = (nil, Blob(text.bytes))
            return made(.merged, result, rules: [.lines, .learned], learned: text.learned)
        }
        if after == nil, there == nil, before != nil, let moved = renames[change.path] {
            return made(.conflict, nil, reason: "the patch removes this file, which upstream has moved to \(moved)")
        }
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
        var result = there
        result.identity = nil
        if before.permissions != after.permissions { result.permissions = after.permissions }
        if let answer = resolutions.answer(
            .init(.file, MergeConflict(base: texts[0], ours: texts[1], theirs: texts[2])), for: patch,
            file: change.path.string)
        {
            result.content = Blob(answer.text)
            let isGone = TreeFile.same(result, there)
            return made(
                isGone ? .upstream : .merged, result, rules: [answer.rule],
                reason: isGone ? Self.nothingLeft : nil,
                used: [PortedPatch.Used(answer)])
        }
        var merged = try merged(change.path, texts, for: patch)
        if merged.merge.rules.contains(.removedBlock), moves(change, to: all) {
            let rules = Set(ThreeWayMerge.Rule.allCases).subtracting([.removedBlock])
            merged = try self.merged(change.path, texts, for: patch, rules: rules)
        }
        let (merge, learned, used) = (merged.merge, merged.learned, merged.used)
        guard let text = merge.text else {
            let reason =
                switch merge.conflicts.count {
                case 0: "a line that one side leaves without an end is not the last any more"
                case 1: "upstream has changed the same lines"
                case let count: "upstream has changed the same lines in \(count) places"
                }
            return made(.conflict, nil, reason: reason, merge: merge, learned: learned)
        }
        result.content = Blob(text)
        if !used.isEmpty, TreeFile.same(result, there) {
            return made(.upstream, there, rules: merge.rules, reason: Self.nothingLeft, used: used)
        }
        // What somebody has decided is not doubted.
        let doubts = used.isEmpty ? MergeDoubt.all(base: texts[0], ours: texts[1], theirs: texts[2], result: text) : []
        var reasons = doubts.map(Self.text)
        if merge.rules.contains(.removedBlock) {
            reasons.append("upstream has changed lines amid those that the patch takes away: they go too")
        }
        let reason = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
        let rules = Set(doubts.map(\.rule)).union(learned.isEmpty ? [] : [.learned])
        if TreeFile.same(result, there) {
            return made(.upstream, there, rules: rules, reason: reason, learned: learned)
        }
        return made(
            .merged, result, rules: merge.rules.union(rules), isPartly: merge.sharesChanges, reason: reason, used: used,
            learned: learned)
    }

    private static func text(_ doubt: MergeDoubt) -> String {
        switch doubt {
        case .twice(let line):
            "upstream has added `\(String(decoding: line, as: UTF8.self))` as well, in another place"
        case .gone(let name):
            "it adds a use of `\(String(decoding: name, as: UTF8.self))`, which upstream has taken out of this file"
        case .elsewhere(let line):
            "it was made for `\(String(decoding: line, as: UTF8.self))`, and its change has come elsewhere"
        case .stillThere(let line):
            "it takes `\(String(decoding: line, as: UTF8.self))` away, which upstream has in another place"
        }
    }

    private static func text(_ gone: UpstreamHeaders.Gone) -> String {
        switch gone {
        case .name(let name, let header):
            "it adds a use of `\(String(decoding: name.text, as: UTF8.self))`, which \(header) had in the old tree and nothing that it "
                + "includes has in the new one"
        case .header(let header): "it includes \(header), which the new tree does not have"
        }
    }

    private static let nothingLeft = "what it was resolved to leaves nothing of the patch"
}

extension PatchPorter.Change {
    /// The file with another verdict.
    fileprivate func with(
        _ verdict: PortedPatch.Verdict, rules: [ThreeWayMerge.Rule], reason: String? = nil
    ) -> PortedPatch.File {
        PortedPatch.File(
            path: path, target: file.target, verdict: verdict, rules: rules, isPartlyUpstream: file.isPartlyUpstream,
            reason: reason, used: file.used, learned: rules.isEmpty ? [] : file.learned)
    }

    /// The file of a patch that needs no merge: what made its result doubtful still does.
    fileprivate func unchanged(_ verdict: PortedPatch.Verdict) -> PortedPatch.File {
        let doubts = file.rules.filter(\.isDoubt)
        return PortedPatch.File(
            path: path, target: file.target, verdict: verdict, rules: doubts, isPartlyUpstream: file.isPartlyUpstream,
            reason: doubts.isEmpty ? nil : file.reason, used: file.used)
    }
}
