extension FailureExplanation {
    /// The explanation as plain lines, for logs and reports of other tools.
    public var lines: [String] {
        var lines: [String] = []
        if let line = appliedAt { lines.append("its result is already there, at line \(line)") }
        if let place = closest, appliedAt == nil {
            lines.append("closest place: line \(place.line), \(place.matching) of \(place.expected) lines are there")
            for row in place.diff.prefix(24) {
                let sign = row.kind == .same ? " " : row.kind == .expected ? "-" : "+"
                lines.append("  \(sign) \(row.text)")
            }
        }
        lines += changedBy.map {
            "\($0.patch):\($0.patchLine) (hunk \($0.hunk)) \($0.removed ? "removed" : "added"): \($0.text)"
        }
        if let made = madeBy { lines.append("\(made.patch):\(made.patchLine) made the file") }
        if let gone = goneWith { lines.append("\(gone.patch) \(gone.to.map { "moved it to \($0)" } ?? "removed it")") }
        if let place = belongsBefore {
            lines.append("it belongs at line \(place.line), where hunk \(place.hunk) or one before it has been already")
        }
        if let place = movedTo { lines.append("the text is in \(place.path), line \(place.line)") }
        if let fits = fuzzThatFits { lines.append("it would fit with fuzz \(fits.fuzz) at line \(fits.line)") }
        return advice.isEmpty ? lines : lines + [advice]
    }
}
