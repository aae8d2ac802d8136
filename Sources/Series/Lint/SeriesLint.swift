import Archive
import Bytes
public import Diagnostics
import Patching
import SystemPackage

/// Something that is wrong, or may be wrong, with a series.
public struct LintFinding: Sendable, Equatable {
    /// What kind of thing it is; stable, for programs.
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// A listed file is not there.
        case missing
        /// A patch file beside the series is not listed.
        case unused
        /// A patch is listed twice under the same condition.
        case duplicate
        /// Two patches have the same bytes.
        case sameContent = "same-content"
        /// A patch file is empty, or has nothing in it that could be applied.
        case empty
        /// The series selects no patch.
        case emptySeries = "empty-series"
        /// A patch cannot be understood.
        case malformed
        /// Text that looks like a patch would be passed over.
        case ignoredText = "ignored-text"
        /// No set of symbols lets the entry in.
        case neverIncluded = "never-included"
        /// It makes a file that an earlier patch of the series has made.
        case neverApplies = "never-applies"
        /// A guard names a symbol that is not known.
        case unknownGuard = "unknown-guard"
        /// All files are missing: the live list is elsewhere.
        case stale
        /// A header that the policy asks for is missing.
        case provenance
        /// A patch of the series cannot be told from it.
        case incomplete
        /// Another tool reads the line in another way.
        case portability
    }

    /// What kind of thing it is.
    public let kind: Kind
    /// ``Verdict/fail`` for what breaks the series, ``Verdict/warn`` for what may, ``Verdict/unknown`` for what is not read.
    public let severity: Verdict
    /// The line of the series, or of the patch file, where there is one.
    public let position: SeriesPosition?
    /// The patch concerned.
    public let patch: String?
    /// What is wrong.
    public let text: String
}

/// Checks a series without a tree.
public struct SeriesLint: Sendable {
    /// Headers every patch must have: one field of each group (`["Origin", "Git-commit"]`).
    public var requiredHeaders: [[String]] = []
    /// The symbols guards may name; any where `nil`.
    public var knownGuards: Set<String>?

    /// A lint without a policy.
    public init() {}

    /// Everything that is wrong with a series, in the order of the series, then of file names.
    /// - Throws: `BytesError` where a folder cannot be listed.
    public func check(_ series: PatchSeries) throws -> [LintFinding] {
        let entries = series.entries
        let present = entries.map(Self.isPresent)
        if !entries.isEmpty, !present.contains(true) {
            return [
                LintFinding(
                    kind: .stale, severity: .fail, position: SeriesPosition(file: series.file, line: 1), patch: nil,
                    text: "none of its \(entries.count) patches exists: the list in use is elsewhere"
                        + elsewhere(series))
            ]
        }
        var findings = series.gaps.map {
            LintFinding(kind: .incomplete, severity: .unknown, position: $0.position, patch: nil, text: $0.text)
        }
        let selection = series.selection
        if selection.selected == 0, series.gaps.isEmpty {
            findings.append(
                LintFinding(
                    kind: .emptySeries, severity: .warn, position: SeriesPosition(file: series.file, line: 1),
                    patch: nil,
                    text: "it selects no patch"
                        + (selection.leftOut.isEmpty ? "" : ": all \(selection.leftOut.count) entries are left out")))
        }
        findings += series.remarks.map {
            LintFinding(kind: .portability, severity: .warn, position: $0.position, patch: nil, text: $0.text)
        }
        var listed: [String: SeriesEntry] = [:]
        var contents: [Digest: SeriesEntry] = [:]
        var makers: [RelativePath: SeriesEntry] = [:]
        for (entry, isPresent) in zip(entries, present) {
            func add(_ kind: LintFinding.Kind, _ severity: Verdict, _ text: String, at position: SeriesPosition? = nil)
            {
                findings.append(
                    LintFinding(
                        kind: kind, severity: severity, position: position ?? entry.position, patch: entry.name,
                        text: text))
            }
            if let first = listed[entry.name] {
                let both = first.isIncluded && entry.isIncluded
                // A spec may apply one patch to several folders.
                let sameTree = series.dialect != .rpm || first.exclusions == entry.exclusions
                if both || first.guards == entry.guards && sameTree {
                    add(
                        .duplicate, both ? .fail : .warn,
                        "'\(entry.name)' is already listed in line \(first.position.line)")
                }
            } else {
                listed[entry.name] = entry
            }
            let guards = series.dialect == .suse ? entry.guards : []
            if series.dialect == .lenny || series.dialect == .debian, let knownGuards {
                for guarded in entry.guards where !knownGuards.contains(guarded) {
                    let value = String(guarded.drop { $0 != "=" }.dropFirst())
                    if !knownGuards.contains(value) {
                        add(.unknownGuard, .warn, "the condition '\(guarded)' is not known")
                    }
                }
            }
            if Guards.neverIncludes(guards) {
                add(.neverIncluded, .warn, "the guards '\(guards.joined(separator: " "))' never include it")
            }
            for symbol in Guards.symbols(guards).subtracting(knownGuards ?? Guards.symbols(guards)).sorted() {
                add(.unknownGuard, .warn, "the guard symbol '\(symbol)' is not known")
            }
            guard isPresent else {
                add(.missing, entry.isIncluded ? .fail : .warn, "the patch '\(entry.name)' is missing")
                continue
            }
            guard entry.isIncluded else { continue }
            check(entry, &contents, &makers, add)
        }
        return findings + (try unused(series, listed: Set(listed.keys)))
    }

