public import KernelTree
public import Patching
public import Series
import SystemPackage

/// A series that is applied to a tree: all of it, or nothing.
public struct ApplyRequest: Sendable {
    /// The tree: a folder, or with ``changesNothing`` anything that can be read as a tree.
    public var tree: SourceLocation
    /// The series.
    public var series: SeriesStack
    /// How exact placement has to be.
    public var policy: PlacementPolicy
    /// Whether anything but a clean fit leaves the tree alone.
    public var isStrict = false
    /// Whether only what would happen is worked out.
    public var changesNothing = false
    /// Whether the state before each patch is kept in `.pc`, as quilt does.
    public var keepsQuiltState = false
    /// How many threads work.
    public var workers = 1
    /// The permission bits that new files do not get (umask(2)).
    public var mask: UInt16 = 0o022
    /// The environment of git.
    public var environment: [String: String] = [:]

    /// Asks for a series to be applied.
    public init(tree: SourceLocation, series: SeriesStack, policy: PlacementPolicy) {
        self.tree = tree
        self.series = series
        self.policy = policy
    }

    /// Applies the series.
    /// - Parameters:
    ///   - mapping: Called once before patch files of a folder are mapped, with what rolls back an unfinished change: a
    ///     file that is cut off while it is mapped ends the process with SIGBUS.
    ///   - deliver: Called with the outcome, exactly once, and before the tree is changed: the outcome's text is made
    ///     from the mapped patches, which must not be able to fail afterwards. What it throws leaves the tree as it was.
    /// - Returns: The outcome. Keeping it to the end of the process saves the time to free its memory.
    /// - Throws: ``PortingError``, `FolderTreeError`, `PatchError`, `SeriesError`, or what `deliver` throws.
    public func perform(
        mapping: (_ cleanUp: @escaping @Sendable () -> Void) -> Void, deliver: (ApplyOutcome) throws -> Void
    ) async throws -> ApplyOutcome {
        try series.requireList(for: policy)
        if keepsQuiltState { try series.requireList(for: .quilt) }
        guard case .folder = tree else {
            let outcome = try await tryOut()
            try deliver(outcome)
            return outcome
        }
        return try perform(mapping, deliver)
    }

    /// On a folder.
    private func perform(
        _ mapping: (_ cleanUp: @escaping @Sendable () -> Void) -> Void, _ deliver: (ApplyOutcome) throws -> Void
    ) throws -> ApplyOutcome {
        guard case .folder(let folder) = tree else { throw PortingError.notWritable(tree: tree) }
        let list = keepsQuiltState ? try quiltList() : nil
        var patches = try series.sources(mapped: true)
        let transaction = changesNothing ? nil : try TreeTransaction(in: folder, workers: workers)
        mapping { transaction?.discard() }
        let before = list == nil ? 0 : try QuiltState.applied(of: patches.map(\.name), on: try FolderTree(folder))
        patches.removeFirst(before)
        var options = ApplicationOptions(buildsChanges: false, keepsPreimages: keepsQuiltState)
        options.mask = mask
        var outcome: ApplyOutcome?
        /// What is written with the changes of a series that applies; `nil` leaves the tree as it is.
        func accept(_ applied: AppliedSeries) throws -> [FileChange]? {
            try Task.checkCancellation()
            if isStrict && !applied.report.isStrictlyClean { return nil }
            var state: QuiltState?
            if let list {
                state = try QuiltState(
                    applied, patches: patches.map(\.name), on: try FolderTree(folder), folder: list.folder.string,
                    series: list.name)
            }
            let accepted = ApplyOutcome(
                applied, selection: series.selection, appliedBefore: before, unrestorable: state?.unrestorable ?? [],
                written: !changesNothing)
            try deliver(accepted)
            outcome = accepted
            return state?.changes ?? []
        }
        let applied: AppliedSeries
        if let transaction {
            applied = try transaction.apply(patches, policy: policy, options: options, finish: accept)
        } else {
            applied = try SeriesApplication.run(
                sources: patches, on: try FolderTree(folder), policy: policy, workers: workers, options: options)
            if applied.report.failures.isEmpty { _ = try accept(applied) }
        }
        if let outcome { return outcome }
        let refused = ApplyOutcome(
            applied, selection: series.selection, appliedBefore: before, unrestorable: [], written: false)
        try deliver(refused)
        return refused
    }

    /// Works out what would happen on a tree that is not a folder.
    private func tryOut() async throws -> ApplyOutcome {
        guard changesNothing else { throw PortingError.notWritable(tree: tree) }
        if keepsQuiltState { throw PortingError.quiltStateWithoutFolder(tree: tree) }
        let source = try await TreeSource.open(tree, environment: environment)
        let verifier = try SeriesVerifier(sources: try series.sources(mapped: false), policy: policy, workers: workers)
        return ApplyOutcome(try await verifier.verify(fetching: source), selection: series.selection)
    }

    /// The folder of the patches and the file that lists them, as quilt has to know them.
    private func quiltList() throws(PortingError) -> (folder: FilePath, name: String) {
        guard series.series.count == 1, let only = series.series.first else {
            throw .quiltStateOfSeveral(count: series.series.count)
        }
        guard [.quilt, .debian].contains(only.dialect), let name = only.file.lastComponent?.string else {
            throw .quiltCannotRead(series: only.name)
        }
        return (only.folder, name)
    }
}
