import SystemPackage

/// Reads `series.conf` of openSUSE's kernel-source.
///
/// A comment is a `#` at the start or behind a blank; a backslash at the end continues the line; words with `+` or `-`
/// collect as guards for the files behind them on the line.
enum SuseSeries {
    static func read(_ file: FilePath, folder: FilePath, name: String, defined: Set<String>) throws -> PatchSeries {
        var series = PatchSeries(name: name, dialect: .suse, file: file, folder: folder, lines: [])
        var pending: (number: Int, text: String)?
        for (number, text) in try SeriesText.lines(of: file) {
            let whole = (pending?.text ?? "") + text
            let start = pending?.number ?? number
            if whole.hasSuffix("\\") {
                pending = (start, String(whole.dropLast()) + " ")
                continue
            }
            pending = nil
            try append(whole, SeriesPosition(file: file, line: start), defined, to: &series)
        }
        if let pending {
            throw SeriesError.malformed(
                at: SeriesPosition(file: file, line: pending.number),
                reason: "the last line is continued by a backslash")
        }
        return series
    }

    private static func append(
        _ text: String, _ position: SeriesPosition, _ defined: Set<String>, to series: inout PatchSeries
    ) throws {
        let (before, comment) = SeriesText.comment(text)
        var guards: [String] = []
        var entries: [SeriesEntry] = []
        for word in SeriesText.words(before) {
            if word.hasPrefix("+") || word.hasPrefix("-") {
                let symbol = word.dropFirst().drop { $0 == "!" }
                if word.dropFirst().hasPrefix("!"), symbol.isEmpty || word.dropFirst(2).hasPrefix("!") {
                    throw SeriesError.malformed(at: position, reason: "the guard '\(word)' names no symbol")
                }
                guards.append(word)
                continue
            }
            entries.append(
                SeriesEntry(
                    name: word, content: .file(try SeriesText.file(word, in: series.folder, at: position)),
                    position: position, guards: guards, isIncluded: Guards.include(guards, defined: defined)))
        }
        if entries.isEmpty, !guards.isEmpty {
            throw SeriesError.malformed(at: position, reason: "guards without a file: \(guards.joined(separator: " "))")
        }
        if entries.isEmpty { series.lines.append(.text(text)) }
        // A comment belongs to the line; it is kept with the line's last entry.
        if let comment, !entries.isEmpty { entries[entries.count - 1].comment = String(comment) }
        series.lines += entries.map(SeriesLine.entry)
    }
}
