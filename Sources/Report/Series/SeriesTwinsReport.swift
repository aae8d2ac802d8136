public import Diagnostics
public import Series

/// What `dom0kit series twins` shows.
public struct SeriesTwinsReport: Reportable {
    public static let schema = "dom0kit.twins/1"
    /// What the series is called.
    public let name: String
    /// Every native file that the series changes and that has a twin.
    public let pairs: [Pair]

    /// A native file and its twin.
    public struct Pair: Encodable, Sendable {
        /// The native file.
        public let native: String
        /// Its twin.
        public let twin: String
        /// Whether the twin has every change of the native file.
        public let covered: Bool
        /// The patches that change the native file.
        public let nativePatches: [String]
        /// The patches that change the twin.
        public let twinPatches: [String]
        /// The changes of the native file that the twin does not have.
        public let uncovered: [Change]
    }

    /// A change that the twin does not have.
    public struct Change: Encodable, Sendable {
        /// The patch.
        public let patch: String
        /// How many lines it adds, of those that mean something by themselves.
        public let added: Int
        /// How many of them the twin lacks.
        public let lacking: Int
        /// How many lines it removes that the twin still has.
        public let kept: Int
    }

    /// Makes the report.
    public init(name: String, coverage: TwinCoverage) {
        self.name = name
        pairs = coverage.pairs.map {
            Pair(
                native: $0.native, twin: $0.twin, covered: $0.uncovered.isEmpty, nativePatches: $0.nativePatches,
                twinPatches: $0.twinPatches,
                uncovered: $0.uncovered.map {
                    Change(patch: $0.patch, added: $0.added, lacking: $0.lacking, kept: $0.kept)
                })
        }
    }

    public var verdict: Verdict { pairs.allSatisfy(\.covered) ? .pass : .warn }
    public var summaryLine: String {
        "\(name): \(Wording.count(pairs.count, "file that has a twin is", "files that have a twin are")) changed; \(pairs.count { !$0.covered }) without the twin following"
    }

    public func text(_ style: TextStyle) -> String {
        pairs.filter { !$0.covered }.map { pair in
            "\(pair.native) is changed by the series, but its twin \(pair.twin) is not:\n"
                + pair.uncovered.map { change in
                    "    \(change.patch): the twin lacks \(change.lacking) of \(Wording.count(change.added, "added line"))"
                        + (change.kept > 0 ? " and still has \(Wording.count(change.kept, "removed line"))" : "") + "\n"
                }.joined()
        }.joined()
    }

    private enum CodingKeys: String, CodingKey { case name, pairs }
}
