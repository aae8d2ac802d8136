/// A patch file, taken apart: what it changes, and what becomes of every one of its bytes.
public struct ParsedPatch: Sendable {
    /// The name the patch goes by.
    public internal(set) var name: String
    /// The whole patch file.
    public let blob: Blob
    /// The changes, in the order of the file.
    public internal(set) var files: [FilePatch] = []
    /// Text that is neither applied nor part of a header or description.
    public internal(set) var ignored: [IgnoredText] = []
    /// What every byte of the file was taken for: without gaps, in order.
    public internal(set) var regions: [PatchRegion] = []
    /// Whether only names are known, remembered from an earlier run: files without hunks, and no bytes.
    var isOutline = false

    /// The same without what it does to other files.
    package func restricted(to paths: Set<RelativePath>) -> ParsedPatch {
        var patch = self
        patch.files = files.filter { file in
            [file.oldPath, file.newPath, file.indexPath].contains { $0.map(paths.contains) ?? false }
        }
        return patch
    }

    /// The same under another name.
    func named(_ name: String) -> ParsedPatch {
        var patch = self
        patch.name = name
        return patch
    }
}

/// A stretch of a patch file and what it was taken for.
public struct PatchRegion: Sendable, Hashable {
    /// What text can be.
    public enum Kind: String, Sendable {
        /// Text before the first change of a message: mail headers, the commit message, a diffstat.
        case description
        /// Lines that name files, modes, renames.
        case header
        /// A hunk that is applied.
        case hunk
        /// Encoded binary content that is applied.
        case binary
        /// The `-- ` line of a mail and what follows it.
        case signature
        /// Text after a change that nothing is done with.
        case ignored
    }

    /// What it is.
    public let kind: Kind
    /// Where it is, in bytes.
    public let bytes: Range<Int>
}

/// Text of a patch file that nothing is done with.
public struct IgnoredText: Sendable, Hashable {
    /// Its first line in the patch file, from 1.
    public let line: Int
    /// How many lines it has.
    public internal(set) var count: Int
    /// Its first line that is not blank.
    public internal(set) var text: String
    /// Whether it looks as if it had been meant to be applied: a warning, in strict mode a failure.
    public internal(set) var looksLikePatch: Bool
}
