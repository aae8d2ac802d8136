import Concurrency
public import Patching

extension TreeTransaction {
    /// Applies a series to the folder, all or nothing: new contents go to the stage while patches are still being
    /// applied. The transaction is over then.
    /// - Parameters:
    ///   - patches: The patches, in order.
    ///   - options: What is wanted beside the report; the changes are not kept.
    ///   - finish: Called where every patch applies, before anything of it shows: what is to be written beside the
    ///     changes of the series, or `nil` where nothing is to be written after all.
    /// - Throws: ``FolderTreeError``, `PatchError`, and what `patches` and `finish` throw; the tree is then as it was.
    ///   A patch that does not apply is not an error: it is in the report, and the tree is as it was.
    public func apply(
        _ patches: [PatchSource], policy: PlacementPolicy, options: ApplicationOptions = ApplicationOptions(),
        finish: (AppliedSeries) throws -> [FileChange]? = { _ in [] }
    ) throws -> AppliedSeries {
        defer { discard() }
        var options = options
        options.buildsChanges = false
        options.staging = self
        let applied = try SeriesApplication.run(
            sources: patches, on: try FolderTree(folder), policy: policy, workers: workers, options: options)
        guard applied.report.failures.isEmpty, let others = try finish(applied) else { return applied }
        Parallel.forEach(count: others.count, workers: workers) { take(others[$0]) }
        try commit()
        return applied
    }
}
