import Concurrency
import Patching

/// A series' outcome as text.
struct ApplyText {
    let style: TextStyle
    /// How many failures are explained; the others get a line each.
    private let explained: Int
    /// How many threads put the text together.
    private let workers: Int

    /// - Parameter explainsAll: Whether every failure is explained.
    init(style: TextStyle, explainsAll: Bool = false, workers: Int = 1) {
        self.style = style
        self.workers = workers
        explained = explainsAll ? .max : 5
    }

    /// A line for each patch that is not clean, and one below it for each hunk that is not.
    func patches(_ report: SeriesReport) -> String {
        // There may be thousands of them.
        let piece = 256
        let told = Parallel.map(count: (report.patches.count + piece - 1) / piece, workers: workers) { index in
            report.patches[(index * piece)..<min((index + 1) * piece, report.patches.count)].reduce(into: "") {
                $0 += patch($1)
            }
        }
        return told.joined()
    }

    private func patch(_ patch: PatchReport) -> String {
        guard patch.verdict != .clean || patch.isDoubtful else { return "" }
        var text = "\(word(patch.verdict))  \(style.bold(SafeText.inLine(patch.name)))\n"
        if patch.files.isEmpty { text += "    \(style.yellow("empty")): the patch changes nothing\n" }
        for ignored in patch.ignored where ignored.looksLikePatch {
            text +=
                "    line \(ignored.line): \(style.yellow("ignored")), but looks like a patch: \(shown(ignored.text))\n"
        }
        for file in patch.files where file.verdict != .clean || file.hasWarnings {
            if let reason = file.reason { text += "    \(SafeText.inLine(file.path.string)): \(reason.text)\n" }
            for hunk in file.hunks
            where hunk.verdict.isApplied && (hunk.verdict != .clean || !hunk.warnings.isEmpty) {
                text += "    \(SafeText.inLine(file.path.string)): \(told(hunk))\n"
            }
        }
        return text
    }

    func told(_ hunk: HunkReport) -> String {
        var text = "hunk \(hunk.number)"
        if let line = hunk.line { text += " at line \(line)" }
        if hunk.offset != 0 {
            text += ", \(abs(hunk.offset)) lines \(hunk.offset > 0 ? "below" : "above") line \(hunk.oldLine)"
        }
        if hunk.fuzz > 0 { text += ", " + style.yellow("fuzz \(hunk.fuzz)") }
        if !hunk.alsoFits.isEmpty {
            let places = hunk.alsoFits.map(String.init).joined(separator: ", ")
            text += ", " + style.yellow("would also fit") + " at line \(places)"
        }
        if hunk.isUnchecked { text += ", " + style.yellow("without context") + ": nothing shows that it belongs there" }
        if let landedIn = hunk.landedIn {
            text += ", " + style.yellow("landed in another function") + ": \(shown(hunk.section)) → \(shown(landedIn))"
        } else if !hunk.section.isEmpty {
            text += style.dim("  " + shown(hunk.section))
        }
        return text
    }

    /// What failed, with what was found out about it.
    func failures(_ report: SeriesReport) -> String {
        var text = ""
        for failure in report.failures.prefix(explained) {
            text += "\n\(style.red(SafeText.inLine(failure.message)))\n" + explanation(failure.explanation)
        }
        let others = report.failures.dropFirst(explained)
        if !others.isEmpty { text += "\n" }
        for failure in others { text += style.red(SafeText.inLine(failure.message)) + "\n" }
        if !others.isEmpty {
            text += style.dim("(the first \(explained) are explained; --all explains every one)") + "\n"
        }
        return text
    }

    private func explanation(_ explanation: FailureExplanation) -> String {
        var text = ""
        if let line = explanation.appliedAt { text += "  its result is already there, at line \(line)\n" }
        if let place = explanation.closest, explanation.appliedAt == nil {
            text += "  closest place: line \(place.line), \(place.matching) of \(place.expected) lines are there\n"
            for row in place.diff.prefix(24) {
                let number = row.line.map(String.init) ?? ""
                let margin = String(repeating: " ", count: max(0, 7 - number.count)) + number
                switch row.kind {
                case .same: text += "  \(margin)   \(shown(row.text))\n"
                case .expected: text += style.red("  \(margin) - \(shown(row.text))") + "\n"
                case .found: text += style.green("  \(margin) + \(shown(row.text))") + "\n"
                }
            }
            if place.diff.contains(where: { $0.kind != .same }) { text += style.dim("  (- expected, + found)") + "\n" }
        }
        for change in explanation.changedBy {
            text +=
                "  \(change.patch):\(change.patchLine) (hunk \(change.hunk)) \(change.removed ? "removed" : "added"): "
            text += shown(change.text) + "\n"
        }
        if let made = explanation.madeBy { text += "  \(made.patch):\(made.patchLine) made the file\n" }
        if let place = explanation.belongsBefore {
            text += "  it belongs at line \(place.line), where hunk \(place.hunk) or one before it has been already\n"
        }
        if let gone = explanation.goneWith {
            text += "  \(gone.patch) \(gone.to.map { "moved it to \($0)" } ?? "removed it")\n"
        }
        if let place = explanation.movedTo { text += "  the text is in \(place.path), line \(place.line)\n" }
        if let fits = explanation.fuzzThatFits {
            text += "  it would fit with fuzz \(fits.fuzz) at line \(fits.line)\n"
        }
        return explanation.advice.isEmpty ? text : text + "  " + style.bold(explanation.advice) + "\n"
    }

    private func word(_ verdict: PlacementVerdict) -> String {
        let padded = verdict.rawValue + String(repeating: " ", count: max(0, 14 - verdict.rawValue.count))
        return switch verdict {
        case .clean, .offset: style.green(padded)
        case .fuzz, .ambiguous: style.yellow(padded)
        case .alreadyApplied, .failed, .skipped: style.red(padded)
        }
    }

    /// Text from a file in a line of its own, and not too long.
    private func shown(_ text: String) -> String {
        let line = SafeText.inLine(text, keepsTabs: true)
        return line.count > 160 ? String(line.prefix(157)) + "…" : line
    }
}
