/// What a patch does to a file.
public enum FileOperation: String, Sendable, CaseIterable {
    /// Changes content or mode.
    case modify
    /// Makes a new file.
    case create
    /// Removes the file.
    case delete
    /// Moves the file, possibly changing it.
    case rename
    /// Makes a file from another, possibly changing it.
    case copy
}

/// What became of one file of a patch. A class, because there are many, and they are handed from owner to report.
public final class FileReport: Sendable {
    /// The file (the new name where it moves).
    public let path: RelativePath
    /// The old name where it moves or is copied.
    public let source: RelativePath?
    /// What is done to it.
    public let operation: FileOperation
    /// The worst of its hunks, or of the file as a whole.
    public let verdict: PlacementVerdict
    /// Every hunk, in the order of the patch.
    public let hunks: [HunkReport]
    /// Why the file as a whole fails, if that is not for a hunk.
    public let reason: FailureReason?
    /// Whether any of its hunks has to be looked at, whatever its verdict is.
    public let hasWarnings: Bool

    init(
        path: RelativePath, source: RelativePath?, operation: FileOperation, verdict: PlacementVerdict,
        hunks: [HunkReport], reason: FailureReason?
    ) {
        self.path = path
        self.source = source
        self.operation = operation
        self.verdict = verdict
        self.hunks = hunks
        self.reason = reason
        hasWarnings = hunks.contains {
            $0.isUnchecked || $0.landedIn != nil || $0.verdict.isApplied && $0.verdict > .offset
        }
    }
}
