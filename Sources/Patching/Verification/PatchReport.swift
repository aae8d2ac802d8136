public import Diagnostics

/// What became of one patch.
public struct PatchReport: Sendable {
    /// The patch's name.
    public let name: String
    /// The worst of its files.
    public let verdict: PlacementVerdict
    /// Text that nothing was done with.
    public let ignored: [IgnoredText]
    /// Every file, in the order of the patch.
    public let files: [FileReport]

    /// Whether something about it has to be looked at even where all of it was applied as it says: text that looks like a
    /// patch was left out, it changes nothing, or a hunk may be in the wrong place.
    public var isDoubtful: Bool {
        ignored.contains(where: \.looksLikePatch) || files.isEmpty || files.contains(where: \.hasWarnings)
    }

    /// The patch as `pass`, `warn` or `fail`.
    public var outcome: Verdict {
        switch verdict {
        case .clean, .offset: isDoubtful ? .warn : .pass
        case .fuzz, .ambiguous: .warn
        case .alreadyApplied, .failed, .skipped: .fail
        }
    }
}
