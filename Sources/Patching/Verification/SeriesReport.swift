public import Diagnostics

/// What became of a series on a tree.
public struct SeriesReport: Sendable {
    /// Every patch, in the order of the series.
    public let patches: [PatchReport]
    /// Everything that failed, in the order of the series; empty where the series applies.
    public let failures: [ApplyFailure]
    /// The numbers.
    public let summary: ApplySummary
    /// The SHA-256 of the changed tree (paths, modes, contents of all changes); `nil` where it was not asked for.
    public let resultDigest: String?

    init(patches: [PatchReport], failures: [ApplyFailure], summary: ApplySummary, resultDigest: String?) {
        self.patches = patches
        self.failures = failures
        self.summary = summary
        self.resultDigest = resultDigest
    }

    /// The report of a series that one consumer cannot read and others can.
    /// - Parameter patches: The names of the patches, in order.
    public init(unreadable error: PatchError, patches: [String]) {
        let index = patches.firstIndex(of: error.patch) ?? 0
        var explanation = FailureExplanation()
        explanation.advice = error.remedy ?? "export the patch again"
        let failure = ApplyFailure(
            patch: error.patch, patchIndex: index, patchLine: error.line, file: .unnamed, hunk: nil,
            reason: .malformed(error.text), explanation: explanation)
        var summary = ApplySummary()
        summary.patches = patches.count
        summary.failed = 1
        summary.skipped = max(patches.count - 1, 0)
        self.init(
            patches: patches.enumerated().map {
                PatchReport(name: $1, verdict: $0 == index ? .failed : .skipped, ignored: [], files: [])
            }, failures: [failure], summary: summary, resultDigest: nil)
    }

    /// The first failure.
    public var failure: ApplyFailure? { failures.first }

    /// `fail` where something does not apply; `warn` where a hunk needed fuzz or is ambiguous, or where text that
    /// looks like a patch was ignored; `pass` otherwise.
    public var verdict: Verdict { failures.isEmpty ? patches.map(\.outcome).max() ?? .pass : .fail }
}

/// The numbers of a series. Patches are counted by the worst of their hunks.
public struct ApplySummary: Sendable, Equatable {
    /// All patches.
    public var patches = 0
    /// Patches that fitted exactly.
    public var clean = 0
    /// Patches with a hunk at another line.
    public var offset = 0
    /// Patches with a hunk that needed fuzz.
    public var fuzz = 0
    /// Patches with a hunk that would also have fitted elsewhere.
    public var ambiguous = 0
    /// Patches that are in the tree already.
    public var alreadyApplied = 0
    /// Patches that do not apply.
    public var failed = 0
    /// Patches that were not tried completely because of an earlier failure.
    public var skipped = 0
    /// Files touched, each counted once.
    public var files = 0
    /// All hunks.
    public var hunks = 0
}

extension SeriesReport {
    /// Whether everything fitted exactly where it said, could be held against the file, and nothing that looks like a
    /// patch was left out.
    public var isStrictlyClean: Bool {
        patches.allSatisfy { $0.verdict == .clean && !$0.isDoubtful }
    }
}
