public import Diagnostics
public import Series
public import SystemPackage

/// What `dom0kit series convert` shows.
public struct SeriesConvertReport: Reportable {
    public static let schema = "dom0kit.convert/1"
    /// The dialect it was read in.
    public let from: String
    /// The dialect it was written in.
    public let to: String
    /// The list that was written.
    public let file: String
    /// How many patches would be applied, before and after alike.
    public let patches: Int
    /// The SHA-256 of the series, before and after alike.
    public let sha256: String

    /// Makes the report.
    public init(_ series: PatchSeries, to dialect: SeriesDialect, file: FilePath, loaded: LoadedSeries) {
        from = series.dialect.rawValue
        to = dialect.rawValue
        self.file = file.string
        patches = loaded.patches.count
        sha256 = loaded.digest.hex
    }

    public var verdict: Verdict { .pass }
    public var summaryLine: String {
        "\(Wording.count(patches, "patch", "patches")) from \(from) to \(to) in \(file), sha256 \(sha256)"
    }
    public func text(_ style: TextStyle) -> String { "" }

    private enum CodingKeys: String, CodingKey { case from, to, file, patches, sha256 }
}
