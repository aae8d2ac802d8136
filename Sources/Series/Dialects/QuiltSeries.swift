import SystemPackage

/// Reads a quilt `series` file: `NAME [-pN] [-R] [# comment]`.
///
/// Facts from quilt 0.66 (`scripts/patchfns`, `push`): blanks before the name do not count; the first word is the name;
/// the others, up to a `#` after a blank, are options for patch(1), of which `-pN`, `-pab` (as 1) and `-R` are known.
/// dpkg-source strips the same comments, ignores options, and refuses `../`.
enum QuiltSeries {
    static func read(_ file: FilePath, folder: FilePath, name: String, dialect: SeriesDialect) throws -> PatchSeries {
        try read(try SeriesText.lines(of: file), of: file, folder: folder, name: name, dialect: dialect) { _, path in
            .file(path)
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
