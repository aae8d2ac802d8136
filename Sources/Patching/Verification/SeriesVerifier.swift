import Concurrency
import Synchronization

/// A series that is applied to one tree after the other; what the trees share is done once.
///
/// A group of files that is the same in a second tree has the same outcome there: its reports are taken over. With a
/// ``VerificationMemory`` this goes from one run to the next, and patches that did not change are not even read.
///
/// 1. Every patch is taken apart, or remembered by the identity of its file.
/// 2. For each group of files its former outcomes are tried: the patches and the files of the tree must be the same.
/// 3. What is left is patched; patches that were only remembered are read for it.
/// 4. Failures are never remembered from run to run: they are examined again.
public final class SeriesVerifier: Sendable {
    private let sources: [PatchSource]
    private let groups: FileGroups
    private let policy: PlacementPolicy
    private let workers: Int
    private let options: ApplicationOptions
    private let keepsMemory: Bool
    /// The hashes of the patches and of what each group is made of; empty without a memory.
    private let digests: [Fingerprint]
    private let keys: [Fingerprint]
    private let state: Mutex<State>
    /// What the patches' files were when they were read.
    private let files: [LoadedFile]

    private struct State {
        /// The patches; of those that are only remembered, names and no content.
        var parsed: [ParsedPatch]
        var known: [[Known]]
        var memory: VerificationMemory
        var reused = 0
        /// Where the reports come from: to give its parts back only takes time.
        var applied: [AppliedSeries] = []
    }

    /// What came out of a group, and on what.
    private struct Known: Sendable {
        /// The tree it was found in; `nil` where it is remembered from another run.
        var tree: (any TreeReading)?
        var outcome: FileGroupPatcher.Outcome
    }

    /// The most outcomes of a group that are kept.
    private static let mostOutcomes = 8

    /// Takes a series apart that is in memory.
    /// - Throws: ``PatchError``.
    public convenience init(
        patches: [PatchInput], policy: PlacementPolicy = .standard, workers: Int = 1,
        options: ApplicationOptions = ApplicationOptions(buildsChanges: false)
    ) throws {
        try self.init(
            sources: patches.map { PatchSource($0) }, policy: policy, workers: workers, options: options)
    }

    /// Takes a series apart.
    /// - Parameters:
    ///   - sources: The patches, in order.
    ///   - memory: What earlier runs have found; `nil` where nothing is to be remembered. It is of no use where the
    ///     options ask for more than a report.
    ///   - sharesWork: Whether there will be more than one tree.
    /// - Throws: ``PatchError``, and what the sources throw.
    public init(
        sources: [PatchSource], policy: PlacementPolicy = .standard, workers: Int = 1,
        options: ApplicationOptions = ApplicationOptions(buildsChanges: false), memory: VerificationMemory? = nil,
        sharesWork: Bool = true
    ) throws {
        self.sources = sources
        self.policy = policy
        self.workers = workers
        let plain =
            !options.buildsChanges && options.staging == nil && !options.keepsPreimages && !options.refreshes
        keepsMemory = memory != nil && plain
        var options = options
        options.remembersInputs = sharesWork || keepsMemory
        self.options = options
        let earlier = keepsMemory ? memory : nil
        let grouping = FileGrouping(count: sources.count)
        let files = ResultPlaces<LoadedFile>(count: sources.count)
        let parsed = try Parallel.map(count: sources.count, workers: workers) { index in
            let (patch, file) = try Self.load(sources[index], policy.reading, earlier)
            grouping.add(patch, at: index)
            files[index] = file
            return patch
        }
        let loaded = files.takeAll()
        self.files = loaded
        groups = grouping.groups()
        var memory = VerificationMemory()
        var keys: [Fingerprint] = []
        var digests: [Fingerprint] = []
        if keepsMemory {
            digests = loaded.map { $0.digest ?? Fingerprint([]) }
            // All of it, whatever rules there will be.
            let rules = Array("\(policy), digests \(options.digestsResult)".utf8)
            keys = Parallel.map(count: groups.entries.count, workers: workers) { [groups, digests] index in
                VerificationMemory.key(groups.entries[index], digests, sources, rules)
            }
        }
        (self.digests, self.keys) = (digests, keys)
        let known = keys.map { key in
            (earlier?.outcomes[key] ?? []).map { Known(tree: nil, outcome: $0) }
        }
        let isRemembered = loaded.allSatisfy { $0.digest == nil || $0.isRemembered }
        memory.isChanged =
            !isRemembered
            || earlier.map { $0.patches.count != loaded.count { $0.digest != nil && $0.identity != nil } } ?? false
        state = Mutex(
            State(
                parsed: parsed, known: keys.isEmpty ? groups.entries.indices.map { _ in [] } : known, memory: memory))
    }

