/// Why a file or hunk does not apply.
public enum FailureReason: Sendable, Equatable {
    /// A way to write a patch that not every consumer takes.
    public enum Format: String, Sendable {
        /// The output of `diff -c`.
        case contextDiff = "context diffs"
        /// A rename or copy that leaves an empty file.
        case emptyMove = "moves and copies of empty files"
        /// A copy, applied in reverse.
        case reversedCopy = "copies that are taken back"
        /// Names with blanks on no other lines than git's own, where git does not quote them.
        case blankName = "names with blanks without '---' and '+++' lines"
        /// A commit in the place of a file.
        case submodule = "submodules"
    }

    /// The hunk's old lines are nowhere in the file.
    case noPlace
    /// The hunk would have to go before lines that an earlier hunk has changed.
    case misordered
    /// The hunk's result is in the file already.
    case alreadyApplied
    /// The hunk's old lines are in the file, but with other line ends (CR LF against LF).
    case lineEndings
    /// The hunk's old lines are in the file, but not at its start or end, to which the hunk is tied: by git where it names
    /// line 1 or has no context behind it, by GNU patch where it has less context on one side than on the other.
    case tiedToEdge
    /// The file to change is not there.
    case fileMissing
    /// The file to create is there already.
    case fileExists
    /// The file to delete is not there, or is empty.
    case nothingToDelete
    /// The file to delete has content that the patch does not know.
    case contentRemains
    /// Something other than a regular file is in the way.
    case wrongKind(TreeFileKind)
    /// The patch is for a symbolic link and the file is none, or the other way round.
    case linkMismatch
    /// The target of a rename or copy is there already.
    case targetExists
    /// The patch says that a binary file changes but does not carry its content.
    case binaryWithoutContent
    /// A binary patch does not fit the file's content.
    case binaryMismatch(String)
    /// The policy does not accept binary patches.
    case binaryRefused(policy: String)
    /// The policy does not accept the format of the patch.
    case formatRefused(policy: String, format: Format)
    /// The file to rename or copy is not there.
    case sourceMissing(RelativePath)
    /// The consumer cannot read the patch.
    case malformed(String)
    /// A file of the series is also a folder of another file of the series.
    case fileIsFolder(RelativePath)

    /// The reason as a lowercase clause.
    public var text: String {
        switch self {
        case .noPlace: "the lines it changes are not in the file"
        case .alreadyApplied: "the change is already in the file"
        case .lineEndings: "the lines it changes are in the file with other line ends (CR LF against LF)"
        case .tiedToEdge:
            "the lines it changes are in the file, but not at its start or end, to which its line number and context tie it"
        case .misordered: "it belongs before lines that an earlier hunk of the patch has changed"
        case .fileMissing: "the file is not in the tree"
        case .fileExists: "the file to create is already in the tree"
        case .nothingToDelete: "the file to delete is missing or empty"
        case .contentRemains: "the file to delete has more content than the patch removes"
        case .wrongKind(.directory): "a folder is in the place of the file"
        case .wrongKind(.symbolicLink): "a symbolic link is in the place of the file"
        case .wrongKind(.belowFile): "a file is in the place of a folder on the way to the file"
        case .wrongKind(.behindLink): "a symbolic link is in the place of a folder on the way to the file"
        case .wrongKind: "a device, FIFO or socket is in the place of the file"
        case .linkMismatch: "the patch and the tree disagree about the file being a symbolic link"
        case .targetExists: "the new name is already in the tree"
        case .binaryWithoutContent: "the patch only says that binary files differ and does not carry their content"
        case .binaryMismatch(let why): "the binary patch does not fit: \(why)"
        case .binaryRefused(let policy): "\(policy) does not apply git binary patches"
        case .formatRefused(let policy, let format): "\(policy) does not apply \(format.rawValue)"
        case .sourceMissing(let path): "the file to rename or copy, \(path), is not in the tree"
        case .malformed(let why): "it cannot be read: \(why)"
        case .fileIsFolder(let path): "the series also makes a file of its folder \(path)"
        }
    }

    /// One word for it, stable, for machines.
    public var code: String {
        switch self {
        case .noPlace: "no-place"
        case .misordered: "misordered"
        case .alreadyApplied: "already-applied"
        case .lineEndings: "line-endings"
        case .tiedToEdge: "tied-to-edge"
        case .fileMissing: "file-missing"
        case .fileExists: "file-exists"
        case .nothingToDelete: "nothing-to-delete"
        case .contentRemains: "content-remains"
        case .wrongKind: "wrong-kind"
        case .linkMismatch: "link-mismatch"
        case .targetExists: "target-exists"
        case .binaryWithoutContent: "binary-without-content"
        case .binaryMismatch: "binary-mismatch"
        case .binaryRefused: "binary-refused"
        case .formatRefused: "format-refused"
        case .sourceMissing: "source-missing"
        case .malformed: "malformed"
        case .fileIsFolder: "file-is-folder"
        }
    }
}

/// Something that did not apply, and all that is known about it.
public struct ApplyFailure: Sendable {
    /// The patch's name.
    public let patch: String
    /// Its place in the series, from 0.
    public let patchIndex: Int
    /// The line of the patch file with the hunk's or file's header.
    public let patchLine: Int
    /// The file.
    public let file: RelativePath
    /// The hunk's number in the file, from 1; `nil` where the file as a whole fails.
    public let hunk: Int?
    /// Why.
    public let reason: FailureReason
    /// What was learned about it.
    public let explanation: FailureExplanation

    /// `PATCH:LINE: FILE: hunk N does not apply: why`, one line.
    public var message: String {
        let what = hunk.map { "hunk \($0) does not apply" } ?? "does not apply"
        return "\(patch):\(patchLine): \(file): \(what): \(reason.text)"
    }
}
