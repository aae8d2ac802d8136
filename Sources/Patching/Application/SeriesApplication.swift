import Bytes
import Concurrency

/// A patch of a series, ready to be applied.
public struct PatchInput: Sendable {
    /// How it is called in reports and errors.
    public var name: String
    /// The patch file.
    public var blob: Blob
    /// How many leading folders file names lose (`-p`).
    public var strip: Int
    /// Whether it is reverted instead of applied (`-R`).
    public var reverse: Bool

    /// Describes a patch.
    public init(name: String, blob: Blob, strip: Int = 1, reverse: Bool = false) {
        self.name = name
        self.blob = blob
        self.strip = strip
        self.reverse = reverse
    }

    /// Describes a patch.
    public init(name: String, bytes: [UInt8], strip: Int = 1, reverse: Bool = false) {
        self.init(name: name, blob: Blob(bytes), strip: strip, reverse: reverse)
    }
}

/// A change of a tree: one path and what is there afterwards.
public struct FileChange: Sendable {
    /// The file.
    public let path: RelativePath
    /// What was there before; `nil` for nothing.
    public let before: TreeFile?
    /// What is there afterwards; `nil` for nothing.
    public let after: TreeFile?

    /// Describes a change.
    public init(path: RelativePath, before: TreeFile?, after: TreeFile?) {
        self.path = path
        self.before = before
        self.after = after
    }
}

/// What was at a path before a patch of the series changed it: what quilt keeps under `.pc`.
public struct Preimage: Sendable {
    /// The patch, from 0.
    public let patchIndex: Int
    /// The file.
    public let path: RelativePath
    /// What was there; `nil` for nothing.
    public let file: TreeFile?
}

/// A series after it was applied in memory.
public struct AppliedSeries: Sendable {
    /// What became of every patch.
    public let report: SeriesReport
    /// What has to change in the tree, sorted by path; nothing where the report has a failure, or nobody asked for it.
    public let changes: [FileChange]
    /// The paths that are not what they were before the series, in no order; none where nobody asked for changes.
    public let changedPaths: [RelativePath]
    /// What each patch found, in the order of the series; empty unless asked for.
    public let preimages: [Preimage]
    /// The hunks that were rewritten, in the order of the series.
    let rewritten: [RewrittenHunk]
    /// How many lines were compared to find places and to explain failures: what the work costs, whatever the machine.
    package let effort: Int
    /// The patches and what came of them, kept as long as the report that refers to them: to give them back earlier only
    /// takes time.
    let parsed: [ParsedPatch]
    let outcomes: [FileGroupPatcher.Outcome]
}

/// Applies a series of patches in memory.
///
/// 1. Every patch file is taken apart, in parallel.
/// 2. Files that a rename, a copy or two names in one header tie together get one owner (``FileGroups``), and so do files of
///    which one has the path of a folder that the other one is in.
/// 3. Owners work in parallel; each applies its patches in the order of the series, so that the result does not
///    depend on the number of workers.
/// 4. The outcomes are put together in the order of the series; failures are explained.
public enum SeriesApplication {
    /// Applies patches to a tree, in memory.
    /// - Parameters:
    ///   - patches: The patches, in order.
    ///   - tree: Where files are read; called from several threads.
    ///   - policy: How exact placement has to be.
    ///   - workers: How many threads work; the result does not depend on it.
    ///   - options: What is wanted beside the report.
    /// - Throws: ``PatchError`` for the first patch that is not well formed, and what `tree` throws.
    ///   A patch that does not apply is not an error: it is in the report.
    public static func run(
        patches: [PatchInput], on tree: any TreeReading, policy: PlacementPolicy = .standard, workers: Int = 1,
        options: ApplicationOptions = ApplicationOptions()
    ) throws -> AppliedSeries {
        try run(
            sources: patches.map { PatchSource($0) }, on: tree, policy: policy, workers: workers, options: options)
    }

    /// Applies patches that are read when they are needed.
    /// - Throws: As the other; what `sources` throw; ``PatchError`` for a patch file that has changed meanwhile.
    public static func run(
        sources: [PatchSource], on tree: any TreeReading, policy: PlacementPolicy = .standard, workers: Int = 1,
        options: ApplicationOptions = ApplicationOptions()
    ) throws -> AppliedSeries {
        let grouping = FileGrouping(count: sources.count)
        let identities = ResultPlaces<ContentIdentity>(count: sources.count)
        let parsed = try Parallel.map(count: sources.count, workers: workers) { index in
            let (patch, identity) = try sources[index].parse(policy.reading)
            grouping.add(patch, at: index)
            identities[index] = identity
            return patch
        }
        let applied = try run(
            parsed, grouping.groups(), reversed: sources.map(\.reverse), on: tree, policy, workers, options)
        _ = try Parallel.map(count: sources.count, workers: workers) { index in
            try sources[index].check(parsed[index], identities[index])
        }
        return applied
    }

    /// Applies patches that are taken apart already.
    /// - Parameter reversed: Which of them are reverted instead of applied.
    public static func run(
        parsed: [ParsedPatch], reversed: [Bool], on tree: any TreeReading, policy: PlacementPolicy = .standard,
        workers: Int = 1, options: ApplicationOptions = ApplicationOptions()
    ) throws -> AppliedSeries {
        try run(parsed, FileGroups(parsed), reversed: reversed, on: tree, policy, workers, options)
    }

    private static func run(
        _ parsed: [ParsedPatch], _ groups: FileGroups, reversed: [Bool], on tree: any TreeReading,
        _ policy: PlacementPolicy, _ workers: Int, _ options: ApplicationOptions
    ) throws -> AppliedSeries {
        let progress = FileGroupPatcher.SharedProgress()
        let outcomes = try Parallel.map(
            count: groups.entries.count, workers: workers, order: groups.largestFirst
        ) { index in
            var owner = FileGroupPatcher(
                parsed: parsed, reversed: reversed, tree: tree, policy: policy, options: options, progress: progress,
                isNested: groups.isNested(index))
            return try owner.run(groups.entries[index])
        }
        return try assemble(parsed, reversed, groups, outcomes, tree, workers, options)
    }

