import Archive
import Bytes
import SystemPackage

/// Reads `series.conf` of openSUSE's kernel-source.
///
/// A comment is a `#` at the start or after a blank; a backslash at the end continues the line; words with `+` or `-`
/// collect as guards for the files after them on the line. Local patches in `patches.addon/series` come last;
/// names without a folder there are below `patches.addon` (`rpm/apply-patches`). A source package carries the folders of
/// patches as archives (`patches.suse.tar.bz2`).
struct SuseSeries {
    let defined: Set<String>
    /// Where an entry's bytes are.
    let content: (String, SeriesPosition) throws -> SeriesEntry.Content
    private var series: PatchSeries

    /// Reads a checkout, or the folder of an unpacked source package.
    static func read(_ file: FilePath, folder: FilePath, name: String, defined: Set<String>) throws -> PatchSeries {
        let archives = PatchArchives(folder: folder)
        var reader = SuseSeries(name: name, file: file, folder: folder, defined: defined) { word, position in
            let path = try SeriesText.file(word, in: folder, at: position)
            if Files.isRegular(path) { return .file(path) }
            return try archives.content(of: word).map { .bytes($0) } ?? .file(path)
        }
        try reader.take(try SeriesText.lines(of: file), of: file)
        let addon = folder.pushing("patches.addon/series")
        if Files.isRegular(addon) {
            try reader.take(try SeriesText.lines(of: addon), of: addon, prefix: "patches.addon/")
        }
        return reader.series
    }

    /// Reads a source package whose files were taken out of it.
    static func read(
        package: FilePath, files: [String: [UInt8]], name: String, defined: Set<String>
    ) throws -> PatchSeries {
        var patches: [String: [UInt8]] = [:]
        for (file, bytes) in files where PatchArchives.isArchive(file) {
            try PatchArchives.add(.bytes(bytes, name: "\(package): \(file)"), to: &patches)
        }
        let known = patches
        var reader = SuseSeries(name: name, file: package, folder: package, defined: defined) { word, position in
            _ = try SeriesText.file(word, in: package, at: position)
            return known[word].map { .bytes($0) } ?? .file(package.pushing(FilePath(word)))
        }
        for (list, prefix) in [("series.conf", ""), ("patches.addon/series", "patches.addon/")] {
            guard let bytes = files[list] ?? known[list] else { continue }
            try reader.take(SeriesText.lines(bytes), of: package.pushing(FilePath(list)), prefix: prefix)
        }
        return reader.series
    }

    private init(
        name: String, file: FilePath, folder: FilePath, defined: Set<String>,
        content: @escaping (String, SeriesPosition) throws -> SeriesEntry.Content
    ) {
        self.defined = defined
        self.content = content
        series = PatchSeries(name: name, dialect: .suse, file: file, folder: folder, lines: [])
    }

    private mutating func take(
        _ lines: [(number: Int, text: String)], of file: FilePath, prefix: String = ""
    ) throws {
        var pending: (number: Int, text: String)?
        for (number, text) in lines {
            let whole = (pending?.text ?? "") + text
            let start = pending?.number ?? number
            if whole.hasSuffix("\\") {
                pending = (start, String(whole.dropLast()) + " ")
                continue
            }
            pending = nil
            try append(whole, SeriesPosition(file: file, line: start), prefix)
        }
        if let pending {
            throw SeriesError.malformed(
                at: SeriesPosition(file: file, line: pending.number),
                reason: "the last line is continued by a backslash")
        }
    }

    private mutating func append(_ text: String, _ position: SeriesPosition, _ prefix: String) throws {
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
            let name = word.contains("/") ? word : prefix + word
            entries.append(
                SeriesEntry(
                    name: name, content: try content(name, position), position: position, guards: guards,
                    exclusions: Guards.include(guards, defined: defined) ? [] : [.guards(guards)]))
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

/// The archives of patches that a kernel-source package carries in the place of folders, opened when first asked.
final class PatchArchives {
    private let folder: FilePath
    private var loaded: [String: [UInt8]]?

    init(folder: FilePath) { self.folder = folder }

    /// The bytes of a patch by its name in the series.
    func content(of name: String) throws -> [UInt8]? {
        if loaded == nil {
            var files: [String: [UInt8]] = [:]
            for archive in try Files.list(folder) where Self.isArchive(archive) {
                try Self.add(.file(folder.appending(archive)), to: &files)
            }
            loaded = files
        }
        return loaded?[name]
    }

    /// Whether a file's name is that of an archive of patches.
    static func isArchive(_ name: String) -> Bool { name.hasPrefix("patches.") && name.contains(".tar") }

    static func add(_ source: ArchiveSource, to files: inout [String: [UInt8]]) throws {
        try Archives.forEachEntry(in: source) { entry, content in
            if entry.kind == .file, entry.size <= 64 << 20 {
                files[entry.path.string] = try content.bytes(limit: 64 << 20)
            }
            return .next
        }
    }
}
