/// How a hunk, and with it a file, a patch and a series, went. Ordered from best to worst.
public enum PlacementVerdict: String, Sendable, CaseIterable, Comparable {
    /// It fitted exactly where it said.
    case clean
    /// It fitted exactly, but at another line.
    case offset
    /// It fitted only with some of its context ignored.
    case fuzz
    /// It was placed by offset or fuzz and would have fitted elsewhere just as well.
    case ambiguous
    /// Its result is already in the tree; it does not apply.
    case alreadyApplied
    /// It does not apply.
    case failed
    /// It was not tried, because an earlier patch of the same file failed.
    case skipped

    /// Whether the hunk was applied.
    public var isApplied: Bool { self < .alreadyApplied }

    /// The verdict of what consists of parts with these: the worst of them. Something is only there already if all of it
    /// is; with a part that would be applied, it fails.
    static func combined(_ parts: some Sequence<PlacementVerdict>) -> PlacementVerdict {
        var worst = PlacementVerdict.clean
        var someApply = false
        for part in parts {
            worst = max(worst, part)
            if part.isApplied { someApply = true }
        }
        return worst == .alreadyApplied && someApply ? .failed : worst
    }

    /// From best to worst; what was skipped counts as better than what failed.
    public static func < (left: PlacementVerdict, right: PlacementVerdict) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .clean: 0
        case .offset: 1
        case .fuzz: 2
        case .ambiguous: 3
        case .alreadyApplied: 4
        case .skipped: 5
        case .failed: 6
        }
    }
}
