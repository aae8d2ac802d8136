import Archive
import Bytes
import Concurrency
import Diagnostics
import Host
import KernelTree
import Patching
import Series
import SystemPackage

/// Unpacks Debian source packages, formats 3.0 (quilt) and 1.0, as dpkg-source(1) does, and runs nothing of them.
///
/// Steps, after every part was held against the checksums in the `.dsc`:
/// 1. The upstream archive is unpacked; its one folder becomes the tree.
/// 2. Further upstream archives replace the folders of their names.
/// 3. Format 3.0: the packaging archive replaces `debian`. Format 1.0: the diff is applied.
extension SourcePackage {
    private var folder: FilePath { path.removingLastComponent() }

    /// Checks the signature of the `.dsc` with gpgv.
    static func verify(_ path: FilePath, keyring: FilePath, environment: [String: String]) async throws {
        let output = try await Command(
            "gpgv", ["--keyring", keyring.string, path.string], environment: environment, deadline: .seconds(60),
            package: "gpgv"
        ).capture()
        guard output.termination.succeeded else {
            let line = output.text.split(whereSeparator: \.isNewline).last { $0.hasPrefix("gpgv:") }
            throw KernelTreeError.badSignature(path: path, reason: line.map(String.init) ?? "\(output.termination)")
        }
    }

    /// Unpacks into an empty folder.
    /// - Returns: How many regular files there are, before any patch of `debian/patches`.
    func unpack(into tree: FilePath, limits: ArchiveLimits, progress: any ProgressSink) async throws -> Int {
        func parts(_ role: (SourceControl.Role) -> Bool) -> [String] {
            control.parts.map(\.name).filter { role(SourceControl.role(of: $0)) }
        }
        guard ["3.0 (quilt)", "1.0"].contains(control.format) else {
            throw KernelTreeError.malformedControl(path: path, reason: "the format \(control.format) is not supported")
        }
        guard let upstream = parts({ $0 == .upstream }).first, parts({ $0 == .upstream }).count == 1 else {
            throw KernelTreeError.malformedControl(path: path, reason: "it does not have one .orig.tar")
        }
        var count = try await replace(tree, by: upstream, limits, progress)
        for name in parts({ if case .component = $0 { true } else { false } }) {
            guard case .component(let folder) = SourceControl.role(of: name) else { continue }
            count += try await replace(tree.appending(folder), by: name, limits, progress)
        }
        if control.format == "1.0" {
            for name in parts({ $0 == .difference }) { try await apply(difference: name, to: tree, progress) }
            return count
        }
        guard let packaging = parts({ $0 == .packaging }).first else {
            throw KernelTreeError.malformedControl(path: path, reason: "it has no .debian.tar")
        }
        try await BlockingWork.run { _ in try Files.remove(tree.appending("debian")) }
        var extraction = Extraction()
        extraction.limits = limits
        extraction.merging = true
        progress.report(.began(what: "unpack \(packaging)"))
        count += try await extraction.unpack(.file(folder.appending(packaging)), into: tree, progress: progress).files
        return count
    }

    /// Unpacks an archive and puts its one folder (or, where it has several entries, all of it) at a path.
    private func replace(
        _ target: FilePath, by name: String, _ limits: ArchiveLimits, _ progress: any ProgressSink
    ) async throws -> Int {
        progress.report(.began(what: "unpack \(name)"))
        let staging = target.removingLastComponent().appending(".unpack-\(name)")
        try Files.createDirectories(staging)
        var extraction = Extraction()
        extraction.limits = limits
        let count = try await extraction.unpack(.file(folder.appending(name)), into: staging, progress: progress).files
        let entries = try Files.list(staging)
        let single = entries.count == 1 && Files.isDirectory(staging.appending(entries[0]))
        try await BlockingWork.run { _ in try Files.remove(target) }
        try Rename.move(single ? staging.appending(entries[0]) : staging, to: target)
        try Files.remove(staging)
        return count
    }

    /// Applies the diff of a format 1.0 package, as `dpkg-source` does: without fuzz.
    private func apply(difference name: String, to tree: FilePath, _ progress: any ProgressSink) async throws {
        progress.report(.began(what: "apply \(name)"))
        let bytes = try Decompressor.decompress(file: folder.appending(name))
        try await Self.apply([PatchInput(name: name, bytes: bytes)], to: tree)
    }

    /// Applies the patches of an unpacked tree: `debian/patches/series` as `dpkg-source --before-build` does, with the
    /// featuresets asked for; the lists by revision of the Lenny era as that package's own scripts do.
    static func applyPatches(in tree: FilePath, symbols: Set<String>, progress: any ProgressSink) async throws {
        let patches = tree.pushing("debian/patches")
        if Files.isDirectory(patches.appending("series")) {
            return try await LennyTree(tree: tree, symbols: symbols).apply(progress)
        }
        guard Files.isRegular(patches.appending("series")) || Files.isRegular(patches.appending("debian.series")) else {
            return
        }
        let loaded = try SeriesReader(dialect: .debian, guards: symbols).read(tree).load()
        progress.report(.began(what: "apply \(loaded.patches.count) patches of debian/patches"))
        try await apply(loaded.inputs, to: tree)
    }

    static func apply(
        _ patches: [PatchInput], to tree: FilePath, policy: PlacementPolicy = .dpkg
    ) async throws {
        try await BlockingWork.run { _ in
            let applied = try TreeTransaction(in: tree, workers: 2).apply(
                patches.map { PatchSource($0) }, policy: policy)
            if let failure = applied.report.failure { throw KernelTreeError.patchFails(message: failure.message) }
        }
    }
}
