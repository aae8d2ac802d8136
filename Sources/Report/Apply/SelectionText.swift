import Series

/// What a series leaves out, for people and for programs.
struct SelectionText {
    let selection: SeriesSelection
    /// Whether all entries are named, not only the first.
    var namesAll = false

    /// `4 entries (guards: 3, condition: 1)`; `nil` where nothing is left out.
    var summary: String? {
        guard !selection.leftOut.isEmpty else { return nil }
        let reasons = selection.reasons.map { "\($0.kind): \($0.count)" }.joined(separator: ", ")
        return "\(selection.leftOut.count) \(selection.leftOut.count == 1 ? "entry" : "entries") (\(reasons))"
    }

    /// A line for what is left out, and one each for the first entries, or for all of them.
    func text(_ style: TextStyle) -> String {
        var text = ""
        if selection.selected == 0 { text += style.yellow("empty") + ": the series selects no patch\n" }
        guard let summary else { return text }
        text += "left out: \(summary)\n"
        let shown = namesAll ? selection.leftOut.count : 5
        for entry in selection.leftOut.prefix(shown) {
            text +=
                style.dim("    \(SafeText.inLine(entry.name)) \(SafeText.inLine(entry.exclusion.description))") + "\n"
        }
        if selection.leftOut.count > shown {
            text += style.dim("    (\(selection.leftOut.count - shown) more; 'series list' and JSON have all)") + "\n"
        }
        return text
    }
}

/// What a series leaves out, as the JSON contracts have it.
struct LeftOutJSON: Encodable {
    struct Entry: Encodable {
        let name, reason, kind: String
    }
    let count: Int
    let entries: [Entry]

    init(_ selection: SeriesSelection) {
        count = selection.leftOut.count
        entries = selection.leftOut.map {
            Entry(name: $0.name, reason: $0.exclusion.description, kind: $0.exclusion.kind)
        }
    }
}
