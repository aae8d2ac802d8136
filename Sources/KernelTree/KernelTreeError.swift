import Bytes
public import Diagnostics
public import SystemPackage

/// Why a kernel source or tree cannot be read, checked or written.
public enum KernelTreeError: DiagnosedError {
    /// The path of the source does not exist.
    case missing(path: FilePath)
    /// The files are not a kernel source.
    case noKernel(source: String, reason: String)
    /// The source holds a tree that can only be read once it is unpacked.
    case packed(source: String)
    /// The source is of a kind that cannot be read.
    case unknownFormat(path: FilePath)
    /// A source control file cannot be used.
    case malformedControl(path: FilePath, reason: String)
    /// A part of a source package is not beside its control file.
    case missingPart(of: FilePath, name: String)
    /// A source that a spec or a checkout names is not there; where it can be got, if it is known.
    case missingSource(of: FilePath, name: String, address: String?)
    /// A checkout that is a revision has only patches: their upstream source has to be named.
    case baseNeeded(of: String, version: String)
    /// The upstream source that was named is another version than the one a checkout's patches are for.
    case wrongBase(of: String, version: String, found: String)
    /// What a source brings would reach outside of its tree.
    case unsafe(source: String, reason: String)
    /// A source begins like a git revision, but names none.
    case revisionMissing(text: String)
    /// A git repository has no such commit; branches and tags of a similar name.
    case noRevision(repository: FilePath, revision: String, reason: String?, near: [String])
    /// A git repository cannot be read, or contains something that does not belong in a source tree.
    case damagedRepository(repository: FilePath, reason: String)
    /// What a spec does to the tree cannot be carried out.
    case prepFails(spec: FilePath, line: Int, reason: String)
    /// A part of a source package is not the one its control file names.
    case wrongChecksum(path: FilePath, of: FilePath)
    /// A part of a source package has another size than its control file says.
    case wrongSize(path: FilePath, of: FilePath, said: Int, found: Int)
    /// The signature of a control file is not valid.
    case badSignature(path: FilePath, reason: String)
    /// A patch that the source package brings does not apply.
    case patchFails(message: String)
    /// The folder to make already exists.
    case taken(folder: FilePath)
    /// A file or folder of a tree cannot be read, made, linked or copied.
    case system(BytesError)
    /// The task was cancelled; nothing is left behind.
    case cancelled(what: String)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .missing, .missingPart, .missingSource, .baseNeeded, .noRevision: .missingInput
        case .noKernel, .packed, .unsafe, .unknownFormat, .malformedControl, .wrongChecksum, .wrongSize, .badSignature,
            .patchFails,
            .damagedRepository, .wrongBase, .prepFails:
            .malformedInput
        case .taken: .cannotCreate
        case .revisionMissing: .usage
        case .system(let error): error.category
        case .cancelled: .interrupted
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .missing(let path): "there is no kernel source at \(path)"
        case .noKernel(let source, let reason): "\(source) is not a kernel source: \(reason)"
        case .unsafe(let source, let reason): "\(source): \(reason)"
        case .packed(let source): "\(source) cannot be read in place"
        case .unknownFormat(let path):
            "\(path) is neither a folder nor an archive, a Debian package or a source package"
        case .malformedControl(let path, let reason): "\(path): \(reason)"
        case .missingPart(let control, let name): "\(name), a part of \(control), is not beside it"
        case .missingSource(let owner, let name, _): "\(owner) needs \(name), which is not beside it"
        case .baseNeeded(let source, let version):
            "\(source) has patches for Linux \(version), and not that source itself"
        case .revisionMissing(let text): "'\(text)' names no revision"
        case .wrongBase(let source, let version, let found):
            "the patches of \(source) are for Linux \(version), and the upstream source that was named is Linux \(found)"
        case .noRevision(let repository, let revision, let reason, _):
            "the git repository \(repository) has no commit '\(revision)'" + (reason.map { ": \($0)" } ?? "")
        case .damagedRepository(let repository, let reason):
            "the git repository \(repository) cannot be used: \(reason)"
        case .prepFails(let spec, let line, let reason): "\(spec):\(line): \(reason)"
        case .wrongChecksum(let path, let control): "the SHA-256 of \(path) is not the one in \(control)"
        case .wrongSize(let path, let control, let said, let found):
            "\(path) has \(found) bytes, and not the \(said) that \(control) says"
        case .badSignature(let path, let reason): "the signature of \(path) is not valid: \(reason)"
        case .patchFails(let message): "a patch of the source package does not apply: \(message)"
        case .taken(let folder): "\(folder) already exists and is not empty"
        case .system(let error): error.message
        case .cancelled(let what): "\(what) was interrupted"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .noKernel: "give the top of a kernel source tree, or an archive with one in it"
        case .unsafe: "nothing outside the tree was written; get it from its publisher again"
        case .packed: "unpack it into a folder first"
        case .taken: "choose another folder, or remove it first"
        case .system(let error): error.remedy
        case .missingSource(_, let name, let address):
            "get \(address ?? name) and put it there"
        case .wrongBase(_, let version, _): "name Linux \(version)"
        case .noRevision(_, _, _, let near): Suggestions.question(near)
        case .baseNeeded: "name the upstream source: an archive, a folder, or a revision of a git repository"
        case .missingPart: "download all files of the source package into one folder"
        case .revisionMissing: "write git:REPOSITORY@REVISION"
        case .wrongChecksum, .wrongSize: "it is damaged or changed; download it again"
        case .missing, .unknownFormat, .cancelled, .malformedControl, .badSignature, .patchFails, .damagedRepository:
            nil
        case .prepFails: "import it without its patches, and apply them as a separate series"
        }
    }
}
