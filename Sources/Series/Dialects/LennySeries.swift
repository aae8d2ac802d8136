import Archive
import Bytes
import SystemPackage

/// Reads the series of Debian's kernel packages from 2006 to 2010 (`linux-2.6`, source format 1.0).
///
/// Facts from that package's own `patch.apply` and `debian_linux/patches.py`:
/// 1. The revisions of the upstream version at hand come from the changelog, oldest first. Each may have a file
///    `debian/patches/series/REVISION`; one that is missing is passed over.
/// 2. A line is `OPERATION FILE [CONDITION…]`, split at single blanks: `+` applies, `-` reverts, `X` removes the files
///    that a list names. The file is looked up as it is, then with `.bz2`, then with `.gz`.
/// 3. After all of them come the files `REVISION-extra`, in the same order. `arch=` and `featureset=` at the end of a line
///    are alternatives among themselves and hold together; without either asked for, none of these files counts.
/// 4. Patches are applied with `-p1 --fuzz=1`.
struct LennySeries {
    /// The symbols that hold: `arch=amd64`, `featureset=xen`, or the bare values.
    let symbols: Set<String>

    /// Reads a source package's folder, or its `debian/patches`.
    static func patches(of folder: FilePath) -> FilePath? {
        var candidates = [folder.pushing("debian/patches"), folder]
        // The folder of the lists itself; that beside any other folder is none of its business.
        if folder.lastComponent == "series" { candidates.append(folder.removingLastComponent()) }
        return candidates.first { isListed(by: $0.appending("series")) }
    }

    /// Whether a folder has lists by revision in it. A quilt series, or mails of `git format-patch -o series`, may be in a
    /// folder of that name, too: a list has neither that name nor that of a patch.
    private static func isListed(by folder: FilePath) -> Bool {
        guard Files.isDirectory(folder), let names = try? Files.list(folder) else { return false }
        return names.allSatisfy { name in
            let plain = Compression.stripSuffix(name)
            return name != "series" && !plain.hasSuffix(".patch") && !plain.hasSuffix(".diff")
                && !plain.hasSuffix(".eml")
        }
    }

    func read(patches: FilePath, name: String) throws -> PatchSeries {
        let changelog = patches.removingLastComponent().appending("changelog")
        guard Files.isRegular(changelog) else {
            throw SeriesError.unknown(
                path: patches,
                reason: "its series are files by revision, and there is no \(changelog) that gives them their order")
        }
        let revisions = try Self.revisions(changelog)
        let list = patches.appending("series")
        var series = PatchSeries(name: name, dialect: .lenny, file: list, folder: patches, lines: [])
        let wantsExtra = symbols.contains { !$0.isEmpty }
        for (suffix, isExtra) in [("", false), ("-extra", true)] {
            for revision in revisions {
                let file = list.appending(revision + suffix)
                guard Files.isRegular(file) else { continue }
                for (number, text) in try SeriesText.lines(of: file) {
                    let position = SeriesPosition(file: file, line: number)
                    try append(text, position, isExtra: isExtra, wantsExtra: wantsExtra, to: &series)
                }
            }
        }
        let known = Set(revisions.flatMap { [$0, $0 + "-extra"] } + ["orig-0"])
        for file in try Files.list(list) where !known.contains(file) && Files.isRegular(list.appending(file)) {
            series.remarks.append(
                SeriesRemark(
                    position: SeriesPosition(file: list.appending(file), line: 1),
                    text: "no revision of the changelog is called '\(file)': the file is ignored"))
        }
        return series
    }

    private func append(
        _ text: String, _ position: SeriesPosition, isExtra: Bool, wantsExtra: Bool, to series: inout PatchSeries
    ) throws {
        let line = Self.trimmed(text)
        guard !line.isEmpty, !line.hasPrefix("#") else {
            series.lines.append(.text(text))
            return
        }
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count >= 2, !words[1].isEmpty else {
            throw SeriesError.malformed(at: position, reason: "'\(line)' is not 'OPERATION FILE [CONDITION…]'")
        }
        guard ["+", "-", "X"].contains(words[0]) else {
            throw SeriesError.malformed(
                at: position, reason: "the operation '\(words[0])' is not one of '+', '-' and 'X'")
        }
        let conditions = Array(words.dropFirst(2).filter { !$0.isEmpty })
        for condition in conditions where !condition.hasPrefix("arch=") && !condition.hasPrefix("featureset=") {
            series.remarks.append(
                SeriesRemark(position: position, text: "the condition '\(condition)' is not known and is ignored"))
        }
        var entry = SeriesEntry(
            name: words[1], content: .file(try Self.lookUp(words[1], series.folder, position)),
            reverse: words[0] == "-", position: position, guards: conditions)
        if isExtra, !(wantsExtra && holds(conditions)) { entry.exclusions = [.selection(conditions)] }
        entry.action = words[0] == "X" ? .files : .patch
        entry.fuzz = 1
        if isExtra, conditions.isEmpty { entry.condition = "an architecture or featureset is asked for" }
        series.lines.append(.entry(entry))
    }

    /// Whether conditions hold: one of each kind that is there.
    private func holds(_ conditions: [String]) -> Bool {
        ["arch=", "featureset="].allSatisfy { kind in
            let values = conditions.filter { $0.hasPrefix(kind) }
            return values.isEmpty
                || values.contains { symbols.contains($0) || symbols.contains(String($0.dropFirst(kind.count))) }
        }
    }

    private static func lookUp(
        _ name: String, _ folder: FilePath, _ position: SeriesPosition
    ) throws(SeriesError) -> FilePath {
        for suffix in ["", ".bz2", ".gz"] {
            let path = try SeriesText.file(name + suffix, in: folder, at: position)
            if Files.isRegular(path) { return path }
        }
        return try SeriesText.file(name, in: folder, at: position)
    }

    /// The Debian revisions of the changelog's newest upstream version, oldest first.
    static func revisions(_ changelog: FilePath) throws -> [String] {
        var result: [String] = []
        var upstream: Substring?
        for (number, text) in try SeriesText.lines(of: changelog) {
            guard let first = text.first, first != " ", first != "\t" else { continue }
            guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") else { continue }
            let version = text[text.index(after: open)..<close]
            guard let dash = version.lastIndex(of: "-") else {
                throw SeriesError.malformed(
                    at: SeriesPosition(file: changelog, line: number),
                    reason: "the version '\(version)' has no revision")
            }
            if let upstream, upstream != version[..<dash] { break }
            upstream = version[..<dash]
            result.insert(String(version[version.index(after: dash)...]), at: 0)
        }
        guard !result.isEmpty else {
            throw SeriesError.malformed(
                at: SeriesPosition(file: changelog, line: 1), reason: "it has no entry with a version")
        }
        return result
    }

    /// The changelog's newest version in its two parts.
    static func newest(_ changelog: FilePath) throws -> (upstream: String, revision: String)? {
        for (_, text) in try SeriesText.lines(of: changelog) {
            guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")"),
                let dash = text[open..<close].lastIndex(of: "-")
            else { continue }
            return (
                String(text[text.index(after: open)..<dash]), String(text[text.index(after: dash)..<close])
            )
        }
        return nil
    }

    private static func trimmed(_ text: String) -> String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(text.drop(while: blank).reversed().drop(while: blank).reversed())
    }
}

extension PatchSeries {
    /// The version of the Debian package that a series of the Lenny era belongs to.
    package func debianVersion() throws -> (upstream: String, revision: String)? {
        try LennySeries.newest(folder.removingLastComponent().appending("changelog"))
    }
}