    /// What the file of a patch was when it was read.
    private struct LoadedFile: Sendable {
        var identity: ContentIdentity?
        var digest: Fingerprint?
        var isRemembered = false
    }

    private static func load(
        _ source: PatchSource, _ reading: PatchReading, _ memory: VerificationMemory?
    ) throws -> (ParsedPatch, LoadedFile) {
        guard let memory else {
            let (patch, identity) = try source.parse(reading)
            return (patch, LoadedFile(identity: identity))
        }
        if let identity = source.identity(),
            let known = memory.patches[.init(identity: identity, strip: source.strip, reading: reading)]
        {
            let file = LoadedFile(identity: identity, digest: known.digest, isRemembered: true)
            return (known.outline.named(source.name), file)
        }
        let (patch, identity) = try source.parse(reading)
        return (patch, LoadedFile(identity: identity, digest: patch.blob.fingerprint))
    }

    /// How many groups of files did not have to be patched again so far.
    public var reusedGroups: Int { state.withLock { $0.reused } }

    /// What there is to remember for the next run: what was of use in this one.
    /// - Parameter time: When this run began to look at files. What was changed about then or later may change again
    ///   without showing it, and is not remembered.
    /// - Returns: `nil` where the memory handed in says it already.
    public func memory(asOf time: ContentIdentity.Time) -> VerificationMemory? {
        guard keepsMemory else { return nil }
        return state.withLock { state in
            guard state.memory.isChanged else { return nil }
            var memory = state.memory
            for (index, file) in files.enumerated() {
                guard let identity = file.identity, let digest = file.digest, !identity.isRacy(at: time) else {
                    continue
                }
                let key = VerificationMemory.PatchKey(
                    identity: identity, strip: sources[index].strip, reading: policy.reading)
                memory.patches[key] = .init(digest: digest, outline: state.parsed[index])
            }
            for (key, outcomes) in zip(keys, state.known) {
                let lasting = outcomes.map(\.outcome).filter { outcome in
                    outcome.result.attempts.isEmpty
                        && outcome.result.inputs.allSatisfy {
                            !($0.identity?.isRacy(at: time) ?? ($0.kind == .regular))
                        }
                }
                if !lasting.isEmpty { memory.outcomes[key] = lasting }
            }
            return memory
        }
    }

