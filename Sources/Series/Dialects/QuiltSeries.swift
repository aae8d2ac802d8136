import SystemPackage

/// Reads a quilt `series` file: `NAME [-pN] [-R] [# comment]`.
///
/// Facts from quilt 0.66 (`scripts/patchfns`, `push`): blanks before the name do not count; the first word is the name;
/// the others, up to a `#` after a blank, are options for patch(1), of which `-pN`, `-pab` (as 1) and `-R` are known.
/// dpkg-source strips the same comments, ignores options, and refuses `../`.
///
/// guilt and Mercurial's patch queues have the same list with guards in what quilt takes for a comment: `NAME #+GUARD` is
/// for those who select the guard, `NAME #-GUARD` for those who do not.
enum QuiltSeries {
    /// Reads a list.
    /// - Parameter guards: The guards that are selected, for a list that may be guilt's; `nil` for one that is not.
    static func read(
        _ file: FilePath, folder: FilePath, name: String, dialect: SeriesDialect, guards: Set<String>? = nil
    ) throws -> PatchSeries {
        var series = try read(
            try SeriesText.lines(of: file), of: file, folder: folder, name: name, dialect: dialect
        ) { _, path in .file(path) }
        if let guards { guardEntries(of: &series, selected: guards) }
        return series
    }

    private static func guardEntries(of series: inout PatchSeries, selected: Set<String>) {
        for (index, line) in series.lines.enumerated() {
            guard case .entry(var entry) = line, !entry.isPlain, let comment = entry.comment else { continue }
            // `#+a` and `#+a #-b`; what a person writes has a blank behind the sign, or no sign.
            let words = ("#" + comment).split { $0 == " " || $0 == "\t" }
            let guards = words.filter { ($0.hasPrefix("#+") || $0.hasPrefix("#-")) && $0.count > 2 }.map {
                String($0.dropFirst())
            }
            guard words.first.map({ $0.hasPrefix("#+") || $0.hasPrefix("#-") }) == true, !guards.isEmpty else {
                continue
            }
            guard !selected.isEmpty else {
                series.gaps.append(
                    SeriesRemark(
                        position: entry.position,
                        text:
                            "guilt and Mercurial take '#\(guards.joined(separator: " #"))' for a guard, quilt for a comment: "
                            + "say which guards are selected, or take the mark away"))
                continue
            }
            func names(_ sign: String) -> [String] {
                guards.filter { $0.hasPrefix(sign) }.map { String($0.dropFirst()) }
            }
            let wanted = names("+")
            if names("-").contains(where: selected.contains)
                || !wanted.isEmpty && !wanted.contains(where: selected.contains)
            {
                entry.exclusions.append(.guards(guards))
            }
            series.lines[index] = .entry(entry)
        }
    }

    /// Reads the lines of a list.
    /// - Parameter content: Where the bytes of a patch are, by its name and the path that this means.
    static func read(
        _ lines: [(number: Int, text: String)], of file: FilePath, folder: FilePath, name: String,
        dialect: SeriesDialect, content: (String, FilePath) -> SeriesEntry.Content
    ) throws -> PatchSeries {
        var series = PatchSeries(name: name, dialect: dialect, file: file, folder: folder, lines: [])
        for (number, text) in lines {
            let position = SeriesPosition(file: file, line: number)
            let (before, comment) = SeriesText.comment(text)
            let words = SeriesText.words(before)
            guard let name = words.first else {
                // quilt 0.66 deletes only comments at the start of a line; it looks for a patch called `#` here.
                if comment != nil, text.first != "#" {
                    series.remarks.append(
                        SeriesRemark(position: position, text: "quilt takes an indented comment for a patch called '#'")
                    )
                }
                series.lines.append(.text(text))
                continue
            }
            var entry = SeriesEntry(
                name: name, content: content(name, try SeriesText.file(name, in: folder, at: position)),
                position: position,
                comment: comment.map(String.init))
            try read(options: words.dropFirst(), into: &entry, &series, dialect)
            series.lines.append(.entry(entry))
        }
        return series
    }

    private static func read(
        options: ArraySlice<String>, into entry: inout SeriesEntry, _ series: inout PatchSeries,
        _ dialect: SeriesDialect
    ) throws(SeriesError) {
        if dialect == .debian {
            if !options.isEmpty, Array(options) != ["-p1"] {
                series.remarks.append(
                    SeriesRemark(
                        position: entry.position,
                        text: "dpkg-source ignores the options '\(options.joined(separator: " "))' and applies with -p1"
                    ))
            }
            return
        }
        for option in options {
            if option == "-R" {
                entry.reverse = true
            } else if option == "-pab" {
                entry.strip = 1
            } else if option.hasPrefix("-p"), let strip = Int(option.dropFirst(2)), (0...64).contains(strip) {
                entry.strip = strip
            } else {
                throw .malformed(at: entry.position, reason: "the option '\(option)' is not known; -pN and -R are")
            }
        }
    }
}
