/// Until when a patch fits a history.
public struct BreakFinding: Sendable {
    /// What was found.
    public enum Outcome: Sendable {
        /// It fits the last revision.
        case fits
        /// It does not fit the first revision.
        case neverFitted
        /// It fits `last`, and `first`, a child of that, no more.
        case breaks(first: Revision, last: Revision)
    }

    /// A commit of the history.
    public struct Revision: Sendable, Equatable {
        /// Its name in full.
        public let commit: String
        /// The first line of its message.
        public let subject: String
        /// Who wrote it.
        public let author: String
        /// When, as `2024-05-13`.
        public let date: String
        /// Whether it has several parents.
        public let isMerge: Bool
    }

    /// The patch's name in the series.
    public let patch: String
    /// What was found.
    public let outcome: Outcome
    /// At how many revisions it was tried.
    public let tried: Int
    /// Why it does not fit after the commit, or the first revision: the first file that fails.
    public let file: String?
}
