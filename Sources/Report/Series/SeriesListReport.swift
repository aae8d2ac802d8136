public import Diagnostics
public import Series

/// What `dom0kit series list` shows.
public struct SeriesListReport: Reportable {
    public static let schema = "dom0kit.series/1"
    /// What the series is called.
    public let name: String
    /// What it is written in.
    public let dialect: String
    /// The SHA-256 of the series as it would be applied; none where a patch of it is missing.
    public let sha256: String?
    /// What may change the tree in a way that is not read: the list must not be taken for complete.
    public let gaps: [Gap]
    /// What about it a maintainer should know, with file and line.
    public let remarks: [String]
    /// Every entry, those left out among them.
    public let patches: [Patch]

    /// A reason to leave an entry out.
    public struct Exclusion: Encodable, Sendable {
        /// `guards`, `selection`, `condition`, `folder` or `short`.
        public let kind: String
        /// For display.
        public let reason: String
    }

    /// An entry.
    public struct Patch: Encodable, Sendable {
        /// Its name.
        public let name: String
        /// Whether it is applied.
        public let included: Bool
        /// Its guards.
        public let guards: [String]
        /// Why it is left out; empty for a patch that is applied.
        public let exclusions: [Exclusion]
        /// How many leading folders file names lose.
        public let strip: Int
        /// Whether it is reverted instead of applied.
        public let reverse: Bool
        /// The file that lists it.
        public let file: String
        /// The line that lists it.
        public let line: Int
        /// The SHA-256 of its file; none where it is left out.
        public let sha256: String?
        /// The condition around its line, where there is one.
        public let condition: String?
        /// The most context lines that may differ, where the series says so.
        public let fuzz: Int?
        /// The suffix of the copies it leaves of the files it changes, where it leaves some.
        public let backup: String?
    }

    /// Makes the report.
    /// - Parameter digests: What identifies it; `nil` where patches are missing.
    public init(_ series: PatchSeries, digests: SeriesDigests?) {
        name = series.name
        dialect = series.dialect.rawValue
        sha256 = digests?.digest.hex
        gaps = series.gaps.map(\.gap)
        remarks = series.remarks.map { "\($0.position): \($0.text)" }
        isComplete = digests != nil
        var each = (digests?.patches ?? []).map(\.hex).makeIterator()
        patches = series.entries.map { entry in
            Patch(
                name: entry.name, included: entry.isIncluded, guards: entry.guards,
                exclusions: entry.exclusions.map { Exclusion(kind: $0.kind, reason: $0.description) },
                strip: entry.strip,
                reverse: entry.reverse, file: entry.position.file.string, line: entry.position.line,
                sha256: entry.isIncluded ? each.next() : nil, condition: entry.condition, fuzz: entry.fuzz,
                backup: entry.backup)
        }
    }

    private let isComplete: Bool

    /// `unknown` where something is not read.
    public var verdict: Verdict { gaps.isEmpty ? isComplete ? .pass : .warn : .unknown }
    /// The exit code.
    public var status: ExitStatus { gaps.isEmpty ? .success : .undecided }
    public var summaryLine: String {
        let out = patches.count { !$0.included }
        return "\(name): \(Wording.count(patches.count - out, "patch", "patches")) (\(dialect))"
            + (out > 0 ? ", \(out) left out" : "")
            + (sha256.map { ", sha256 \($0)" }
                ?? (gaps.isEmpty
                    ? ", some of them are missing" : ", \(Wording.count(gaps.count, "gap")): it may not be all of them"))
    }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        for patch in patches {
            let options = (patch.strip == 1 ? [] : ["-p\(patch.strip)"]) + (patch.reverse ? ["-R"] : []) + patch.guards
            let name =
                patch.included
                ? patch.name : style.dim("\(patch.name) (left out \(patch.exclusions.first?.reason ?? ""))")
            table.add("\(patch.line)", name, options.joined(separator: " "))
        }
        return table.text()
            + gaps.map { gap in
                "\(SafeText.inLine(gap.file)):\(gap.line): \(style.verdict(.unknown)): \(SafeText.inLine(gap.text))\n"
            }.joined()
    }

    private enum CodingKeys: String, CodingKey { case name, dialect, sha256, patches, gaps, remarks }
}
