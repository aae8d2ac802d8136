/// What was learned about a failure.
public struct FailureExplanation: Sendable {
    /// A line of a small diff between what a hunk expects and what the file has.
    public struct DiffLine: Sendable, Equatable {
        /// Whose line it is.
        public enum Kind: String, Sendable {
            /// Both have it.
            case same
            /// The patch expects it and the file does not have it.
            case expected
            /// The file has it and the patch does not expect it.
            case found
        }
        /// Whose line it is.
        public let kind: Kind
        /// The line in the file, from 1; `nil` for expected lines.
        public let line: Int?
        /// The text.
        public let text: String
    }

    /// The place in the file that comes closest to what the hunk expects.
    public struct ClosestPlace: Sendable, Equatable {
        /// Its first line, from 1.
        public let line: Int
        /// How many of the expected lines are there.
        public let matching: Int
        /// How many lines are expected.
        public let expected: Int
        /// Expected against found.
        public let diff: [DiffLine]
    }

    /// An earlier hunk of the series that changed lines this one needs.
    public struct EarlierChange: Sendable, Equatable {
        /// The earlier patch.
        public let patch: String
        /// The hunk's number in its file.
        public let hunk: Int
        /// The line of the patch file where the hunk begins.
        public let patchLine: Int
        /// A line it removed or added where this hunk expects another.
        public let text: String
        /// Whether the line was removed (else added).
        public let removed: Bool
    }

    /// The closest place, if any line of the hunk is in the file.
    public var closest: ClosestPlace?
    /// The least fuzz with which the hunk would have fitted, and where, if that is more than the policy allows.
    public var fuzzThatFits: (fuzz: Int, line: Int)?
    /// The line where the hunk's result is in the file already.
    public var appliedAt: Int?
    /// Earlier hunks of the series that changed lines this one needs.
    public var changedBy: [EarlierChange] = []
    /// Another file of the tree that has the expected lines, and where.
    public var movedTo: (path: RelativePath, line: Int)?
    /// The earlier patch of the series that moved or removed the file, and where it is now.
    public var goneWith: (patch: String, to: RelativePath?)?
    /// The earlier patch of the series that made the file which is in the way, and the line of its header.
    public var madeBy: (patch: String, patchLine: Int)?
    /// Where a hunk that is out of order belongs, and the earlier hunk of the same patch that keeps it from there.
    public var belongsBefore: (line: Int, hunk: Int)?
    /// What to do next.
    public var advice = ""

    init() {}
}
