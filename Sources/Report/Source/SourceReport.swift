public import Diagnostics
public import KernelSource

/// What `dom0kit source import` shows.
public struct SourceReport: Reportable {
    public static let schema = "dom0kit.source/1"
    /// The tree that was made.
    public let tree: String
    /// The kernel's release.
    public let version: String
    /// Where it came from.
    public let origin: String
    /// The files it was made from.
    public let inputs: [Input]
    /// How many regular files it has.
    public let files: Int
    /// Things a maintainer should know.
    public let warnings: [String]

    /// A file that went into the tree.
    public struct Input: Encodable, Sendable {
        /// Its name.
        public let name: String
        /// Its SHA-256.
        public let sha256: String
    }

    /// Makes the report.
    public init(_ tree: ImportedTree) {
        self.tree = tree.folder.string
        version = tree.version.description
        origin = tree.origin.description
        inputs = tree.origin.inputs.map { Input(name: $0.name, sha256: $0.digest.hex) }
        files = tree.files
        warnings = tree.warnings
    }

    public var verdict: Verdict { warnings.isEmpty ? .pass : .warn }
    public var summaryLine: String { "Linux \(version) from \(origin) in \(tree), \(Wording.count(files, "file"))" }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        for input in inputs { table.add("input", input.name, "sha256 \(input.sha256)") }
        for warning in warnings { table.add("warning", warning) }
        return table.text()
    }

    private enum CodingKeys: String, CodingKey { case tree, version, origin, inputs, files, warnings }
}