    /// What becomes of the series on a tree.
    /// - Throws: What the tree throws, and ``PatchError``.
    public func verify(_ tree: any TreeReading) throws -> SeriesReport {
        let known = state.withLock { $0.known }
        var outcomes: [FileGroupPatcher.Outcome?]
        if known.allSatisfy(\.isEmpty) {
            outcomes = Array(repeating: nil, count: groups.entries.count)
        } else {
            outcomes = try Parallel.map(count: groups.entries.count, workers: workers) { [self] index in
                try recall(known[index], tree)
            }
        }
        let open = groups.largestFirst.filter { outcomes[$0] == nil }
        try fetch(patchesOf: open)
        let parsed = state.withLock { $0.parsed }
        let reversed = sources.map(\.reverse)
        let fresh = try Parallel.map(count: open.count, workers: workers) { [self] place in
            var owner = FileGroupPatcher(
                parsed: parsed, reversed: reversed, tree: tree, policy: policy, options: options,
                isNested: groups.isNested(open[place]))
            return try owner.run(groups.entries[open[place]])
        }
        for (index, outcome) in zip(open, fresh) { outcomes[index] = outcome }
        if options.remembersInputs {
            state.withLock { state in
                state.reused += groups.entries.count - open.count
                if !open.isEmpty { state.memory.isChanged = true }
                for (index, outcome) in zip(open, fresh) {
                    state.known[index].append(Known(tree: tree, outcome: outcome))
                    if state.known[index].count > Self.mostOutcomes { state.known[index].removeFirst() }
                }
            }
        }
        try checkPatches(of: open)
        let complete = outcomes.compactMap { $0 }
        try fetch(patchesOf: SeriesApplication.ownersToExplain(groups, complete))
        let applied = try SeriesApplication.assemble(
            state.withLock { $0.parsed }, reversed, groups, complete, tree, workers, options)
        state.withLock { $0.applied.append(applied) }
        return applied.report
    }

    /// The patch files that have been used are still what was read of them: a verdict on something else would be none.
    private func checkPatches(of indices: [Int]) throws {
        let parsed = state.withLock { $0.parsed }
        let all = parsed.indices.filter { parsed[$0].blob.isMapped }
        if all.isEmpty { return }
        let used = Set(indices.flatMap { groups.entries[$0].map(\.patch) })
        let mapped = all.filter { used.contains($0) || parsed[$0].files.isEmpty }
        _ = try Parallel.map(count: mapped.count, workers: workers) { [sources, files] place in
            let index = mapped[place]
            try sources[index].check(parsed[index], files[index].identity)
        }
    }

    /// Every path the series names.
    public var paths: [RelativePath] { groups.paths }

    /// The paths that have to be read to tell what becomes of the series on a tree: those of groups without a former
    /// outcome that holds there, as far as the tree's identities tell.
    public func pathsToRead(on tree: any TreeReading) throws -> [RelativePath] {
        let known = state.withLock { $0.known }
        let settled = Parallel.map(count: groups.entries.count, workers: workers) { index in
            known[index].contains { candidate in
                // What cannot be told without reading has to be read.
                candidate.outcome.result.inputs.allSatisfy { (try? $0.isUnchanged(in: tree)) ?? false }
            }
        }
        return groups.paths.filter { path in groups.owner(of: path).map { !settled[$0] } ?? true }
    }

    /// A former outcome that holds for the tree too.
    private func recall(_ known: [Known], _ tree: any TreeReading) throws -> FileGroupPatcher.Outcome? {
        for candidate in known.reversed() {
            let holds = try candidate.outcome.result.inputs.allSatisfy { input in
                guard let first = candidate.tree else { return try input.isUnchanged(in: tree) }
                return try input.isSame(in: tree, as: first)
            }
            if holds { return candidate.outcome }
        }
        return nil
    }

    /// Reads what is only remembered of the patches of some groups.
    private func fetch(patchesOf indices: [Int]) throws {
        let parsed = state.withLock { $0.parsed }
        var wanted: Set<Int> = []
        for index in indices {
            for entry in groups.entries[index] where parsed[entry.patch].isOutline { wanted.insert(entry.patch) }
        }
        guard !wanted.isEmpty else { return }
        let order = wanted.sorted()
        let sources = sources
        let (digests, reading) = (digests, policy.reading)
        let read = try Parallel.map(count: order.count, workers: workers) { place in
            let source = sources[order[place]]
            let patch = try source.parse(reading).patch
            // What is remembered under the old content's name must have been made from the old content.
            guard patch.blob.fingerprint == digests[order[place]] else {
                throw PatchError(patch: source.name, line: 1, problem: .changedMeanwhile)
            }
            return patch
        }
        state.withLock { for (index, patch) in zip(order, read) { $0.parsed[index] = patch } }
    }
}