    private func check(
        _ entry: SeriesEntry, _ contents: inout [Digest: SeriesEntry], _ makers: inout [RelativePath: SeriesEntry],
        _ add: (LintFinding.Kind, Verdict, String, SeriesPosition?) -> Void
    ) {
        // A list of files to remove, and what is put back of another patch, are not patches in their own right.
        guard entry.action == .patch else { return }
        if case .part = entry.content { return }
        let bytes: [UInt8]
        var file = entry.position.file
        if case .file(let path) = entry.content { file = path }
        do {
            bytes = try PatchSeries.load(entry).blob.bytes
        } catch {
            add(.malformed, .fail, (error as? any DiagnosedError)?.message ?? "\(error)", nil)
            return
        }
        let digest = Digest(of: bytes)
        if bytes.isEmpty {
            add(.empty, .warn, "the patch is empty", SeriesPosition(file: file, line: 1))
        } else if let first = contents[digest], first.name != entry.name {
            add(.sameContent, .fail, "it has the same content as '\(first.name)'", nil)
        } else {
            contents[digest] = entry
        }
        do throws(PatchError) {
            let patch = try ParsedPatch.parse(Blob(bytes), name: entry.name, strip: entry.strip)
            for ignored in patch.ignored where ignored.looksLikePatch {
                add(
                    .ignoredText, .warn, "text that looks like a patch would be ignored: \(ignored.text)",
                    SeriesPosition(file: file, line: ignored.line))
            }
            for change in patch.files {
                // What makes the file, and what takes it away, with the direction turned where it is reverted.
                let (makes, takes) =
                    entry.reverse ? (change.newAbsence, change.oldAbsence) : (change.oldAbsence, change.newAbsence)
                guard let path = change.newPath ?? change.oldPath else { continue }
                if takes == .missing { makers[path] = nil }
                if change.isRename, let old = change.oldPath { makers[old] = nil }
                guard makes == .missing, !change.isRename, !change.isCopy else { continue }
                if let maker = makers[path] {
                    add(
                        .neverApplies, .fail, "it makes \(path), which '\(maker.name)' has already made",
                        SeriesPosition(file: file, line: change.line))
                }
                makers[path] = entry
            }
        } catch {
            if !bytes.isEmpty {
                add(
                    error.problem == .noPatch ? .empty : .malformed, .fail, error.message,
                    SeriesPosition(file: file, line: error.line))
            }
        }
        let header = PatchHeader(bytes)
        if let commit = header["Git-commit"], !Self.isCommit(commit) {
            add(
                .provenance, .warn, "its Git-commit '\(commit)' does not name a commit",
                SeriesPosition(file: file, line: 1))
        }
        for group in requiredHeaders where !group.contains(where: { header[$0] != nil }) {
            add(
                .provenance, .warn, "it has no header \(group.joined(separator: " or "))",
                SeriesPosition(file: file, line: 1))
        }
    }

    /// Whether a field's value is a commit, by 12 to 64 digits, or says that there is none yet.
    private static func isCommit(_ value: String) -> Bool {
        let word = value.prefix { $0 != " " && $0 != "\t" && $0 != "," }
        if ["no", "never", "queued"].contains(word.lowercased()) { return true }
        return (12...64).contains(word.count) && word.allSatisfy { $0.isHexDigit && $0.isASCII }
    }

    /// Patch files in the folders that the series uses, but not listed in it.
    private func unused(_ series: PatchSeries, listed: Set<String>) throws -> [LintFinding] {
        guard [.quilt, .debian, .suse].contains(series.dialect) else { return [] }
        let normal = Set(listed.map { FilePath($0).lexicallyNormalized().string })
        let folders = Set(normal.map { FilePath($0).removingLastComponent().string }).union([""])
        var findings: [LintFinding] = []
        for folder in folders.sorted() {
            let path = folder.isEmpty ? series.folder : series.folder.pushing(FilePath(folder))
            guard Files.isDirectory(path) else { continue }
            for name in try Files.list(path) {
                let full = folder.isEmpty ? name : folder + "/" + name
                let plain = Compression.stripSuffix(name)
                guard plain.hasSuffix(".patch") || plain.hasSuffix(".diff"), !normal.contains(full) else { continue }
                findings.append(
                    LintFinding(
                        kind: .unused, severity: .warn, position: nil, patch: full,
                        text: "'\(full)' is not in the series"))
            }
        }
        return findings
    }

    /// Where else a list lies near a stale one.
    private func elsewhere(_ series: PatchSeries) -> String {
        let above = series.folder.removingLastComponent()
        let candidates = ["series", "series.conf"].flatMap { name in
            [above.appending(name), series.folder.appending(name), series.folder.appending("patches").appending(name)]
        }
        guard let found = candidates.first(where: { $0 != series.file && Files.isRegular($0) }) else { return "" }
        return "; there is \(found)"
    }

    private static func isPresent(_ entry: SeriesEntry) -> Bool {
        isPresent(entry.content)
    }

    private static func isPresent(_ content: SeriesEntry.Content) -> Bool {
        switch content {
        case .bytes: true
        case .file(let path): Files.isRegular(path)
        case .part(let whole, _): isPresent(whole)
        }
    }
}
