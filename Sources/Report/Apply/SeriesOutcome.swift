import Diagnostics
import Patching
import Series

/// A series' outcome as the JSON contract of `dom0kit.apply/1` and `dom0kit.verify/1` has it.
struct SeriesOutcome: Encodable, Sendable {
    let report: SeriesReport
    let selection: SeriesSelection
    /// Whether a series that selects no patch is taken as it is.
    let allowsEmpty: Bool

    init(_ report: SeriesReport, _ selection: SeriesSelection, allowsEmpty: Bool) {
        self.report = report
        self.selection = selection
        self.allowsEmpty = allowsEmpty
    }

    /// Whether there is nothing to judge.
    private var isUndecided: Bool { selection.selected == 0 && !allowsEmpty && report.failures.isEmpty }

    func verdict(strict: Bool) -> Verdict {
        if isUndecided { return .unknown }
        return strict && report.failures.isEmpty && !report.isStrictlyClean ? .fail : report.verdict
    }

    func status(strict: Bool) -> ExitStatus {
        if !report.failures.isEmpty { return .seriesFails }
        if isUndecided { return .undecided }
        return strict && !report.isStrictlyClean ? .outsidePolicy : .success
    }

    private enum CodingKeys: String, CodingKey { case summary, leftOut, patches, failure, failures, result }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(SummaryJSON(report.summary), forKey: .summary)
        try container.encode(LeftOutJSON(selection), forKey: .leftOut)
        try container.encode(report.patches.map(PatchJSON.init), forKey: .patches)
        if let failure = report.failure { try container.encode(FailureJSON(failure), forKey: .failure) }
        try container.encodeIfPresent(report.resultDigest, forKey: .result)
        if report.failures.count > 1 { try container.encode(report.failures.map(FailureJSON.init), forKey: .failures) }
    }
}

/// A policy as results name it.
struct PolicyJSON: Encodable {
    let name, fuzz: String
    let command: String?

    init(_ policy: PlacementPolicy) {
        name = policy.name
        fuzz = "\(policy.fuzz)"
        command = policy.command
    }
}

private struct SummaryJSON: Encodable {
    let patches, clean, offset, fuzz, ambiguous, alreadyApplied, failed, skipped, files, hunks: Int

    init(_ summary: ApplySummary) {
        patches = summary.patches
        clean = summary.clean
        offset = summary.offset
        fuzz = summary.fuzz
        ambiguous = summary.ambiguous
        alreadyApplied = summary.alreadyApplied
        failed = summary.failed
        skipped = summary.skipped
        files = summary.files
        hunks = summary.hunks
    }
}

private struct PatchJSON: Encodable {
    let name, verdict: String
    let ignored: [IgnoredJSON]
    let files: [FileJSON]

    init(_ patch: PatchReport) {
        name = patch.name
        verdict = patch.verdict.rawValue
        ignored = patch.ignored.map(IgnoredJSON.init)
        files = patch.files.map(FileJSON.init)
    }
}

private struct IgnoredJSON: Encodable {
    let line, lines: Int
    let text: String
    let looksLikePatch: Bool

    init(_ text: IgnoredText) {
        line = text.line
        lines = text.count
        self.text = text.text
        looksLikePatch = text.looksLikePatch
    }
}

private struct FileJSON: Encodable {
    let path: String
    let source: String?
    let operation, verdict: String
    let reason: String?
    let hunks: [HunkJSON]

    init(_ file: FileReport) {
        path = file.path.string
        source = file.source?.string
        operation = file.operation.rawValue
        verdict = file.verdict.rawValue
        reason = file.reason?.code
        hunks = file.hunks.map(HunkJSON.init)
    }
}

private struct HunkJSON: Encodable {
    let number, oldLine: Int
    let line: Int?
    let offset, fuzz: Int
    let verdict, section: String
    let alsoFits: [Int]?
    let landedIn: String?
    let withoutContext: Bool?
    let warnings: [String]?

    init(_ hunk: HunkReport) {
        number = hunk.number
        oldLine = hunk.oldLine
        line = hunk.line
        offset = hunk.offset
        fuzz = hunk.fuzz
        verdict = hunk.verdict.rawValue
        section = hunk.section
        alsoFits = hunk.alsoFits.isEmpty ? nil : hunk.alsoFits
        landedIn = hunk.landedIn
        withoutContext = hunk.isUnchecked ? true : nil
        warnings = hunk.warnings.isEmpty ? nil : hunk.warnings.map(\.rawValue)
    }
}

private struct FailureJSON: Encodable {
    let patch, file: String
    let patchLine: Int
    let hunk: Int?
    let reason, message: String
    let explanation: ExplanationJSON

    init(_ failure: ApplyFailure) {
        patch = failure.patch
        file = failure.file.string
        patchLine = failure.patchLine
        hunk = failure.hunk
        reason = failure.reason.code
        message = failure.message
        explanation = ExplanationJSON(failure.explanation)
    }
}

private struct ExplanationJSON: Encodable {
    struct Closest: Encodable {
        let line, matching, expected: Int
        let diff: [Row]
    }
    struct Row: Encodable {
        let kind: String
        let line: Int?
        let text: String
    }
    struct Place: Encodable {
        let path: String?
        let fuzz: Int?
        let line: Int
    }
    struct Gone: Encodable {
        let patch: String
        let to: String?
    }
    struct Made: Encodable {
        let patch: String
        let patchLine: Int
    }
    struct Before: Encodable {
        let line, hunk: Int
    }
    struct Earlier: Encodable {
        let patch: String
        let hunk, patchLine: Int
        let text, change: String
    }
    let closest: Closest?
    let fuzzThatFits: Place?
    let appliedAt: Int?
    let changedBy: [Earlier]?
    let movedTo: Place?
    let goneWith: Gone?
    let madeBy: Made?
    let belongsBefore: Before?
    let advice: String

    init(_ explanation: FailureExplanation) {
        closest = explanation.closest.map { place in
            Closest(
                line: place.line, matching: place.matching, expected: place.expected,
                diff: place.diff.map { Row(kind: $0.kind.rawValue, line: $0.line, text: $0.text) })
        }
        fuzzThatFits = explanation.fuzzThatFits.map { Place(path: nil, fuzz: $0.fuzz, line: $0.line) }
        appliedAt = explanation.appliedAt
        let earlier = explanation.changedBy.map {
            Earlier(
                patch: $0.patch, hunk: $0.hunk, patchLine: $0.patchLine, text: $0.text,
                change: $0.removed ? "removed" : "added")
        }
        changedBy = earlier.isEmpty ? nil : earlier
        movedTo = explanation.movedTo.map { Place(path: $0.path.string, fuzz: nil, line: $0.line) }
        goneWith = explanation.goneWith.map { Gone(patch: $0.patch, to: $0.to?.string) }
        madeBy = explanation.madeBy.map { Made(patch: $0.patch, patchLine: $0.patchLine) }
        belongsBefore = explanation.belongsBefore.map { Before(line: $0.line, hunk: $0.hunk) }
        advice = explanation.advice
    }
}
