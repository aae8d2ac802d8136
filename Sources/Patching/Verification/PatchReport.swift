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
    public let isDoubtful: Bool
    /// How many hunks its files have.
    let hunkCount: Int

    /// The report on a patch with these files.
    init(name: String, ignored: [IgnoredText], files: [FileReport]) {
        self.init(
            name: name, verdict: PlacementVerdict.combined(files.lazy.map(\.verdict)), ignored: ignored, files: files)
    }

    init(name: String, verdict: PlacementVerdict, ignored: [IgnoredText], files: [FileReport]) {
        self.name = name
        self.verdict = verdict
        self.ignored = ignored
        self.files = files
        isDoubtful =
            ignored.contains(where: \.looksLikePatch) || files.isEmpty || files.contains(where: \.hasWarnings)
        hunkCount = files.reduce(0) { $0 + $1.hunks.count }
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
