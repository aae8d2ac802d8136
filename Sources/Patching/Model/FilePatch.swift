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
    /// Whether its names are only on git's own lines, with blanks in them that git does not quote: GNU patch cannot read
    /// them.
    let hasBlankNames: Bool

    /// Whether it makes or takes away a file at one of its names.
    var makesOrTakes: Bool { oldAbsence > .no || newAbsence > .no || isRename || isCopy }

    /// Whether nothing of its content changes.
    var isUnchanged: Bool { if case .text = payload { hunks.isEmpty } else { false } }

    init(
        line: Int, isGit: Bool, oldPath: RelativePath?, newPath: RelativePath?, indexPath: RelativePath?,
        isRename: Bool, isCopy: Bool, oldMode: UInt32?, newMode: UInt32?, oldAbsence: Absence, newAbsence: Absence,
        objects: (old: String, new: String)?, payload: Payload, isContextDiff: Bool, source: Blob, hunks: [Hunk],
        hasBlankNames: Bool = false
    ) {
        self.hasBlankNames = hasBlankNames
        self.line = line
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
