public import Bytes
import KernelModel
public import SystemPackage

/// A kernel tree with the proof of where it came from.
public struct ImportedTree: Sendable, Equatable {
    /// The tree.
    public let folder: FilePath
    /// The release its Makefile states.
    public let version: KernelVersion
    /// Where it came from.
    public let origin: SourceOrigin
    /// How many regular files it has.
    public let files: Int
    /// Things a maintainer should know about the source.
    public let warnings: [String]
}

/// Where a tree came from, with checksums.
public struct SourceOrigin: Sendable, Equatable {
    /// What it came from, for display: `linux-source-6.1 6.1.192-2 of bookworm`, or a path.
    public let description: String
    /// The files it was made from, with their checksums; none for a folder.
    public let inputs: [Input]

    /// A file that went into the tree.
    public struct Input: Sendable, Equatable {
        /// The file's name without folders.
        public let name: String
        /// Its SHA-256.
        public let digest: Digest

        /// States an input.
        public init(name: String, digest: Digest) {
            self.name = name
            self.digest = digest
        }
    }
}
