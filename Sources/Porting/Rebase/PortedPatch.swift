public import Merging
public import Patching
public import SystemPackage

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
        /// Somebody has left it out.
        case skipped
        /// It could not be moved.
        case conflict
    }

    /// A resolution that was used.
    public struct Used: Sendable, Equatable {
        /// The file it comes from; `nil` for what was decided here.
        public let file: FilePath?
        /// For what was decided here of the same lines in another place, that place: the patch and the file.
        public let elsewhere: String?
        /// How many lines it has that none of the sides has.
        public let ownLines: Int

        init(_ answer: Resolutions.Answer) {
            (file, elsewhere, ownLines) = (answer.file, answer.elsewhere, answer.ownLines)
        }
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
        /// For a conflict of lines both sides and their base.
        public let merge: ThreeWayMerge?
        /// The resolutions that were used.
        public let used: [Used]
        /// What upstream replaced everywhere, and what was therefore replaced in the patch's own lines.
        public let learned: [Replacement]
        /// The commits that brought what is in conflict, or what the new tree has of it; the most telling first.
        public internal(set) var commits: [UpstreamCommit] = []

        private let labels: Labels

        /// How the sides of a conflict are called.
        struct Labels {
            let ours, base, theirs: String
            /// Of a patch and upstream.
            static let trees = Labels(ours: "the patch", base: "the old tree", theirs: "the new tree")
            /// Of a twin and its native file.
            static let twins = Labels(
                ours: "the twin", base: "the old native file", theirs: "the new native file")
        }

        /// For what is in conflict or upstream: the file in the old tree, there with the patch, and in the new tree.
        var content: (before: [UInt8], after: [UInt8], there: [UInt8])?

        init(
            path: RelativePath, target: RelativePath? = nil, verdict: Verdict, rules: [ThreeWayMerge.Rule] = [],
            isPartlyUpstream: Bool = false, reason: String? = nil, merge: ThreeWayMerge? = nil, used: [Used] = [],
            learned: [Replacement] = [], labels: Labels = .trees
        ) {
            self.learned = learned
            self.labels = labels
            self.path = path
            self.target = target
            self.verdict = verdict
            self.rules = rules
            self.isPartlyUpstream = isPartlyUpstream
            self.reason = reason
            self.merge = merge
            self.used = used
        }

        /// The file with one doubt more.
        func doubted(_ rule: ThreeWayMerge.Rule, _ reason: String) -> File {
            var file = File(
                path: path, target: target, verdict: verdict, rules: Set(rules + [rule]).sorted(),
                isPartlyUpstream: isPartlyUpstream,
                reason: [self.reason, reason].compactMap(\.self).joined(separator: "; "), merge: merge, used: used,
                learned: learned, labels: labels)
            file.content = content
            return file
        }

        /// For a conflict of lines the file with both sides and their base.
        var marked: [UInt8]? { merge?.marked(ours: labels.ours, base: labels.base, theirs: labels.theirs) }

        /// What somebody has made of that file.
        func solution(in edited: [UInt8]) -> MergeSolution? {
            merge?.solution(in: edited, ours: labels.ours, base: labels.base, theirs: labels.theirs)
        }
    }

    /// Its name in the series.
    public let name: String
    /// How it went.
    public let verdict: Verdict
    /// Its files.
    public internal(set) var files: [File]
    /// Its bytes in the new series; `nil` where it is not in it.
    public let blob: Blob?
    /// For a conflict what may have to be there first: earlier patches of the series that are not in the new one, and
    /// commits that only the old tree has.
    public internal(set) var prerequisites: [String] = []

    /// Why the patch that somebody has written for its place is not taken.
    public internal(set) var refusal: String?

    /// What it does otherwise than before, where it was written anew.
    public internal(set) var difference: PatchDifference?

    /// Whether something was done that is likely, but not certain.
    public var isDerived: Bool { verdict != .conflict && files.contains { !$0.rules.allSatisfy(\.isExact) } }
}
