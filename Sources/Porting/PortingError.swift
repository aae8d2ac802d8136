public import Diagnostics
public import KernelTree
public import SystemPackage

/// Why a series cannot be held against a tree, or applied to it, in the way asked for.
public enum PortingError: DiagnosedError {
    /// The tree is not a folder, and so it cannot be written to.
    case notWritable(tree: SourceLocation)
    /// quilt's record was asked for, for a tree that is not a folder.
    case quiltStateWithoutFolder(tree: SourceLocation)
    /// quilt's record was asked for, for more or fewer series than one.
    case quiltStateOfSeveral(count: Int)
    /// quilt's record was asked for, for a series that quilt cannot read.
    case quiltCannotRead(series: String)
    /// In the folder nothing is left to solve, or no series was moved to it.
    case nothingToContinue(folder: FilePath)
    /// What was kept of a series that is being moved cannot be read.
    case damagedState(file: FilePath)
    /// Another run is at the folder.
    case busy(folder: FilePath)
    /// The series or the trees are not what they were when the series was moved.
    case inputsChanged(folder: FilePath, what: String)
    /// A file that the kit has written was changed, and it is not one that somebody may solve a conflict in.
    case edited(file: FilePath)
    /// A revision that is to be the earlier one is not an ancestor of the later one.
    case notAnAncestor(good: String, bad: String)
    /// Somebody's own file lies where a file of the new series is to be.
    case inTheWay(file: FilePath)
    /// A patch is called as a file that the kit writes beside the series.
    case nameTaken(name: String)
    /// No patch of that name is in the series.
    case notInSeries(patch: String)
    /// A repository has only a part of its history, and the range that was asked for is not in it as a whole.
    case shallow(repository: FilePath)
    /// A patch file is listed more than once, and would have to be rewritten in two ways.
    case listedTwice(name: String)
    /// No patch of that name is in conflict.
    case notInConflict(patch: String, open: [String])

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .notWritable, .quiltStateWithoutFolder, .quiltStateOfSeveral, .quiltCannotRead, .notInConflict,
            .inputsChanged, .edited, .notAnAncestor, .notInSeries, .nameTaken, .listedTwice:
            .usage
        case .nothingToContinue, .shallow: .missingInput
        case .damagedState: .malformedInput
        case .busy, .inTheWay: .cannotCreate
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .notWritable(let tree): "\(tree) cannot be written to: it is not a folder"
        case .quiltStateWithoutFolder(let tree): "\(tree) cannot hold quilt's record: it is not a folder"
        case .quiltStateOfSeveral(let count): "quilt works with one series, not \(count)"
        case .quiltCannotRead(let series): "quilt cannot read the form of the series \(series)"
        case .nothingToContinue(let folder): "\(folder) has no series with conflicts that were to be solved"
        case .damagedState(let file): "\(file) is damaged"
        case .busy(let folder): "another run is writing \(folder)"
        case .inputsChanged(let folder, let what):
            "\(what) changed since the series in \(folder) was moved; nothing was written"
        case .notAnAncestor(let good, let bad): "\(good) is not an ancestor of \(bad)"
        case .inTheWay(let file):
            "\(file) is not the kit's, and the new series has a file of that name; nothing was written"
        case .nameTaken(let name): "'\(name)' is the name of a patch, and of a file that is written beside the series"
        case .notInSeries(let patch): "no patch of the series is called '\(patch)'"
        case .shallow(let repository): "\(repository) does not have all of the history between the two revisions"
        case .listedTwice(let name):
            "'\(name)' is listed more than once, and would have to be rewritten in two ways; nothing was written"
        case .edited(let file): "\(file) was changed since it was written; nothing was done"
        case .notInConflict(let patch, let open):
            "\(patch) is not in conflict" + (open.isEmpty ? "" : "; in conflict: \(open.joined(separator: ", "))")
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .notWritable: "unpack it into a folder first, or only try it out"
        case .quiltStateWithoutFolder: "unpack it into a folder first"
        case .quiltStateOfSeveral: "apply the series one after the other"
        case .quiltCannotRead: "convert it to a quilt series first"
        case .nothingToContinue, .notInConflict, .notInSeries: nil
        case .inTheWay:
            "move it elsewhere; a patch that is to take the place of one in conflict is written into conflicts/PATCH/patch"
        case .nameTaken: "give the patch another name"
        case .shallow: "fetch the rest: git fetch --unshallow"
        case .listedTwice: "list a copy of it under another name"
        case .notAnAncestor: "name the earlier revision first; their merge base is one"
        case .damagedState: "move the series again into another folder; what is in 'resolutions' can be given to it"
        case .busy: "wait until it has ended"
        case .inputsChanged:
            "put back what changed; or move the series again into another folder, where the files of 'resolutions' can be given, and those solved below 'conflicts' taken over by hand"
        case .edited: "take the change back; what a patch is to be is written into its own file"
        }
    }
}
