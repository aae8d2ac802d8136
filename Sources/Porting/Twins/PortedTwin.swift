public import Merging
public import Patching

/// What upstream's change of a native file means for its twin.
public struct PortedTwin: Sendable {
    /// The twin.
    public let twin: RelativePath
    /// Its native file in the old tree.
    public let native: RelativePath
    /// Where the native file is in the new tree, if upstream has moved it.
    public let target: RelativePath?
    /// The changes, in order; none where the new tree does not have the native file.
    public let hunks: [TwinMerge.Hunk]
    /// What upstream replaced everywhere, and what was therefore replaced in lines that only the twin has.
    public let learned: [Replacement]
}
