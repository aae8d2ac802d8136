import Bytes
import Debian
import Diagnostics
import Foundation
import KernelTree
import Patching
import Porting
import Series
import SystemPackage
import TestSupport
import Testing

/// The patches of Debian's own kernel source packages: the engine gives the tree that patch(1) gives with the options of
/// dpkg-source.
///
/// `DOM0KIT_DEBIAN_SUITES` names the suites, with commas; without it Debian 11, 12, 13 and sid.
@Suite(
    .serialized,
    .enabled(
        if: hasTools("patch", "tar", "xz", "apt-get") && !MachineSources.read(suites: .unknown).sources.isEmpty,
        "patch, tar, xz or apt-get is missing, or there is no Debian mirror"))
struct DebianKernelSeriesTests {
    static let suites: [String] = {
        let given = ProcessInfo.processInfo.environment["DOM0KIT_DEBIAN_SUITES"] ?? "bullseye,bookworm,trixie,sid"
        return given.split(separator: ",").map(String.init)
    }()

    /// Packages stay here between runs of the tests.
    private static let cache: FilePath =
        ProcessInfo.processInfo.environment["DOM0KIT_TEST_CACHE"].map { FilePath($0) }
        ?? FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        .appending(".build").appending("test-sources")

    private func control(_ suite: String) async throws -> FilePath {
        let variables = ProcessInfo.processInfo.environment
            .filter { $0.key == "PATH" || $0.key.lowercased().hasSuffix("_proxy") }
        let fetcher = PackageFetcher(
            folder: Self.cache.appending(suite),
            machine: .read(suites: try DebianSuites.load(data: ImportScratch.kit)), environment: variables)
        var request = PackageRequest("linux")
        var older: [String]?
        while true {
            do {
                return try await fetcher.fetchSource(request, suite: suite).control
            } catch let error as PackagesError
                where error.category == .infrastructure || error.category == .missingInput
            {
                // Mirrors often lack what their index lists; an older version does as well.
                older = older ?? Self.versions(error.message)
                if let next = older?.popLast() {
                    request = PackageRequest("linux", version: next)
                    continue
                }
                // A case that is cancelled leaves no trace of its own.
                Issue.record("not tested: linux of \(suite) cannot be had here: \(error.message)", severity: .warning)
                try Test.cancel("linux of \(suite) cannot be had here")
            }
        }
    }

    /// The versions that an error lists, the newest last.
    private static func versions(_ message: String) -> [String] {
        guard let start = message.range(of: "these versions: ")?.upperBound else { return [] }
        return message[start...].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            .sorted { $0.compare($1, options: .numeric) == .orderedAscending }.suffix(8)
    }

