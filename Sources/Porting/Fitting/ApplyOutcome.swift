public import Patching

/// What became of a series that was to be applied.
public struct ApplyOutcome: Sendable {
    /// Every patch, and what failed.
    public let report: SeriesReport
    /// How many patches of the series the tree had before, by quilt's record.
    public let appliedBefore: Int
    /// Files that quilt will not give back when it takes the patches back.
    public let unrestorable: [RelativePath]
    /// Whether the tree is changed.
    public let written: Bool
    /// The memory that the outcome was made in.
    private let applied: AppliedSeries?

    init(_ applied: AppliedSeries, appliedBefore: Int, unrestorable: [RelativePath], written: Bool) {
        report = applied.report
        self.appliedBefore = appliedBefore
        self.unrestorable = unrestorable
        self.written = written
        self.applied = applied
    }

    /// The outcome of a series that was only tried out.
    package init(_ report: SeriesReport) {
        self.report = report
        (appliedBefore, unrestorable, written, applied) = (0, [], false, nil)
    }
}
