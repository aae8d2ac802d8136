import Archive
import Bytes
public import DebianPackages
public import Diagnostics
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Brings a kernel source into a folder of its own: whole or not at all.
public struct SourceImporter: Sendable {
    /// Gets packages; needed only for ``SourceLocation/package(_:suite:)``.
    public var fetcher: PackageFetcher?
    /// How much an archive may hold.
    public var limits = ArchiveLimits()
    /// Whether the patches that a source package brings (`debian/patches`) are applied.
    public var appliesPatches = false
    /// The keys that source packages must be signed with; signatures are not looked at where `nil`.
    public var keyring: FilePath?
    /// The environment of gpgv.
    public var environment: [String: String] = [:]

    /// Makes an importer.
    public init(fetcher: PackageFetcher? = nil) { self.fetcher = fetcher }

    /// Imports a source.
    ///
    /// It is unpacked into a folder beside the target and renamed at the end; a folder is copied. Files keep the times
    /// and permissions of the source. On an error or a cancellation nothing is left.
    /// - Parameters:
    ///   - location: What to import.
    ///   - folder: The tree to make: not there yet, or an empty folder.
    ///   - progress: Told what is being done.
    /// - Throws: ``KernelTreeError``, `ArchiveError`, `PackagesError`, `BytesError` or `HostError`.
    public func importTree(
        from location: SourceLocation, into folder: FilePath, progress: any ProgressSink = NoProgress()
    ) async throws -> ImportedTree {
        if Files.exists(folder) {
            guard Files.isDirectory(folder), try Files.list(folder).isEmpty else {
                throw KernelTreeError.taken(folder: folder)
            }
        }
        let parent = folder.removingLastComponent()
        let name = folder.lastComponent?.string ?? "tree"
        if !parent.isEmpty { try Files.createDirectories(parent) }
        try Self.removeLeftovers(of: name, in: parent)
        let staging = parent.appending(".\(name).import-\(getpid())")
        try Files.createDirectories(staging)
        do {
            let tree = try await fill(staging, from: location, final: folder, progress: progress)
            try Files.remove(staging)
            return tree
        } catch {
            try? await BlockingWork.run { _ in try Files.remove(staging) }
            throw error
        }
    }

    private func fill(
        _ staging: FilePath, from location: SourceLocation, final folder: FilePath, progress: any ProgressSink
    ) async throws -> ImportedTree {
        let origin: SourceOrigin
        let count: Int
        switch location {
        case .folder(let source):
            _ = try Self.check(source, called: source.string)
            progress.report(.began(what: "copy \(source)"))
            count = try await TreeCopy(leavingOut: [".git"]).copy(
                source, to: staging.appending("tree"), progress: progress)
            origin = SourceOrigin(description: source.string, inputs: [])
        case .archive(let path):
            progress.report(.began(what: "unpack \(path.lastComponent?.string ?? path.string)"))
            async let digest = Self.digest(path)
            count = try await unpack(.file(path), into: staging, progress: progress)
            origin = SourceOrigin(description: path.string, inputs: [Self.input(path, try await digest)])
        case .packageFile(let path):
            async let digest = Self.digest(path)
            count = try await unpack(package: path, into: staging, progress: progress)
            origin = SourceOrigin(description: path.string, inputs: [Self.input(path, try await digest)])
        case .sourcePackage(let path):
            if let keyring { try await SourcePackage.verify(path, keyring: keyring, environment: environment) }
            let package = try await SourcePackage(path)
            let tree = staging.appending("tree")
            count = try await package.unpack(into: tree, limits: limits, progress: progress)
            if appliesPatches { try await SourcePackage.applyPatches(in: tree, progress: progress) }
            origin = SourceOrigin(
                description: "source package \(package.control.source) \(package.control.version)",
                inputs: [Self.input(path, try Digest(ofFile: path))]
                    + package.control.parts.map { SourceOrigin.Input(name: $0.name, digest: $0.digest) })
        case .package(let request, let suite):
            guard let fetcher, let package = try await fetcher.fetch([request], suite: suite, progress: progress).first
            else {
                throw KernelTreeError.noKernel(source: location.description, reason: "no way to get packages was given")
            }
            count = try await unpack(package: package.path, into: staging, progress: progress)
            origin = SourceOrigin(
                description: "\(package.name) \(package.version) of \(suite)",
                inputs: [Self.input(package.path, package.digest)])
        }
        let (top, version) = try Self.top(of: staging, called: location.description)
        try Rename.move(top, to: folder)
        return ImportedTree(
            folder: folder, version: version, origin: origin, files: count, warnings: Self.warnings(folder))
    }