    /// The patches of a source package, unpacked below a folder of its own.
    private func patches(of control: FilePath, in scratch: Scratch, at name: String) throws -> [PatchInput] {
        let stem = try #require(control.stem)
        let folder = control.removingLastComponent()
        let files = try Files.list(folder)
        let packaging = try #require(files.first { $0.hasPrefix(stem) && $0.contains(".debian.tar.") })
        try #require(
            scratch.shell("mkdir -p '\(name)' && tar -C '\(name)' -xf '\(folder)/\(packaging)' debian/patches") == 0)
        return try SeriesReader().read(scratch.path.appending(name).pushing("debian/patches")).load().inputs
    }

    private func names(in patches: [PatchInput]) throws -> Set<String> {
        var names: Set<String> = []
        for patch in patches {
            let parsed = try ParsedPatch.parse(patch.blob, name: patch.name, strip: patch.strip)
            for file in parsed.files {
                for path in [file.oldPath, file.newPath].compactMap({ $0 }) { names.insert(path.string) }
            }
        }
        return names
    }

    /// Of the kernel only some files.
    private func unpack(_ control: FilePath, _ names: Set<String>, in scratch: Scratch, as tree: String) throws {
        let stem = try #require(control.stem)
        let folder = control.removingLastComponent()
        let files = try Files.list(folder)
        let upstream = String(stem.prefix { $0 != "_" }) + "_"
        let version = stem.dropFirst(upstream.count).prefix { $0 != "-" }
        let original = try #require(files.first { $0.hasPrefix("\(upstream)\(version).orig.tar.") })
        try scratch.file("names", names.sorted().map { $0 + "\n" }.joined())
        // What the patches create is not in the archive: tar says so at its end.
        let unpacked = scratch.shell(
            """
            top=$(tar -tf '\(folder)/\(original)' 2> /dev/null | head -n 1 | cut -d / -f 1)
            sed "s,^,$top/," names > wanted
            tar -xf '\(folder)/\(original)' -T wanted; mv "$top" \(tree) && test -n "$(ls \(tree))"
            """)
        try #require(unpacked == 0)
    }

    @Test(arguments: suites) func sameTreeAsPatch(suite: String) async throws {
        let control = try await control(suite)
        let scratch = try Scratch()
        let patches = try patches(of: control, in: scratch, at: "packaging")
        #expect(patches.count > 20, "only \(patches.count) patches")
        try unpack(control, try names(in: patches), in: scratch, as: "ours")
        try #require(scratch.shell("cp -a ours theirs") == 0)
        let changed = try SameTree(scratch: scratch, patches: patches, policy: .dpkg)
            .check(options: "-t -F 0 -N -p1 -u -V never -E -b -B .pc/x/ --reject-file=-")
        print("\(suite): \(control.stem ?? ""), \(patches.count) patches, \(changed) files")
    }

    /// Patches that are moved by what is certain, and whose maintainers did more: what they did is in the documentation
    /// (Move a series to a new kernel).
    private static let explained: Set<String> = [
        "debian/documentation-drop-sphinx-version-check.patch",
        "features/all/db-mok-keyring/trust-machine-keyring-by-default.patch",
    ]

    /// From Debian 12 to 13 the patches of the same name come out as the maintainers' own, if not all of them, and what is
    /// called certain always does.
    @Test(
        .enabled(if: Set(suites).isSuperset(of: ["bookworm", "trixie"]), "DOM0KIT_DEBIAN_SUITES leaves out 12 or 13"))
    func movedAsTheMaintainersDid() async throws {
        let (older, newer) = (try await control("bookworm"), try await control("trixie"))
        let scratch = try Scratch()
        let (old, new) = (
            try patches(of: older, in: scratch, at: "12"), try patches(of: newer, in: scratch, at: "13")
        )
        let files = try names(in: old + new)
        try unpack(older, files, in: scratch, as: "old")
        try unpack(newer, files, in: scratch, as: "new")
        let request = RebaseRequest(
            from: .folder(scratch.path.appending("old")), to: .folder(scratch.path.appending("new")),
            series: try SeriesReader().read(scratch.path.pushing("12/debian/patches")), into: nil, policy: .dpkg)
        let outcome = try await request.perform(progress: NoProgress())
        #expect(outcome.unfit == nil)
        let moved = Dictionary(outcome.patches.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let blobs = Dictionary(outcome.new.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        // Each is held against theirs on the new tree with their earlier patches.
        let tree = scratch.path.appending("new")
        var (common, same, certain, differing) = (0, 0, 0, Set<String>())
        for patch in new {
            let theirs = try SeriesApplication.run(patches: [patch], on: try FolderTree(tree), policy: .dpkg)
            try #require(theirs.report.failure == nil)
            if let ours = moved[patch.name] {
                common += 1
                if ours.verdict != .conflict {
                    let isSame = try Self.isSame(blobs[patch.name], theirs.changes, FolderTree(tree))
                    same += isSame ? 1 : 0
                    certain += ours.isDerived ? 0 : 1
                    if !isSame, !ours.isDerived { differing.insert(patch.name) }
                }
            }
            let applied = try TreeTransaction(in: tree, workers: 2).apply([PatchSource(patch)], policy: .dpkg)
            try #require(applied.report.failure == nil)
        }
        print("12 to 13: \(common) patches, \(same) as the maintainers', \(certain) certain, \(differing.sorted())")
        #expect(common >= 50 && same * 10 >= common * 7 && certain * 10 >= common * 5)
        #expect(differing.subtracting(Self.explained).count <= 1, "\(differing)")
    }

    /// Whether a moved patch leaves what the maintainers' does; `nil` stands for one that upstream has.
    private static func isSame(_ patch: PatchInput?, _ theirs: [FileChange], _ tree: FolderTree) throws -> Bool {
        let ours = try patch.map { try SeriesApplication.run(patches: [$0], on: tree, policy: .dpkg).changes } ?? []
        let left = Dictionary(ours.map { ($0.path, $0.after?.content.bytes) }, uniquingKeysWith: { $1 })
        let right = Dictionary(theirs.map { ($0.path, $0.after?.content.bytes) }, uniquingKeysWith: { $1 })
        return left == right
    }
}
