import Bytes
public import Diagnostics
public import SystemPackage

/// Why a kernel tree cannot be had or handled.
public enum KernelTreeError: DiagnosedError {
    /// The path of the source is not there.
    case missing(path: FilePath)
    /// The files are no kernel source.
    case noKernel(source: String, reason: String)
    /// The source is of a kind that cannot be read.
    case unknownFormat(path: FilePath)
    /// The folder to make is there already.
    case taken(folder: FilePath)
    /// A file or folder of a tree cannot be read, made, linked or copied.
    case system(BytesError)
    /// The task was cancelled; nothing is left behind.
    case cancelled(what: String)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .missing: .missingInput
        case .noKernel, .unknownFormat: .malformedInput
        case .taken: .cannotCreate
        case .system(let error): error.category
        case .cancelled: .interrupted
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .missing(let path): "there is no kernel source at \(path)"
        case .noKernel(let source, let reason): "\(source) is no kernel source: \(reason)"
        case .unknownFormat(let path):
            "\(path) is neither a folder nor an archive, a Debian package or a source package"
        case .taken(let folder): "\(folder) is there already and is not empty"
        case .system(let error): error.message
        case .cancelled(let what): "\(what) was interrupted"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .noKernel: "give the top of a kernel source tree, or an archive with one in it"
        case .taken: "choose another folder, or remove it first"
        case .system(let error): error.remedy
        case .missing, .unknownFormat, .cancelled: nil
        }
    }
}
