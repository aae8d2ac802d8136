public import Diagnostics
public import KernelTree

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

    /// All of them are wrong usage.
    public var category: ErrorCategory { .usage }

    /// What happened.
    public var message: String {
        switch self {
        case .notWritable(let tree): "\(tree) cannot be written to: it is not a folder"
        case .quiltStateWithoutFolder(let tree): "\(tree) cannot hold quilt's record: it is not a folder"
        case .quiltStateOfSeveral(let count): "quilt works with one series, not \(count)"
        case .quiltCannotRead(let series): "quilt cannot read the form of the series \(series)"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .notWritable: "unpack it into a folder first, or only try it out"
        case .quiltStateWithoutFolder: "unpack it into a folder first"
        case .quiltStateOfSeveral: "apply the series one after the other"
        case .quiltCannotRead: "convert it to a quilt series first"
        }
    }
}
