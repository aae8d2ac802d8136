import Bytes
import Debian
import Diagnostics
import Foundation
import KernelTree
import Patching
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

    @Test(arguments: suites) func sameTreeAsPatch(suite: String) async throws {
        let control = try await control(suite)
        let scratch = try Scratch()
        let files = try Files.list(control.removingLastComponent())
        let stem = try #require(control.stem)
        let packaging = try #require(files.first { $0.hasPrefix(stem) && $0.contains(".debian.tar.") })
        let upstream = String(stem.prefix { $0 != "_" }) + "_"
        let version = stem.dropFirst(upstream.count).prefix { $0 != "-" }
        let original = try #require(files.first { $0.hasPrefix("\(upstream)\(version).orig.tar.") })
        let folder = control.removingLastComponent()
        try #require(scratch.shell("tar -xf '\(folder)/\(packaging)' debian/patches") == 0)

        let series = try SeriesReader().read(scratch.path.pushing("debian/patches"))
        let patches = try series.load().inputs
        #expect(patches.count > 20, "only \(patches.count) patches")
        // Of the kernel only what the patches name.
        var names: Set<String> = []
        for patch in patches {
            let parsed = try ParsedPatch.parse(patch.blob, name: patch.name, strip: patch.strip)
            for file in parsed.files {
                for path in [file.oldPath, file.newPath].compactMap({ $0 }) { names.insert(path.string) }
            }
        }
        try scratch.file("names", names.sorted().map { $0 + "\n" }.joined())
        // What the patches create is not in the archive: tar says so at its end.
        let unpacked = scratch.shell(
            """
            top=$(tar -tf '\(folder)/\(original)' 2> /dev/null | head -n 1 | cut -d / -f 1)
            sed "s,^,$top/," names > wanted
            tar -xf '\(folder)/\(original)' -T wanted; mv "$top" ours && cp -a ours theirs && test -n "$(ls ours)"
            """)
        try #require(unpacked == 0)

        let changed = try SameTree(scratch: scratch, patches: patches, policy: .dpkg)
            .check(options: "-t -F 0 -N -p1 -u -V never -E -b -B .pc/x/ --reject-file=-")
        print(
            "\(suite): linux \(stem.dropFirst(upstream.count)), \(patches.count) patches, \(changed) files"
        )
    }
}
