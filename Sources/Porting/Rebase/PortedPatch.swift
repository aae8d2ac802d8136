public import Merging
public import Patching

/// What became of a patch that was moved to another tree.
public struct PortedPatch: Sendable {
    /// How it went.
    public enum Verdict: String, Sendable, CaseIterable {
        /// It fits as it is: its bytes are kept.
        case fits
        /// Its hunks are elsewhere, or their context is another: only numbers and context change.
        case moved
        /// Its change and upstream's were put together.
        case merged
        /// The new tree has all of it.
        case upstream
        /// It could not be moved.
        case conflict
    }

    /// A file that it changes.
    public struct File: Sendable {
        /// The file.
        public let path: RelativePath
        /// Where it is in the new tree, if upstream has moved it.
        public let target: RelativePath?
        /// How it went.
        public let verdict: Verdict
        /// What was needed to put two changes together.
        public let rules: [ThreeWayMerge.Rule]
        /// Whether the new tree has a part of it.
        public let isPartlyUpstream: Bool
        /// Why it could not be moved.
        public let reason: String?
        /// For a conflict the file with both sides and their base.
        public let marked: [UInt8]?
    }

    /// Its name in the series.
    public let name: String
    /// How it went.
    public let verdict: Verdict
    /// Its files.
    public let files: [File]
    /// Its bytes in the new series; `nil` where it is not in it.
    public let blob: Blob?

    /// Whether something was done that is likely, but not certain.
    public var isDerived: Bool { verdict != .conflict && files.contains { !$0.rules.allSatisfy(\.isExact) } }
}
