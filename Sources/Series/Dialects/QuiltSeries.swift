import Bytes
import Concurrency
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
    /// - Parameters:
    ///   - guards: The guards that are selected, for a list that may be guilt's; `nil` for one that is not.
    ///   - workers: How many threads read; the result does not depend on it.
    static func read(
        _ file: FilePath, folder: FilePath, name: String, dialect: SeriesDialect, guards: Set<String>? = nil,
        workers: Int
    ) throws -> PatchSeries {
        var series = try read(
            try Files.read(file), of: file, folder: folder, name: name, dialect: dialect, workers: workers
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

    /// Reads the content of a list.
    /// - Parameter content: Where the bytes of a patch are, by its name and the path that this means.
    static func read(
        _ list: [UInt8], of file: FilePath, folder: FilePath, name: String, dialect: SeriesDialect, workers: Int = 1,
        content: @Sendable (String, FilePath) -> SeriesEntry.Content
    ) throws -> PatchSeries {
        // There may be thousands of lines.
        let lines = SeriesText.slices(list)
        let piece = 512
        let pieces = try Parallel.map(count: (lines.count + piece - 1) / piece, workers: workers) { index in
            var remarks: [SeriesRemark] = []
            let numbers = (index * piece)..<min((index + 1) * piece, lines.count)
            let read = try numbers.map { number in
                try line(
                    SeriesText.text(lines[number]), at: SeriesPosition(file: file, line: number + 1), folder, dialect,
                    &remarks, content)
            }
            return (lines: read, remarks: remarks)
        }
        return PatchSeries(
            name: name, dialect: dialect, file: file, folder: folder, lines: Array(pieces.lazy.map(\.lines).joined()),
            remarks: pieces.flatMap(\.remarks))
    }

    private static func line(
        _ text: String, at position: SeriesPosition, _ folder: FilePath, _ dialect: SeriesDialect,
        _ remarks: inout [SeriesRemark], _ content: (String, FilePath) -> SeriesEntry.Content
    ) throws(SeriesError) -> SeriesLine {
        let (before, comment) = SeriesText.comment(text)
        let words = SeriesText.words(before)
        guard let name = words.first else {
            // quilt 0.66 deletes only comments at the start of a line; it looks for a patch called `#` here.
            if comment != nil, text.first != "#" {
                remarks.append(
                    SeriesRemark(position: position, text: "quilt takes an indented comment for a patch called '#'"))
            }
            return .text(text)
        }
        var entry = SeriesEntry(
            name: name, content: content(name, try SeriesText.file(name, in: folder, at: position)),
            position: position, comment: comment.map(String.init))
        try read(options: words.dropFirst(), into: &entry, &remarks, dialect)
        return .entry(entry)
    }

    private static func read(
        options: ArraySlice<String>, into entry: inout SeriesEntry, _ remarks: inout [SeriesRemark],
        _ dialect: SeriesDialect
    ) throws(SeriesError) {
        if dialect == .debian {
            if !options.isEmpty, Array(options) != ["-p1"] {
                remarks.append(
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