    private func unpack(
        _ source: ArchiveSource, into staging: FilePath, progress: any ProgressSink
    ) async throws -> Int {
        var extraction = Extraction()
        extraction.limits = limits
        return try await extraction.unpack(source, into: staging, progress: progress).files
    }

    /// Unpacks the tar archive inside a `linux-source-*` package, without writing it out in between.
    private func unpack(package: FilePath, into staging: FilePath, progress: any ProgressSink) async throws -> Int {
        progress.report(.began(what: "unpack \(package.lastComponent?.string ?? package.string)"))
        let inner = ArchiveSource.member(of: .debianPackage(package), MemberPattern(prefix: "usr/src/linux-source-"))
        do {
            return try await unpack(inner, into: staging, progress: progress)
        } catch let error as ArchiveError {
            guard case .noMember = error.reason else { throw error }
            throw KernelTreeError.noKernel(
                source: package.string, reason: "it is no linux-source package: it has no usr/src/linux-source-*")
        }
    }

    private static func digest(_ path: FilePath) async throws -> Digest {
        try await BlockingWork.run { _ in try Digest(ofFile: path) }
    }

    private static func input(_ path: FilePath, _ digest: Digest) -> SourceOrigin.Input {
        SourceOrigin.Input(name: path.lastComponent?.string ?? path.string, digest: digest)
    }

    /// The kernel tree in an unpacked archive: its top, or its only folder.
    private static func top(of staging: FilePath, called name: String) throws -> (FilePath, KernelVersion) {
        if Files.isRegular(staging.appending("Makefile")) { return (staging, try check(staging, called: name)) }
        let entries = try Files.list(staging)
        let folders = entries.filter { Files.isDirectory(staging.appending($0)) }
        // A changelog or a signature beside the tree does no harm; two trees do.
        let trees = folders.filter { Files.isRegular(staging.appending($0).appending("Makefile")) }
        if trees.count == 1 {
            return (staging.appending(trees[0]), try check(staging.appending(trees[0]), called: name))
        }
        if trees.count > 1 {
            throw KernelTreeError.noKernel(
                source: name, reason: "it holds several source trees: \(trees.joined(separator: ", "))")
        }
        throw KernelTreeError.noKernel(source: name, reason: "it has no top Makefile")
    }

    /// Refuses what is no kernel source.
    public static func check(_ folder: FilePath, called name: String) throws -> KernelVersion {
        let makefile = folder.appending("Makefile")
        guard Files.isRegular(makefile) else {
            throw KernelTreeError.noKernel(source: name, reason: "it has no top Makefile")
        }
        guard let version = KernelVersion(makefile: try Files.read(makefile)) else {
            throw KernelTreeError.noKernel(source: name, reason: "its top Makefile has no VERSION and PATCHLEVEL")
        }
        for part in ["arch", "init", "kernel", "scripts"] where !Files.isDirectory(folder.appending(part)) {
            throw KernelTreeError.noKernel(source: name, reason: "it has no folder '\(part)'")
        }
        return version
    }

    /// What Kbuild would stumble over.
    private static func warnings(_ folder: FilePath) -> [String] {
        var result: [String] = []
        let traces = [".config", "include/config", "vmlinux"].filter { Files.exists(folder.appending($0)) }
        if !traces.isEmpty {
            result.append(
                "the tree was built in (\(traces.joined(separator: ", "))): an out-of-tree build needs 'make mrproper' first"
            )
        }
        return result
    }

    /// Removes what runs that were killed left behind.
    private static func removeLeftovers(of name: String, in parent: FilePath) throws {
        let prefix = ".\(name).import-"
        for entry in try Files.list(parent.isEmpty ? "." : parent) where entry.hasPrefix(prefix) {
            guard let process = pid_t(entry.dropFirst(prefix.count)), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            try Files.remove(parent.appending(entry))
        }
    }
}
