public import Patching
public import SystemPackage

extension TreeTransaction {
    /// Applies a series to a folder, all or nothing: new contents go to the stage while patches are still being applied.
    /// - Parameters:
    ///   - patches: The patches, in order.
    ///   - workers: How many threads work; the result does not depend on it.
    ///   - options: What is wanted beside the report; the changes are not kept.
    ///   - finish: Called where every patch applies: what is to be written beside the changes of the series, or `nil`
    ///     where nothing is to be written after all.
    /// - Throws: ``FolderTreeError``, `PatchError`, and what `patches` and `finish` throw; the tree is then as it was.
    ///   A patch that does not apply is no error: it is in the report, and the tree is as it was.
    public static func apply(
        _ patches: [PatchSource], to folder: FilePath, policy: PlacementPolicy, workers: Int,
        options: ApplicationOptions = ApplicationOptions(),
        finish: (AppliedSeries) throws -> [FileChange]? = { _ in [] }
    ) throws -> AppliedSeries {
        let transaction = try TreeTransaction(in: folder, workers: workers)
        defer { transaction.discard() }
        var options = options
        options.buildsChanges = false
        options.staging = transaction
        let applied = try SeriesApplication.run(
            sources: patches, on: try FolderTree(folder), policy: policy, workers: workers, options: options)
        guard applied.report.failures.isEmpty, let others = try finish(applied) else { return applied }
        spread(others.count, workers) { transaction.take(others[$0]) }
        try transaction.commit()
        return applied
    }
}
