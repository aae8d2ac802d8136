public import Diagnostics
import Porting
public import SystemPackage

/// What `dom0kit rebase --abort` shows.
public struct RebaseAbortReport: Reportable {
    public static let schema = RebaseReport.schema
    private let folder: FilePath
    private let left: [FilePath]

    /// Makes the report.
    /// - Parameter left: The files that are not the kit's, and so are left.
    public init(folder: FilePath, left: [FilePath]) {
        self.folder = folder
        self.left = left
    }

    public var verdict: Verdict { .pass }

    public var summaryLine: String {
        "given up: what was written to \(folder) is removed"
            + (left.isEmpty ? "" : "; \(Wording.count(left.count, "other file is", "other files are")) left")
    }

    public func text(_ style: TextStyle) -> String {
        left.map { "left  \(SafeText.inLine($0.string))\n" }.joined()
    }

    private enum CodingKeys: String, CodingKey { case aborted, left }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(folder.string, forKey: .aborted)
        try container.encode(left.map(\.string), forKey: .left)
    }
}
