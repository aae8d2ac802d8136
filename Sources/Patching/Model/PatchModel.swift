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

/// What a patch does to one file. A class, because it is handed around in the engine's innermost loops and never changes.
public final class FilePatch: Sendable {
    /// How sure a side of the patch is that the file is not there.
    public enum Absence: Int, Sendable, Comparable {
        /// It is there.
        case no = 0
        /// It is empty or missing (`-0,0`).
        case emptyOrMissing = 1
        /// It is missing (`/dev/null`, a time stamp at the epoch, git's `new file` and `deleted file`).
        case missing = 2

        /// From "there" to "missing".
        public static func < (left: Absence, right: Absence) -> Bool { left.rawValue < right.rawValue }
    }

    /// What carries the change.
    public enum Payload: Sendable {
        /// Hunks of text; none for a pure rename, copy, mode change or an empty file.
        case text
        /// `GIT binary patch`: how to get from the old content to the new, and back where the patch says so.
        case binary(forward: BinaryHunk, reverse: BinaryHunk?)
        /// Only the words that binary files differ: it cannot be applied.
        case binaryWithoutContent
    }

    /// The line of its first header line in the patch file, from 1.
    public let line: Int
    /// Which message of the patch file (mbox) it is in, from 0.
    public let message: Int
    /// Whether it has git's extended header.
    public let isGit: Bool
    /// The old name after stripping; `nil` for `/dev/null` and where there is none.
    public let oldPath: RelativePath?
    /// The new name after stripping; `nil` for `/dev/null` and where there is none.
    public let newPath: RelativePath?
    /// The name on the `Index:` line, used where there is no other.
    public let indexPath: RelativePath?
    /// Whether the file moves from the old name to the new.
    public let isRename: Bool
    /// Whether the new file starts as a copy of the old.
    public let isCopy: Bool
    /// The file mode before, as git writes it (`0o100644`).
    public let oldMode: UInt32?
    /// The file mode after, as git writes it.
    public let newMode: UInt32?
    /// Whether the old side says that the file is missing.
    public let oldAbsence: Absence
    /// Whether the new side says that the file is missing.
    public let newAbsence: Absence
    /// The git object names of the `index` line, possibly abbreviated.
    public let objects: (old: String, new: String)?
    /// What carries the change.
    public let payload: Payload
    /// Whether it was a context diff.
    public let isContextDiff: Bool
    /// The bytes the hunks are ranges of: the patch file, or a normalized copy (CRLF, context diff).
    public let source: Blob
    /// The hunks, in order.
    public let hunks: [Hunk]

    init(
        line: Int, message: Int, isGit: Bool, oldPath: RelativePath?, newPath: RelativePath?, indexPath: RelativePath?,
        isRename: Bool, isCopy: Bool, oldMode: UInt32?, newMode: UInt32?, oldAbsence: Absence, newAbsence: Absence,
        objects: (old: String, new: String)?, payload: Payload, isContextDiff: Bool, source: Blob, hunks: [Hunk]
    ) {
        self.line = line
        self.message = message
        self.isGit = isGit
        self.oldPath = oldPath
        self.newPath = newPath
        self.indexPath = indexPath
        self.isRename = isRename
        self.isCopy = isCopy
        self.oldMode = oldMode
        self.newMode = newMode
        self.oldAbsence = oldAbsence
        self.newAbsence = newAbsence
        self.objects = objects
        self.payload = payload
        self.isContextDiff = isContextDiff
        self.source = source
        self.hunks = hunks
    }
}

/// One hunk of a patch.
public struct Hunk: Sendable, Hashable {
    /// The line of its header in the patch file, from 1.
    public let line: Int
    /// Its first old line, as the header says (0 where the old side is empty at the top).
    public let oldStart: Int
    /// How many old lines it has.
    public let oldCount: Int
    /// Its first new line, as the header says.
    public let newStart: Int
    /// How many new lines it has.
    public let newCount: Int
    /// The lines of context before the first change.
    public let prefixContext: Int
    /// The lines of context after the last change.
    public let suffixContext: Int
    /// Where the text after the second `@@` is in the file patch's source.
    public let section: Range<Int>
    /// Where its lines are in the file patch's source.
    public let body: Range<Int>
}

/// One direction of a `GIT binary patch`.
public struct BinaryHunk: Sendable {
    /// How the data is to be read.
    public enum Method: Sendable {
        /// The data is the content.
        case literal
        /// The data are instructions that build the content from the old one.
        case delta
    }

    /// How the data is to be read.
    public let method: Method
    /// The length of the inflated data, as the patch says.
    public let size: Int
    /// The data after base85, still deflated.
    public let deflated: [UInt8]
    /// The line of its header in the patch file, from 1.
    public let line: Int
}
