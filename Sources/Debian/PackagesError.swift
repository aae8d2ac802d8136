import Bytes
public import Diagnostics
public import SystemPackage

/// Why a Debian package could not be had.
public enum PackagesError: DiagnosedError {
    /// The machine's apt configuration names no Debian mirror.
    case noMirror(folder: FilePath)
    /// The mirror has no such suite.
    case noSuite(suite: String, mirrors: [String])
    /// The mirror cannot be reached or does not answer as it should.
    case unreachable(mirrors: [String], detail: String)
    /// The mirror answers, but does not have a file that its index lists.
    case lacksFile(mirrors: [String], detail: String, available: [String])
    /// A signature or a validity date of the mirror's index does not hold.
    case untrusted(suite: String, detail: String)
    /// A downloaded file is not the one the index states.
    case wrongChecksum(file: String, detail: String)
    /// The suite has no such package.
    case unknownPackage(name: String, suite: String, near: [String])
    /// The suite has no source package of that name; binary packages may have other names than their source.
    case unknownSource(name: String, suite: String)
    /// The package is there, but not in that version.
    case unknownVersion(name: String, version: String, suite: String, available: [String])
    /// No network was allowed and the package is not in the folder.
    case notStored(name: String, folder: FilePath)
    /// The disk is full or cannot be written to.
    case cannotStore(folder: FilePath, detail: String, full: Bool)
    /// apt failed for a reason not listed here.
    case aptFailed(command: String, detail: String)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .noMirror, .noSuite, .lacksFile, .unknownPackage, .unknownSource, .unknownVersion, .notStored:
            .missingInput
        case .unreachable, .aptFailed: .infrastructure
        case .untrusted, .wrongChecksum: .malformedInput
        case .cannotStore(_, _, let full): full ? .inputOutput : .cannotCreate
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .noMirror(let folder): "the apt configuration in \(folder) names no Debian mirror"
        case .noSuite(let suite, let mirrors):
            "the mirror \(mirrors.joined(separator: ", ")) has no suite '\(suite)'"
        case .unreachable(let mirrors, let detail):
            "the mirror \(mirrors.joined(separator: ", ")) cannot be reached: \(detail)"
        case .lacksFile(let mirrors, let detail, let available):
            "the mirror \(mirrors.joined(separator: ", ")) does not have a file that its index lists: \(detail)"
                + (available.isEmpty ? "" : "; the index has these versions: \(available.joined(separator: ", "))")
        case .untrusted(let suite, let detail): "the index of '\(suite)' is not trusted: \(detail)"
        case .wrongChecksum(let file, let detail): "\(file) has the wrong checksum: \(detail)"
        case .unknownPackage(let name, let suite, let near):
            "there is no package '\(name)' in '\(suite)'"
                + (near.isEmpty ? "" : "; near it: \(near.joined(separator: ", "))")
        case .unknownSource(let name, let suite): "there is no source package '\(name)' in '\(suite)'"
        case .unknownVersion(let name, let version, let suite, let available):
            "'\(suite)' has no version \(version) of '\(name)'"
                + (available.isEmpty ? "" : "; it has \(available.joined(separator: ", "))")
        case .notStored(let name, let folder): "the package '\(name)' is not in \(folder) and no network may be used"
        case .cannotStore(let folder, let detail, _): "cannot store packages in \(folder): \(detail)"
        case .aptFailed(let command, let detail): "\(command) failed: \(detail)"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .noMirror: "add a Debian mirror to the machine's apt sources"
        case .noSuite: "use a mirror that still carries it (old releases move to archive.debian.org)"
        case .unreachable: "check the network and the machine's apt sources, then run it again"
        case .lacksFile: "choose another version, or wait until the mirror has caught up with its index"
        case .unknownSource: "if it is a binary package, name the source package that it is built from"
        case .untrusted: "install the current debian-archive-keyring, or check the machine's clock and mirror"
        case .wrongChecksum: "run it again; if that does not help, the mirror is damaged"
        case .cannotStore(_, _, true): "free some disk space, then run it again"
        case .cannotStore: "choose a folder that can be written to"
        case .unknownVersion: "mirrors keep few old versions; name one that it has"
        case .unknownPackage, .notStored, .aptFailed: nil
        }
    }
}
