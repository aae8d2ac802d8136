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
    /// No patch of that name is in conflict.
    case notInConflict(patch: String, open: [String])

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .notWritable, .quiltStateWithoutFolder, .quiltStateOfSeveral, .quiltCannotRead, .notInConflict,
            .inputsChanged, .edited, .notAnAncestor:
            .usage
        case .nothingToContinue: .missingInput
        case .damagedState: .malformedInput
        case .busy: .cannotCreate
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
        case .nothingToContinue, .notInConflict: nil
        case .notAnAncestor: "name the earlier revision first; their merge base is one"
        case .damagedState: "move the series again into another folder; what is in 'resolutions' can be given to it"
        case .busy: "wait until it has ended"
        case .inputsChanged: "move the series again into another folder; what is in 'resolutions' can be given to it"
        case .edited: "take the change back; what a patch is to be is written into its own file"
        }
    }
}