    /// Puts the owners' results together in the order of the series.
    static func assemble(
        _ parsed: [ParsedPatch], _ reversed: [Bool], _ groups: FileGroups, _ outcomes: [FileGroupPatcher.Outcome],
        _ tree: any TreeReading, _ workers: Int, _ options: ApplicationOptions
    ) throws -> AppliedSeries {
        var changes: [FileChange] = []
        var changed: [(path: RelativePath, digest: [UInt8])] = []
        var preimages: [Preimage] = []
        var attempts: [FailedAttempt] = []
        var rewritten: [RewrittenHunk] = []
        var summary = ApplySummary()
        var effort = 0
        for outcome in outcomes {
            changes += outcome.result.changes
            changed += outcome.result.changed
            preimages += outcome.result.preimages
            attempts += outcome.result.attempts
            rewritten += outcome.result.rewritten
            summary.files += outcome.result.touched
            effort += outcome.result.effort
        }
        changes.sort { $0.path < $1.path }
        preimages.sort { ($0.patchIndex, $0.path) < ($1.patchIndex, $1.path) }
        rewritten.sort { ($0.entry, $0.range.lowerBound) < ($1.entry, $1.range.lowerBound) }
        attempts.sort { ($0.entry, $0.hunk ?? 0) < ($1.entry, $1.hunk ?? 0) }

        let reports = Parallel.map(count: parsed.count, workers: workers) { index in
            PatchReport(
                name: parsed[index].name, ignored: parsed[index].ignored,
                files: (groups.firstFile[index]..<groups.firstFile[index + 1]).map { number in
                    let place = groups.places[number]
                    return outcomes[place.owner].result.reports[place.index]
                })
        }
        for index in reports.indices { summary.count(reports[index].verdict, hunks: reports[index].hunkCount) }
        if attempts.isEmpty { attempts = collided(parsed, groups, outcomes) }
        var explainer = FailureExplainer(parsed: parsed, reversed: reversed, groups: groups, tree: tree)
        let failures = attempts.enumerated().map { explainer.explain($1, number: options.explainsFailures ? $0 : .max) }
        let report = SeriesReport(
            patches: reports, failures: failures, summary: summary,
            resultDigest: options.digestsResult ? digest(changed.sorted { $0.path < $1.path }) : nil)
        // What does not apply as a whole is not for writing.
        if !failures.isEmpty { changes = [] }
        return AppliedSeries(
            report: report, changes: changes, changedPaths: changed.map(\.path), preimages: preimages,
            rewritten: rewritten, effort: effort + explainer.effort, parsed: parsed, outcomes: outcomes)
    }

    /// Files of the series that other files of the series would have to be folders for, with those.
    private static func collisions(
        _ groups: FileGroups, _ outcomes: [FileGroupPatcher.Outcome]
    ) -> [(path: RelativePath, folder: RelativePath)] {
        var found: [(path: RelativePath, folder: RelativePath)] = []
        for outcome in outcomes {
            for path in outcome.result.created {
                let folder = path.parents.first { folder in
                    groups.owner(of: folder).map { outcomes[$0].result.present.contains(folder) } ?? false
                }
                if let folder { found.append((path, folder)) }
            }
        }
        return found
    }

    private static func collided(
        _ parsed: [ParsedPatch], _ groups: FileGroups, _ outcomes: [FileGroupPatcher.Outcome]
    ) -> [FailedAttempt] {
        collisions(groups, outcomes).compactMap { path, folder in
            guard let owner = groups.owner(of: path), let entry = groups.entries[owner].last else { return nil }
            let side = FileSide(parsed[entry.patch].files[entry.file], reverse: false)
            var attempt = FailedAttempt(
                entry: entry, side: side, choice: FileChoice(source: path, operation: .create))
            attempt.reason = .fileIsFolder(folder)
            return attempt
        }
    }

    /// The owners whose patches an explanation of the failures looks at.
    static func ownersToExplain(_ groups: FileGroups, _ outcomes: [FileGroupPatcher.Outcome]) -> [Int] {
        let failed = outcomes.indices.filter { !outcomes[$0].result.attempts.isEmpty }
        return failed.isEmpty ? collisions(groups, outcomes).compactMap { groups.owner(of: $0.path) } : failed
    }

    /// The SHA-256 over the digests of all changes, sorted by path.
    private static func digest(_ changed: [(path: RelativePath, digest: [UInt8])]) -> String {
        var hash = DigestStream(.sha256)
        for change in changed { hash.update(change.digest) }
        return hash.finish()
    }
}

extension FileChange {
    /// The SHA-256 of the path and of what is there afterwards: kind, mode and content.
    var digest: [UInt8] {
        var hash = DigestStream(.sha256)
        hash.update(path.bytes + [0])
        if let after {
            hash.update(Array("\(after.kind) \(after.permissions)\0".utf8))
            after.content.withUnsafeBytes { hash.update($0) }
        }
        return hash.finishBytes()
    }
}

extension ApplySummary {
    fileprivate mutating func count(_ verdict: PlacementVerdict, hunks count: Int) {
        patches += 1
        hunks += count
        switch verdict {
        case .clean: clean += 1
        case .offset: offset += 1
        case .fuzz: fuzz += 1
        case .ambiguous: ambiguous += 1
        case .alreadyApplied: alreadyApplied += 1
        case .failed: failed += 1
        case .skipped: skipped += 1
        }
    }
}
