public import Diagnostics
public import Patching
public import SystemPackage

/// Why a folder cannot be read or changed as a tree.
public enum FolderTreeError: DiagnosedError {
    /// The folder itself cannot be opened.
    case cannotOpen(folder: FilePath, errno: Errno)
    /// A file of the tree cannot be read.
    case cannotRead(folder: FilePath, file: RelativePath, errno: Errno)
    /// A file of the tree cannot be written, made or removed; the tree is as it was.
    case cannotWrite(folder: FilePath, file: String, errno: Errno)
    /// A part of the path to a file is not a folder; the tree is as it was.
    case notAFolder(folder: FilePath, file: String)
    /// An earlier run was interrupted while it wrote; the tree has to be recovered before it is read.
    case interrupted(folder: FilePath)
    /// The record an interrupted run has left cannot be read.
    case damagedJournal(folder: FilePath, line: Int)
    /// The folder for new files is there, but no run on this tree has made it: it came with the tree.
    case foreignStage(folder: FilePath)
    /// quilt has patches applied to the tree that are not the first ones of the series.
    case otherPatches(folder: FilePath, line: Int, name: String)
    /// Another run is writing to the tree.
    case busy(folder: FilePath)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .cannotOpen, .cannotRead(_, _, .permissionDenied): .missingInput
        case .cannotRead(_, _, .fileNameTooLong): .malformedInput
        case .cannotRead: .inputOutput
        case .cannotWrite(_, _, let errno):
            [.noSpace, .ioError, .fileTooLarge, .diskQuotaExceeded].contains(errno) ? .inputOutput : .cannotCreate
        case .notAFolder, .interrupted, .busy: .cannotCreate
        case .damagedJournal: .inputOutput
        case .foreignStage: .malformedInput
        case .otherPatches: .malformedInput
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .cannotOpen(let folder, let errno): "cannot open the tree \(folder): \(errno)"
        case .cannotRead(let folder, let file, let errno): "cannot read \(folder)/\(file): \(errno)"
        case .cannotWrite(let folder, let file, let errno):
            "cannot write \(folder)/\(file): \(errno); the tree is as it was"
        case .notAFolder(let folder, let file):
            "cannot write \(folder)/\(file): a part of the path is not a folder; the tree is as it was"
        case .interrupted(let folder): "an earlier run was interrupted while it wrote to \(folder)"
        case .foreignStage(let folder):
            "\(folder)/\(TreeTransaction.stageName) was not made by a run on this tree: it came with it, or the tree is a copy"
        case .damagedJournal(let folder, let line):
            "the record of an interrupted run, \(folder)/\(TreeTransaction.stageName)/journal, is damaged at line \(line)"
        case .otherPatches(let folder, let line, let name):
            "\(folder)/.pc/applied-patches:\(line): '\(name)' is applied, but is not the patch of the series at that place"
        case .busy(let folder): "another run is writing to \(folder)"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .interrupted: "apply a series to it, which completes or takes back that run first"
        case .cannotWrite(_, _, .noSpace), .cannotWrite(_, _, .diskQuotaExceeded):
            "free some disk space, then run it again"
        case .busy: "wait for it to end"
        case .otherPatches: "take the patches back with 'quilt pop -a', or name the series they came from"
        case .damagedJournal: "unpack the tree again"
        case .foreignStage: "remove it; nothing of what is in it is carried out"
        default: nil
        }
    }
}
