import Archive
import Bytes
public import SystemPackage

/// Writes a series in another dialect.
public enum SeriesWriter {
    /// The text of the list in a dialect.
    ///
    /// Comments, blank lines and the order are kept. Where the dialect has no guards, an entry that is left out becomes a
    /// comment, and the guards of an included one are named in its comment.
    /// - Throws: ``SeriesError/cannotExpress(dialect:entry:reason:)``.
    public static func text(_ series: PatchSeries, as dialect: SeriesDialect) throws(SeriesError) -> String {
        var lines: [String] = []
        if dialect == .rpm { lines = try specHead(series) }
        for line in series.lines {
            switch line {
            case .text(let text): lines.append(comment(text, in: dialect))
            case .entry(let entry) where dialect == .rpm && entry.isIncluded:
                let number = numbers(series).first { $0.name == entry.name }?.number ?? 0
                lines.append(
                    "%patch -P \(number) -p\(entry.strip)" + (entry.reverse ? " -R" : "")
                        + (entry.fuzz.map { " -F\($0)" } ?? "") + (entry.backup.map { " -b \($0)" } ?? ""))
            case .entry(let entry): lines.append(try self.line(entry, from: series.dialect, as: dialect))
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The file name a list has in a dialect.
    public static func fileName(_ dialect: SeriesDialect) -> String {
        switch dialect {
        case .suse: "series.conf"
        case .rpm: "series.spec"
        default: "series"
        }
    }

    /// The part of a spec before the applications: every patch that is applied, numbered from 1.
    private static func specHead(_ series: PatchSeries) throws(SeriesError) -> [String] {
        var lines = ["Name: series", "Version: 0", "Release: 0", "Summary: patches", "License: as the patches say"]
        for (number, name) in numbers(series) {
            if name.contains(where: { "/% \t".contains($0) }) {
                throw .cannotExpress(
                    dialect: .rpm, entry: name,
                    reason: "rpm keeps patches in one folder, under names without '/' and '%'")
            }
            lines.append("Patch\(number): \(name)")
        }
        return lines + ["%description", "Patches only.", "%prep"]
    }

    /// The patches that are applied, each name once, with their numbers.
    private static func numbers(_ series: PatchSeries) -> [(number: Int, name: String)] {
        var names: [String] = []
        for entry in series.included where !names.contains(entry.name) { names.append(entry.name) }
        return names.enumerated().map { ($0.offset + 1, $0.element) }
    }

    /// Writes the list and its patches to a folder, the list last. Patch files are written as they are stored.
    /// - Parameter folder: Made if it is not there; nothing in it is overwritten.
    /// - Returns: The list.
    /// - Throws: ``SeriesError``, `BytesError`.
    @discardableResult
    public static func write(_ series: PatchSeries, as dialect: SeriesDialect, to folder: FilePath) throws -> FilePath {
        let series = try distinct(series, as: dialect)
        let text = try text(series, as: dialect)
        let list = folder.appending(fileName(dialect))
        var copied: Set<String> = []
        let kept = dialect == .suse || dialect == series.dialect ? series.entries : series.included
        for path in [list] + kept.map({ folder.pushing(FilePath($0.name)) }) where Files.exists(path) {
            throw SeriesError.taken(path: path)
        }
        try Files.createDirectories(folder)
        for entry in kept where copied.insert(entry.name).inserted {
            let bytes: [UInt8]
            switch entry.content {
            case .bytes(let content): bytes = content
            case .file(let path):
                guard Files.isRegular(path) else {
                    // What is left out anyway need not be there.
                    if !entry.isIncluded { continue }
                    throw SeriesError.missingPatch(at: entry.position, name: entry.name)
                }
                bytes = try Files.read(path)
            case .part: bytes = try PatchSeries.load(entry).blob.bytes
            }
            let target = folder.pushing(FilePath(entry.name).lexicallyNormalized())
            try Files.createDirectories(target.removingLastComponent())
            try Files.write(bytes, to: target)
        }
        try Files.write(text, to: list)
        return list
    }

    /// The series with a name of its own for each patch that is another one than an earlier one of its name, and for each
    /// patch that is listed again where the consumer of the dialect refuses that: quilt does, and so Debian's series.
    private static func distinct(_ series: PatchSeries, as dialect: SeriesDialect) throws -> PatchSeries {
        func name(_ text: String) -> String { FilePath(text).lexicallyNormalized().string }
        // Files of entries that are left out are written as well where the list keeps these.
        let keepsAll = dialect == .suse || dialect == series.dialect
        let listsOnce = dialect == .quilt || dialect == .debian
        var taken = Set(series.entries.map { name($0.name) }).union([fileName(dialect)])
        var seen: [String: SeriesEntry] = [:]
        var series = series
        for (index, line) in series.lines.enumerated() {
            guard case .entry(var entry) = line, entry.isIncluded || keepsAll else { continue }
            guard let known = seen[name(entry.name)] else {
                seen[name(entry.name)] = entry
                continue
            }
            let isAgain = listsOnce && known.isIncluded && entry.isIncluded
            guard isAgain || known.content != entry.content else { continue }
            let path = FilePath(entry.name)
            let (stem, suffix) = (path.stem ?? entry.name, path.extension.map { "." + $0 } ?? "")
            for number in 2... {
                let other = path.removingLastComponent().appending("\(stem)-\(number)\(suffix)").string
                if taken.insert(name(other)).inserted {
                    entry.name = other
                    break
                }
            }
            series.lines[index] = .entry(entry)
        }
        return series
    }

    /// A comment as the dialect understands it: quilt knows comments only at the start of a line.
    private static func comment(_ text: String, in dialect: SeriesDialect) -> String {
        guard dialect == .quilt || dialect == .debian || dialect == .rpm else { return text }
        let bare = text.drop { $0 == " " || $0 == "\t" }
        return bare.isEmpty ? "" : bare.hasPrefix("#") && text.first != "#" ? String(bare) : text
    }

    private static func line(
        _ entry: SeriesEntry, from source: SeriesDialect, as dialect: SeriesDialect
    ) throws(SeriesError) -> String {
        if entry.name.contains(where: { $0 == " " || $0 == "\t" }) || entry.name.hasPrefix("#") {
            throw .cannotExpress(dialect: dialect, entry: entry.name, reason: "its name has a blank or begins with '#'")
        }
        if entry.action != .patch {
            throw .cannotExpress(dialect: dialect, entry: entry.name, reason: "it is a list of files to remove")
        }
        let remark = entry.comment.map { " #" + $0 } ?? ""
        switch dialect {
        case .quilt:
            let options = (entry.strip == 1 ? "" : " -p\(entry.strip)") + (entry.reverse ? " -R" : "")
            return unguarded(entry, entry.name + options, remark)
        case .debian:
            try demandPlain(entry, dialect)
            return unguarded(entry, entry.name, remark)
        case .suse:
            try demandPlain(entry, dialect)
            if entry.name.hasPrefix("+") || entry.name.hasPrefix("-") {
                throw .cannotExpress(dialect: dialect, entry: entry.name, reason: "its name would be read as a guard")
            }
            // Of the reasons to leave an entry out only guards can be written down.
            if let other = entry.exclusions.first(where: { $0.kind != Exclusion.guards([]).kind }) {
                return "# left out \(other): \(entry.name)\(remark)"
            }
            return "\t" + (entry.guards + [entry.name]).joined(separator: " ") + remark
        case .rpm: return unguarded(entry, entry.name, remark)
        case .git, .patch, .lenny:
            throw .cannotExpress(dialect: dialect, entry: entry.name, reason: "this dialect has no list")
        }
    }

    private static func demandPlain(_ entry: SeriesEntry, _ dialect: SeriesDialect) throws(SeriesError) {
        if entry.strip != 1 {
            throw .cannotExpress(
                dialect: dialect, entry: entry.name, reason: "it is stripped by \(entry.strip), not by 1")
        }
        if entry.reverse {
            throw .cannotExpress(dialect: dialect, entry: entry.name, reason: "it is applied in reverse")
        }
    }

    private static func unguarded(_ entry: SeriesEntry, _ line: String, _ remark: String) -> String {
        if let exclusion = entry.exclusions.first { return "# left out \(exclusion): \(line)\(remark)" }
        if entry.guards.isEmpty { return line + remark }
        return "\(line) # guards \(entry.guards.joined(separator: " "))\(remark)"
    }
}
