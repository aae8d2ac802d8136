/// A file patch that failed, with what is needed to explain it.
struct FailedAttempt: Sendable {
    let entry: FileGroups.Entry
    let side: FileSide
    let choice: FileChoice
    /// The hunk, from 0; `nil` where the file as a whole fails.
    var hunk: Int?
    var reason: FailureReason = .noPlace
    var isApplied = false
    /// Whose rules for a place were followed.
    var search = PlacementPolicy.Search.gnu
    /// The file as the patch found it.
    var before: WorkingFile?

    init(entry: FileGroups.Entry, side: FileSide, choice: FileChoice) {
        self.entry = entry
        self.side = side
        self.choice = choice
    }

    /// The report of the file.
    func report(_ verdict: PlacementVerdict, _ hunks: [HunkReport], reason: FailureReason? = nil) -> FileReport {
        FileReport(
            path: choice.target, source: side.moves ? choice.source : nil, operation: choice.operation,
            verdict: verdict, hunks: hunks, reason: reason)
    }
}

extension FileGroupPatcher {
    /// The file as a whole fails.
    mutating func fail(_ attempt: FailedAttempt, _ reason: FailureReason, _ hunks: [HunkReport] = []) -> FileReport {
        broken.formUnion([attempt.choice.source, attempt.choice.target])
        var attempt = attempt
        attempt.reason = reason
        switch reason {
        case .fileExists: attempt.isApplied = attempt.side.createdContentIs(attempt.before)
        case .nothingToDelete: attempt.isApplied = attempt.before?.exists != true
        case .sourceMissing, .targetExists: attempt.isApplied = false
        default: break
        }
        result.attempts.append(attempt)
        let verdict: PlacementVerdict = attempt.isApplied ? .alreadyApplied : .failed
        return attempt.report(
            verdict,
            hunks.isEmpty
                ? attempt.side.patch.hunks.enumerated().map { attempt.side.skipped($1, number: $0 + 1) } : hunks,
            reason: reason)
    }

    /// Some hunks fail.
    mutating func fail(_ attempt: FailedAttempt, _ hunks: [HunkReport]) -> FileReport {
        var attempt = attempt
        attempt.search = policy.search
        broken.formUnion([attempt.choice.source, attempt.choice.target])
        for hunk in hunks where !hunk.verdict.isApplied {
            var attempt = attempt
            attempt.hunk = hunk.number - 1
            attempt.isApplied = hunk.verdict == .alreadyApplied
            result.attempts.append(attempt)
        }
        return attempt.report(.combined(hunks.lazy.map(\.verdict)), hunks)
    }
}

extension FileSide {
    /// Whether the file is exactly what the patch would have created.
    func createdContentIs(_ file: WorkingFile?) -> Bool {
        guard let file, patch.hunks.count == 1, let hunk = patch.hunks.first else { return false }
        var decoded = HunkLines()
        decoded.decode(hunk, of: patch.source, reverse: reverse)
        return decoded.pattern.isEmpty && decoded.operations.map(\.line) == file.lines
    }
}
