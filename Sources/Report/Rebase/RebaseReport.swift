public import Diagnostics
public import KernelBuild
import Merging
import Patching
public import Porting

/// What `dom0kit rebase` shows.
public struct RebaseReport: Reportable {
    public static let schema = "dom0kit.rebase/1"
    private let outcome: RebaseRequest.Outcome
    private let accepted: Set<String>
    private let acceptsAll: Bool
    private let objects: ObjectComparison?

    /// Makes the report.
    /// - Parameters:
    ///   - accepted: The patches of which merges that are likely, but not certain, are taken as they are.
    ///   - acceptsAll: Whether those of all patches are.
    ///   - objects: What came of compiling the touched files; `nil` where nobody asked.
    public init(
        _ outcome: RebaseRequest.Outcome, accepted: Set<String>, acceptsAll: Bool, objects: ObjectComparison? = nil
    ) {
        self.objects = objects
        self.outcome = outcome
        self.accepted = accepted
        self.acceptsAll = acceptsAll
    }

    private func count(_ verdict: PortedPatch.Verdict) -> Int { outcome.patches.count { $0.verdict == verdict } }

    private var derived: [PortedPatch] { outcome.patches.filter(\.isDerived) }

    /// Those that are likely, not certain, and that nobody has accepted.
    private var doubtful: [PortedPatch] { acceptsAll ? [] : derived.filter { !accepted.contains($0.name) } }

    /// `fail` where something could not be moved; `warn` where a merge is likely, but not certain, and not accepted.
    public var verdict: Verdict {
        if outcome.unfit != nil || count(.conflict) > 0 { return .fail }
        if outcome.selection.selected == 0 { return .unknown }
        let compiled = objects.map(ObjectsText.verdict) ?? .pass
        if compiled == .fail || compiled == .unknown { return compiled }
        return doubtful.isEmpty ? compiled : .warn
    }

    /// The exit code.
    /// - Parameter strict: Whether a warning counts as outside of the policy.
    public func status(strict: Bool) -> ExitStatus {
        switch verdict {
        case .fail: outcome.unfit == nil && count(.conflict) == 0 ? .buildFails : .seriesFails
        case .unknown: .undecided
        case .warn: strict ? .outsidePolicy : .success
        case .pass: .success
        }
    }

    public var summaryLine: String {
        if let unfit = outcome.unfit {
            return "\(unfit.patches.first?.name ?? "the series") does not apply to the old tree; nothing was written"
        }
        let numbers = PortedPatch.Verdict.allCases.map { (count($0), $0.rawValue) }.filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        let doubt =
            derived.isEmpty
            ? ""
            : "; \(Wording.count(derived.count, "merge is", "merges are")) likely, not certain\(acceptance)"
        let leftOut = SelectionText(selection: outcome.selection).summary.map { "; left out: \($0)" } ?? ""
        let built = objects.map { "; " + ObjectsText.summary($0) } ?? ""
        let place = outcome.list.map { "; the new series is \($0)" } ?? "; nothing was written"
        return
            "\(Wording.count(outcome.patches.count, "patch", "patches")): \(numbers)\(doubt)\(built)\(leftOut)\(place)"
    }

    private var acceptance: String {
        let count = derived.count - doubtful.count
        return count == 0 ? "" : doubtful.isEmpty ? ": accepted" : ", \(count) of them accepted"
    }

    public func text(_ style: TextStyle) -> String {
        if let unfit = outcome.unfit { return ApplyText(style: style).failures(unfit) }
        var text = SelectionText(selection: outcome.selection).text(style)
        for remark in outcome.remarks { text += "\(style.yellow("note"))  \(remark)\n" }
        for refused in outcome.refused {
            text += "\(style.yellow("not used"))  \(SafeText.inLine("\(refused.file): \(refused.reason)"))\n"
        }
        for patch in outcome.patches where patch.verdict != .fits || patch.isDerived {
            let word =
                switch patch.verdict {
                case .conflict: style.verdict(.fail) + " conflict"
                case _ where patch.isDerived: style.yellow("merged")
                default: style.bold(patch.verdict.rawValue)
                }
            text += "\(word)  \(SafeText.inLine(patch.name))\n"
            for file in patch.files where Self.isWorthALine(file, of: patch) {
                text += "    \(SafeText.inLine(file.path.string)): \(Self.told(file))\n"
                for commit in file.commits { text += "        \(SafeText.inLine(commit.line))\n" }
            }
            if let difference = patch.difference { text += Self.told(difference) }
            if let refusal = patch.refusal {
                text += "    the patch written for it is not taken: \(SafeText.inLine(refusal))\n"
            }
            for other in patch.prerequisites { text += "    may need first: \(SafeText.inLine(other))\n" }
        }
        if let twins = outcome.twins {
            text += "twins: \(TwinsText.summary(twins))"
            text += outcome.twinPatch.map { "; carried over by \(SafeText.inLine($0))\n" } ?? "\n"
        }
        if let objects { text += ObjectsText.text(objects, style) }
        if let folder = outcome.conflicts { text += "what could not be moved: \(SafeText.inLine(folder.string))\n" }
        return text
    }

    private static func isWorthALine(_ file: PortedPatch.File, of patch: PortedPatch) -> Bool {
        file.verdict != patch.verdict || file.reason != nil || file.isPartlyUpstream || !file.rules.isEmpty
            || !file.commits.isEmpty
    }

