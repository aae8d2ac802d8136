import Bytes
public import Diagnostics
import FoundationEssentials
public import SystemPackage

/// What several boots of the same kernel showed.
public struct BootRepetition: Sendable, Codable, Equatable {
    /// Boots that ended alike.
    public struct Outcome: Sendable, Codable, Equatable {
        /// The verdict.
        public let verdict: Verdict
        /// The stage in which they failed.
        public let stage: String?
        /// How they failed.
        public let kind: FailureClass?
        /// How many there were.
        public internal(set) var count: Int

        private enum CodingKeys: String, CodingKey {
            case verdict, stage, count
            case kind = "class"
        }
    }

    /// How many boots there were.
    public let runs: Int
    /// How many of them did not fail.
    public let passed: Int
    /// Whether all ended alike.
    public let isConstant: Bool
    /// The outcomes, the most frequent first.
    public let outcomes: [Outcome]

    private enum CodingKeys: String, CodingKey {
        case runs, passed, outcomes
        case isConstant = "constant"
    }

    /// Counts boots. A warning counts as a pass.
    public init(_ verdicts: [BootVerdict]) {
        var outcomes: [Outcome] = []
        for verdict in verdicts {
            let same = outcomes.firstIndex {
                ($0.verdict == .fail) == (verdict.verdict == .fail) && $0.stage == verdict.failure?.stage
                    && $0.kind == verdict.failure?.kind
            }
            if let same {
                outcomes[same].count += 1
            } else {
                outcomes.append(
                    Outcome(
                        verdict: verdict.verdict, stage: verdict.failure?.stage, kind: verdict.failure?.kind, count: 1))
            }
        }
        runs = verdicts.count
        passed = verdicts.count { $0.verdict != .fail }
        isConstant = outcomes.count <= 1
        self.outcomes = outcomes.sorted { $0.count > $1.count }
    }

    /// The boot that stands for all: the first that failed, else the last. A failure of the test host stands for them only
    /// where there is no other.
    public static func representative(of verdicts: [BootVerdict]) -> BootVerdict? {
        let failed = verdicts.filter { $0.verdict == .fail }
        return failed.first { $0.failure?.kind != .infrastructure } ?? failed.first ?? verdicts.last
    }
}

/// A boot beside an earlier one of another kernel or another build.
public struct BootComparison: Sendable, Codable, Equatable {
    /// What became of it.
    public enum Change: String, Sendable, Codable {
        /// Both passed.
        case stillPassing = "still-passing"
        /// The earlier one passed, this one did not.
        case regression
        /// The earlier one failed, this one did not.
        case fixed
        /// Both failed.
        case stillFailing = "still-failing"
        /// Nothing can be said: one of them failed because of the test host.
        case unknown
    }

    /// The file with the earlier result.
    public let file: String
    /// What became of it as a whole.
    public let change: Change
    /// The stages that passed then and do not now.
    public let regressions: [String]
    /// The stages that pass now and did not then.
    public let fixed: [String]
    /// The stages that passed neither then nor now.
    public let neverPassed: [String]

    /// Compares with an earlier result.
    /// - Parameter path: Where that is from.
    public init(_ now: BootVerdict, with before: BootVerdict, from path: FilePath) {
        let passedThen = Set(before.stages.filter { $0.verdict != .fail }.map(\.name))
        let passedNow = Set(now.stages.filter { $0.verdict != .fail }.map(\.name))
        let asked = now.stages.map(\.name) + now.notReached
        file = path.string
        regressions = asked.filter { passedThen.contains($0) && !passedNow.contains($0) }
        fixed = asked.filter { !passedThen.contains($0) && passedNow.contains($0) && before.has($0) }
        neverPassed = asked.filter { !passedThen.contains($0) && !passedNow.contains($0) }
        let isUnknown = [before, now].contains { $0.failure?.kind == .infrastructure }
        change =
            switch (before.verdict == .fail, now.verdict == .fail) {
            case _ where isUnknown: .unknown
            case (false, false): .stillPassing
            case (false, true): .regression
            case (true, false): .fixed
            case (true, true): .stillFailing
            }
    }
}

extension BootVerdict {
    /// Reads a result in JSON, as `dom0kit boot` writes it.
    /// - Throws: ``HypervisorError/baseline(path:reason:)``, or `BytesError` where it cannot be read.
    public static func read(_ path: FilePath) throws -> BootVerdict {
        let content = try Files.read(path)
        do {
            return try JSONDecoder().decode(BootVerdict.self, from: Data(content))
        } catch {
            throw HypervisorError.baseline(path: path, reason: "it is not the JSON result of a boot")
        }
    }

    /// Whether a stage was asked for.
    fileprivate func has(_ stage: String) -> Bool {
        notReached.contains(stage) || stages.contains { $0.name == stage }
    }
}
