public import Patching
public import Series

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
    /// What of the series was to be applied, and what is left out.
    public let selection: SeriesSelection
    /// The memory that the outcome was made in.
    private let applied: AppliedSeries?

    init(
        _ applied: AppliedSeries, selection: SeriesSelection, appliedBefore: Int, unrestorable: [RelativePath],
        written: Bool
    ) {
        self.selection = selection
        report = applied.report
        self.appliedBefore = appliedBefore
        self.unrestorable = unrestorable
        self.written = written
        self.applied = applied
    }

    /// The outcome of a series that was only tried out.
    package init(_ report: SeriesReport, selection: SeriesSelection? = nil) {
        self.selection = selection ?? SeriesSelection(selected: report.patches.count, leftOut: [])
        self.report = report
        (appliedBefore, unrestorable, written, applied) = (0, [], false, nil)
    }
}