    /// As git range-diff shows it: `-` before a line that only the old patch has, `+` before one that only the new one has.
    private static func told(_ difference: PatchDifference) -> String {
        let lines = difference.gone.map { ("-", $0) } + difference.new.map { ("+", $0) }
        let shown = lines.prefix(8).map { side, line in
            "      \(side) \(SafeText.inLine(line.sign + String(decoding: line.text, as: UTF8.self)))\n"
        }
        return shown.joined() + (lines.count > 8 ? "      (\(lines.count - 8) more; JSON has all)\n" : "")
    }

    private static func told(_ file: PortedPatch.File) -> String {
        let rules = file.rules.map { $0.rawValue + ($0.isExact ? "" : " (derived)") }
        return
            ([file.verdict.rawValue]
            + [file.target.map { "now \(SafeText.inLine($0.string))" }, file.reason].compactMap { $0 }
            + (rules.isEmpty ? [] : ["by " + rules.joined(separator: ", ")])
            + file.learned.map { "\(SafeText.inLine($0.old)) is \(SafeText.inLine($0.new)) now" }
            + (file.isPartlyUpstream ? ["a part is upstream"] : []) + file.used.compactMap(told)).joined(
                separator: ", ")
    }

    private static func told(_ used: PortedPatch.Used) -> String? {
        let source = used.file.map { "from \(SafeText.inLine($0.string))" }
        let elsewhere = used.elsewhere.map { "as it was solved in \(SafeText.inLine($0))" }
        let own = used.ownLines == 0 ? nil : "with \(Wording.count(used.ownLines, "line", "lines")) of its own"
        let parts = [source, elsewhere, own].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private struct FileJSON: Encodable {
        let path, verdict: String
        let target: String?
        let rules: [String]
        let isExact, isPartlyUpstream: Bool
        let reason: String?
        let conflicts: Int?
        let resolutions: [UsedJSON]
        let learned: [LearnedJSON]
        let commits: [CommitJSON]
    }

    private struct UsedJSON: Encodable {
        let file, solvedIn: String?
        let ownLines: Int
    }

    private struct CommitJSON: Encodable {
        let commit, subject, author, date: String
        let lines: Int
    }

    private struct RefusedJSON: Encodable { let file, reason: String }

    private struct PatchJSON: Encodable {
        let name, verdict: String
        let isDerived: Bool
        let refusal: String?
        let files: [FileJSON]
        let prerequisites: [String]
        let difference: DifferenceJSON?
    }

    private struct LineJSON: Encodable { let path, sign, text: String }

    private struct DifferenceJSON: Encodable {
        let gone, new: [LineJSON]

        init(_ difference: PatchDifference) {
            func lines(_ lines: [PatchDifference.Line]) -> [LineJSON] {
                lines.map {
                    LineJSON(path: $0.path.string, sign: $0.sign, text: String(decoding: $0.text, as: UTF8.self))
                }
            }
            (gone, new) = (lines(difference.gone), lines(difference.new))
        }
    }

    private enum CodingKeys: String, CodingKey {
        case summary, patches, leftOut, list, conflicts, refused, remarks, failure, twins, build
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        var summary = Dictionary(
            uniqueKeysWithValues: PortedPatch.Verdict.allCases.map { ($0.rawValue, count($0)) })
        summary["patches"] = outcome.patches.count
        summary["derived"] = derived.count
        summary["decided"] = outcome.decided
        try container.encode(summary, forKey: .summary)
        try container.encode(
            outcome.patches.map { patch in
                PatchJSON(
                    name: patch.name, verdict: patch.verdict.rawValue, isDerived: patch.isDerived,
                    refusal: patch.refusal,
                    files: patch.files.map { file in
                        FileJSON(
                            path: file.path.string, verdict: file.verdict.rawValue, target: file.target?.string,
                            rules: file.rules.map(\.rawValue),
                            isExact: file.rules.allSatisfy(\.isExact), isPartlyUpstream: file.isPartlyUpstream,
                            reason: file.reason, conflicts: file.merge?.conflicts.count,
                            resolutions: file.used.map {
                                UsedJSON(file: $0.file?.string, solvedIn: $0.elsewhere, ownLines: $0.ownLines)
                            },
                            learned: file.learned.map(LearnedJSON.init),
                            commits: file.commits.map {
                                CommitJSON(
                                    commit: $0.commit, subject: $0.subject, author: $0.author, date: $0.date,
                                    lines: $0.lines)
                            })
                    }, prerequisites: patch.prerequisites, difference: patch.difference.map(DifferenceJSON.init))
            }, forKey: .patches)
        try container.encode(LeftOutJSON(outcome.selection), forKey: .leftOut)
        if let twins = outcome.twins {
            try container.encode(TwinsJSON(twins, patch: outcome.twinPatch), forKey: .twins)
        }
        try container.encodeIfPresent(objects.map(ObjectsJSON.init), forKey: .build)
        if !outcome.refused.isEmpty {
            try container.encode(
                outcome.refused.map { RefusedJSON(file: $0.file.string, reason: $0.reason) }, forKey: .refused)
        }
        if !outcome.remarks.isEmpty { try container.encode(outcome.remarks, forKey: .remarks) }
        try container.encodeIfPresent(outcome.list?.string, forKey: .list)
        try container.encodeIfPresent(outcome.conflicts?.string, forKey: .conflicts)
        if let unfit = outcome.unfit {
            try container.encode(
                "\(unfit.patches.first?.name ?? "the series") does not apply to the old tree", forKey: .failure)
        }
    }
}
