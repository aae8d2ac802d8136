import Bytes
public import Patching
public import SystemPackage

/// A tree whose files have to be fetched before they can be read.
public protocol FetchedTree: TreeReading {
    /// Whether fetching a few files costs as much as fetching all: then all are asked for at once.
    var isStream: Bool { get }
    /// Brings files here; what is not in the tree is left out. After that ``TreeReading/read(_:)`` knows these paths.
    func fetch(_ paths: [RelativePath]) async throws
    /// The paths of its plain files, in no order, whether they were fetched or not. Of an archive those are known that went
    /// by while something was fetched.
    func names() -> [RelativePath]
}

extension FolderTree: FetchedTree {
    /// A folder's files are read one by one.
    public var isStream: Bool { false }
    /// Nothing is to be done.
    public func fetch(_ paths: [RelativePath]) async throws {}
}

/// Opens sources as trees, without unpacking them.
public enum TreeSource {
    /// What a command line means by a tree: `git:REPOSITORY@REVISION`, any folder, or a file with a source in it.
    /// - Parameter resolve: Makes a path absolute.
    /// - Throws: ``KernelTreeError``.
    public static func locate(
        _ text: String, resolve: (FilePath) -> FilePath
    ) throws(KernelTreeError) -> SourceLocation {
        let path = resolve(FilePath(text))
        // A folder is the tree, whatever is in it.
        if !text.hasPrefix("git:"), Files.isDirectory(path) { return .folder(path) }
        return try SourceLocation.parse(text, resolve: resolve)
    }

    /// Opens a source as a tree.
    ///
    /// - A folder is read where it is.
    /// - An archive, a `linux-source` package, and the kernel's archive in an RPM source package are read as one stream,
    ///   of which only the files asked for are kept. An RPM source package is taken as upstream made it, without its patches.
    /// - A Debian source package is its upstream source with its packaging, without `debian/patches`.
    /// - Of a git revision only the objects asked for are read.
    /// - Parameter environment: The environment of git.
    /// - Throws: ``KernelTreeError``, ``FolderTreeError``, `ArchiveError`, `BytesError` or `HostError`.
    public static func open(
        _ location: SourceLocation, environment: [String: String]
    ) async throws -> any FetchedTree {
        switch location {
        case .folder(let path): return try FolderTree(path)
        case .archive(let path): return try ArchiveTree(.file(path), in: path)
        case .packageFile(let path):
            return try ArchiveTree(SourceArchive.kernel(inPackage: path), in: path)
        case .sourceRPM(let path): return try ArchiveTree(try SourceArchive.kernel(inSourceRPM: path), in: path)
        case .sourcePackage(let path): return try await PackageTree.open(path)
        case .git(let repository, let revision):
            return try await GitTree(
                try await GitRevision(repository, revision: revision, environment: environment))
        case .spec, .suse, .debianSource, .package:
            throw KernelTreeError.packed(source: location.description)
        }
    }
}

extension SeriesVerifier {
    /// What becomes of the series on a tree; of its files only those are fetched that have to be looked at.
    /// - Throws: As ``verify(_:)``, and what fetching throws.
    public func verify(fetching tree: any FetchedTree) async throws -> SeriesReport {
        if tree is FolderTree { return try verify(tree) }
        let open = try pathsToRead(on: tree)
        if !open.isEmpty { try await tree.fetch(tree.isStream ? paths : open) }
        let report = try verify(tree)
        guard !report.failures.isEmpty, !tree.isStream, open.count < paths.count else { return report }
        // An explanation looks at other files too.
        try await tree.fetch(paths)
        return try verify(tree)
    }
}
