import Archive
import Bytes
import Patching
import Synchronization
import SystemPackage

/// The tree of a Debian source package: the upstream archive, with further archives and the packaging in the place of its
/// folders, or with the packaging's diff (format 1.0). Patches of `debian/patches` are not applied.
struct PackageTree: FetchedTree {
    private let upstream: ArchiveTree
    /// Archives that replace a folder, with what its paths lose when they are looked up there.
    private let overlays: [(folder: [UInt8], inner: Bool, tree: ArchiveTree)]

    /// Opens a package; its parts are held against the checksums first.
    static func open(_ path: FilePath) async throws -> any FetchedTree {
        let package = try await SourcePackage(path)
        let folder = path.removingLastComponent()
        func parts(_ wanted: (SourceControl.Role) -> Bool) -> [String] {
            package.control.parts.map(\.name).filter { wanted(SourceControl.role(of: $0)) }
        }
        func tree(_ name: String, isAtTop: Bool = false) throws -> ArchiveTree {
            try ArchiveTree(.file(folder.appending(name)), in: folder.appending(name), isAtTop: isAtTop)
        }
        guard ["3.0 (quilt)", "1.0"].contains(package.control.format) else {
            throw KernelTreeError.malformedControl(
                path: path, reason: "the format \(package.control.format) is not supported")
        }
        let originals = parts { $0 == .upstream }
        guard let original = originals.first, originals.count == 1 else {
            throw KernelTreeError.malformedControl(path: path, reason: "it does not have one .orig.tar")
        }
        if package.control.format == "1.0" {
            let differences = parts { $0 == .difference }.map { folder.appending($0) }
            return PatchedTree(try tree(original), patches: differences)
        }
        var overlays: [(folder: [UInt8], inner: Bool, tree: ArchiveTree)] = []
        for part in package.control.parts {
            switch SourceControl.role(of: part.name) {
            case .component(let name): overlays.append((Array(name.utf8), true, try tree(part.name)))
            case .packaging: overlays.append((Array("debian".utf8), false, try tree(part.name, isAtTop: true)))
            default: continue
            }
        }
        return PackageTree(upstream: try tree(original), overlays: overlays)
    }

    var isStream: Bool { true }

    private func place(of path: RelativePath) -> (tree: ArchiveTree, path: RelativePath) {
        for overlay in overlays where path.bytes.starts(with: overlay.folder + [UInt8(ascii: "/")]) {
            guard overlay.inner else { return (overlay.tree, path) }
            if let inner = RelativePath(path.bytes[(overlay.folder.count + 1)...]) { return (overlay.tree, inner) }
        }
        return (upstream, path)
    }

    func identity(of path: RelativePath) -> ContentIdentity? {
        let place = place(of: path)
        return place.tree.identity(of: place.path)
    }

    func read(_ path: RelativePath) throws -> TreeFile? {
        let place = place(of: path)
        return try place.tree.read(place.path)
    }

    func relatives(of path: RelativePath) -> [RelativePath] { upstream.relatives(of: path) }

    func names() -> [RelativePath] { upstream.names() }

    func fetch(_ paths: [RelativePath]) async throws {
        var wanted: [(tree: ArchiveTree, paths: [RelativePath])] =
            [(upstream, [])] + overlays.map { ($0.tree, []) }
        for path in paths {
            let place = place(of: path)
            for index in wanted.indices where wanted[index].tree === place.tree {
                wanted[index].paths.append(place.path)
                break
            }
        }
        for (tree, paths) in wanted where !paths.isEmpty { try await tree.fetch(paths) }
    }
}

/// A tree with patches applied in memory: Debian's format 1.0 carries its packaging as a diff.
private final class PatchedTree: FetchedTree {
    private let base: ArchiveTree
    private let patches: [FilePath]
    private let changed = Mutex<[RelativePath: TreeFile?]?>(nil)

    init(_ base: ArchiveTree, patches: [FilePath]) {
        self.base = base
        self.patches = patches
    }

    var isStream: Bool { true }

    func read(_ path: RelativePath) throws -> TreeFile? {
        if let known = changed.withLock({ $0?[path] }) { return known }
        var file = try base.read(path)
        // The archive's name for it does not say which diff goes over the tree.
        file?.identity = nil
        return file
    }

    func relatives(of path: RelativePath) -> [RelativePath] { base.relatives(of: path) }

    func names() -> [RelativePath] { base.names() }

    func fetch(_ paths: [RelativePath]) async throws {
        if changed.withLock({ $0 != nil }) { return try await base.fetch(paths) }
        let inputs = try patches.map {
            PatchInput(
                name: $0.lastComponent?.string ?? $0.string, bytes: try Decompressor.decompress(file: $0), strip: 1)
        }
        let verifier = try SeriesVerifier(patches: inputs, policy: .dpkg)
        try await base.fetch(paths + verifier.paths)
        let applied = try SeriesApplication.run(patches: inputs, on: base, policy: .dpkg)
        if let failure = applied.report.failure { throw KernelTreeError.patchFails(message: failure.message) }
        let changes = Dictionary(uniqueKeysWithValues: applied.changes.map { ($0.path, $0.after) })
        changed.withLock { $0 = changes }
    }
}
