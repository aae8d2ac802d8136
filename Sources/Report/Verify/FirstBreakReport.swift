public import Diagnostics
public import Porting

/// What `dom0kit verify --first-break` shows.
public struct FirstBreakReport: Reportable {
    public static let schema = "dom0kit.first-break/1"
    private let outcome: FirstBreakSearch.Outcome
    private let good, bad: String
    private let findsNewest: Bool

    /// Makes the report.
    public init(_ outcome: FirstBreakSearch.Outcome, good: String, bad: String, findsNewest: Bool) {
        self.outcome = outcome
        (self.good, self.bad) = (good, bad)
        self.findsNewest = findsNewest
    }

    private func count(_ kind: String) -> Int { outcome.findings.count { Self.kind($0) == kind } }

    private static func kind(_ finding: BreakFinding) -> String {
        switch finding.outcome {
        case .fits: "fits"
        case .neverFitted: "never-fitted"
        case .breaks: "breaks"
        }
    }

    /// `fail` where a patch does not fit the later revision.
    public var verdict: Verdict {
        if outcome.findings.isEmpty { return .unknown }
        return count("fits") == outcome.findings.count ? .pass : .fail
    }

    /// The exit code.
    public var status: ExitStatus {
        switch verdict {
        case .fail: .seriesFails
        case .unknown: .undecided
        default: .success
        }
    }

    public var summaryLine: String {
        let leftOut = SelectionText(selection: outcome.selection).summary.map { "; left out: \($0)" } ?? ""
        let never = count("never-fitted")
        return
            "\(Wording.count(outcome.findings.count, "patch", "patches")): \(count("fits")) fit \(bad), \(count("breaks")) broke on the way"
            + (never > 0 ? ", \(never) did not fit \(good)" : "")
            + "; \(Wording.count(outcome.commits, "commit touches", "commits touch")) their files" + leftOut
    }

    public func text(_ style: TextStyle) -> String {
        var text = ""
        for finding in outcome.findings {
            let name = SafeText.inLine(finding.patch)
            let file = finding.file.map { "    first file that does not fit: \(SafeText.inLine($0))\n" } ?? ""
            switch finding.outcome {
            case .fits: continue
            case .neverFitted: text += "\(style.verdict(.fail)) \(name): does not fit \(good)\n\(file)"
            case .breaks(let first, let last):
                text += "\(style.verdict(.fail)) \(name)\n"
                text += "    broken by  \(Self.line(first))\n    last fit   \(Self.line(last))\n\(file)"
            }
        }
        if findsNewest {
            text += outcome.newest.map { "the whole series fits  \(Self.line($0))\n" } ?? "the whole series fits none\n"
        }
        return text
    }

    private static func line(_ revision: BreakFinding.Revision) -> String {
        let text = "\(revision.commit.prefix(12)) \(revision.date) \(revision.author): \(revision.subject)"
        return SafeText.inLine(text) + (revision.isMerge ? " (a merge)" : "")
    }

    private struct RevisionJSON: Encodable {
        let commit, subject, author, date: String
        let isMerge: Bool

        init(_ revision: BreakFinding.Revision) {
            commit = revision.commit
            subject = revision.subject
            author = revision.author
            date = revision.date
            isMerge = revision.isMerge
        }
    }

    private struct FindingJSON: Encodable {
        let name, outcome: String
        let firstBreak, lastFit: RevisionJSON?
        let file: String?
        let tried: Int
    }

    private enum CodingKeys: String, CodingKey { case summary, good, bad, patches, leftOut, newestFit }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(
            [
                "patches": outcome.findings.count, "fits": count("fits"), "breaks": count("breaks"),
                "neverFitted": count("never-fitted"), "commits": outcome.commits,
            ], forKey: .summary)
        try container.encode(good, forKey: .good)
        try container.encode(bad, forKey: .bad)
        try container.encode(
            outcome.findings.map { finding in
                var (first, last): (RevisionJSON?, RevisionJSON?)
                if case .breaks(let one, let two) = finding.outcome {
                    (first, last) = (RevisionJSON(one), RevisionJSON(two))
                }
                return FindingJSON(
                    name: finding.patch, outcome: Self.kind(finding), firstBreak: first, lastFit: last,
                    file: finding.file, tried: finding.tried)
            }, forKey: .patches)
        try container.encode(LeftOutJSON(outcome.selection), forKey: .leftOut)
        try container.encodeIfPresent(outcome.newest.map(RevisionJSON.init), forKey: .newestFit)
    }
}
