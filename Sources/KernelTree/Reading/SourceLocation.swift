import Bytes
public import Debian
public import SystemPackage

/// Where a kernel source comes from.
public enum SourceLocation: Sendable, CustomStringConvertible {
    /// A folder with an unpacked kernel source. It is copied, never changed.
    case folder(FilePath)
    /// A tar archive under any compression, with the tree at its top or in its one folder.
    case archive(FilePath)
    /// A `linux-source-*` package file: a tar archive inside a `.deb`.
    case packageFile(FilePath)
    /// A Debian source package by its `.dsc`; its other files lie beside it.
    case sourcePackage(FilePath)
    /// A commit of a git repository.
    case git(FilePath, revision: String)
    /// An RPM spec with its sources beside it, or in `SOURCES` beside its `SPECS`.
    case spec(FilePath)
    /// An RPM source package.
    case sourceRPM(FilePath)
    /// An openSUSE kernel-source checkout, or its unpacked source package.
    case suse(FilePath)
    /// A Debian source package of a suite, from the machine's own mirror.
    case debianSource(PackageRequest, suite: String)
    /// A `linux-source-*` package of a Debian suite, from the machine's own mirror.
    case package(PackageRequest, suite: String)

    /// Reads a source as a command line names it: `git:REPOSITORY@REVISION`, `debian:SUITE/PACKAGE`, or a path.
    /// - Parameter resolve: Makes a path absolute.
    /// - Throws: As ``detect(_:)``, and ``KernelTreeError/revisionMissing(text:)``.
    public static func parse(
        _ text: String, resolve: (FilePath) -> FilePath
    ) throws(KernelTreeError) -> SourceLocation {
        if text.hasPrefix("debian:"), let slash = text.firstIndex(of: "/"),
            let request = PackageRequest(parsing: String(text[text.index(after: slash)...]))
        {
            return .debianSource(request, suite: String(text[..<slash].dropFirst(7)))
        }
        guard text.hasPrefix("git:") else { return try detect(resolve(FilePath(text))) }
        let rest = text.dropFirst(4)
        guard let mark = rest.lastIndex(of: "@"), mark != rest.startIndex, rest.index(after: mark) != rest.endIndex
        else {
            throw .revisionMissing(text: text)
        }
        return .git(resolve(FilePath(String(rest[..<mark]))), revision: String(rest[rest.index(after: mark)...]))
    }

    /// Tells what kind of source a path is, by what is there rather than by its name.
    /// - Throws: ``KernelTreeError/missing(path:)`` or ``KernelTreeError/unknownFormat(path:)``.
    public static func detect(_ path: FilePath) throws(KernelTreeError) -> SourceLocation {
        if Files.isDirectory(path) { return detect(folder: path) }
        guard Files.isRegular(path) else {
            throw Files.exists(path) ? .unknownFormat(path: path) : .missing(path: path)
        }
        let head: [UInt8]
        do {
            head = try Head.read(path, count: 512)
        } catch { throw .system(error) }
        if head.starts(with: "!<arch>\n".utf8) { return .packageFile(path) }
        // rpm's "lead": four bytes, the format's version, then 1 for a source package.
        if head.starts(with: [0xed, 0xab, 0xee, 0xdb]), head.count > 7, head[7] == 1 { return .sourceRPM(path) }
        if path.extension == "dsc" { return .sourcePackage(path) }
        if path.extension == "spec" || path.lastComponent?.string.hasSuffix(".spec.in") == true { return .spec(path) }
        return .archive(path)
    }

    /// A kernel source is known by its Makefile; else a list of patches or a spec tells.
    private static func detect(folder: FilePath) -> SourceLocation {
        if Files.isRegular(folder.appending("Makefile")) { return .folder(folder) }
        if SuseSource.isOne(folder) { return .suse(folder) }
        for place in [folder, folder.appending("SPECS")] where Files.isDirectory(place) {
            let specs = ((try? Files.list(place)) ?? []).filter { $0.hasSuffix(".spec") }
            if specs.count == 1 { return .spec(place.appending(specs[0])) }
        }
        return .folder(folder)
    }

    /// The commit a git revision names, in full; `nil` for every other source.
    /// - Throws: ``KernelTreeError`` or `HostError`.
    public func commit(environment: [String: String]) async throws -> String? {
        guard case .git(let repository, let revision) = self else { return nil }
        return try await GitRevision(repository, revision: revision, environment: environment).commit
    }

    /// The file or folder it is; `nil` for a git revision and for packages of a mirror.
    public var path: FilePath? {
        switch self {
        case .folder(let path), .archive(let path), .packageFile(let path), .sourcePackage(let path), .spec(let path),
            .sourceRPM(let path), .suse(let path):
            path
        case .git, .package, .debianSource: nil
        }
    }

    /// The path, `git:REPOSITORY@REVISION`, or `PACKAGE of SUITE`.
    public var description: String {
        switch self {
        case .folder(let path), .archive(let path), .packageFile(let path), .sourcePackage(let path), .spec(let path),
            .sourceRPM(let path), .suse(let path):
            path.string
        case .git(let repository, let revision): "git:\(repository)@\(revision)"
        case .package(let request, let suite): "\(request) of \(suite)"
        case .debianSource(let request, let suite): "debian:\(suite)/\(request)"
        }
    }
}

/// The beginning of a file.
enum Head {
    static func read(_ path: FilePath, count: Int) throws(BytesError) -> [UInt8] {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try descriptor.closeAfter {
                try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                    filled = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
            }
        } catch { throw BytesError(path: path, operation: .read, errno: (error as? Errno) ?? .ioError) }
    }
}
