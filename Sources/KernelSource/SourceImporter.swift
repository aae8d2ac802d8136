import Archive
import Bytes
import Concurrency
public import Debian
public import Diagnostics
import Glibc
import KernelModel
import KernelTree
public import SystemPackage

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
    /// The environment of gpgv and git.
    public var environment: [String: String] = [:]
    /// The symbols for guards, featuresets and architectures of the patches that a source brings.
    public var symbols: Set<String> = []
    /// The upstream source, where a spec or a checkout does not have it beside it.
    public var base: SourceLocation?
    /// Macros that a spec finds defined.
    public var macros: [String: String] = [:]
    /// The most context lines that may differ where a spec's patch does not say: 0 as rpm since 4.6, 2 before.
    public var specFuzz = 0

    /// Makes an importer.
    public init(fetcher: PackageFetcher? = nil) { self.fetcher = fetcher }

    /// Imports a source.
    ///
    /// It is unpacked into a folder beside the target and renamed at the end; a folder is copied. Files keep the times
    /// and permissions of the source. On an error or a cancellation nothing is left.
    /// - Parameters:
    ///   - location: What to import.
    ///   - folder: The tree to make: not there yet, or an empty folder.
    ///   - progress: Receives what is being done.
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

    static func digest(_ path: FilePath) async throws -> Digest {
        try await BlockingWork.run { _ in try Digest(ofFile: path) }
    }

    static func input(_ path: FilePath, _ digest: Digest) -> SourceOrigin.Input {
        SourceOrigin.Input(name: path.lastComponent?.string ?? path.string, digest: digest)
    }

    /// The kernel tree in an unpacked archive: its top, or its only folder.
    static func top(of staging: FilePath, called name: String) throws -> (FilePath, KernelVersion) {
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

    /// Refuses a folder that is not a kernel source.
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
