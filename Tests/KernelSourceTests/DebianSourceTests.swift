import Bytes
import Debian
import Diagnostics
import Glibc
import KernelSource
import KernelTree
import Series
import SystemPackage
import TestSupport
import Testing

/// Debian's real kernel source packages, with dpkg-source as the judge. `DOM0KIT_DEBIAN_SOURCES` names suites, separated by
/// blanks, each with `=VERSION` where another than the newest is wanted: `bullseye trixie=6.12.107-1`.
///
/// Needs the mirror, and 4 GB of disk for each while it runs.
@Suite(.serialized) struct DebianSourceTests {
    static let suites = (getenv("DOM0KIT_DEBIAN_SOURCES").map { String(cString: $0) } ?? "").split(separator: " ").map(
        String.init)

    @Test(
        .enabled(if: !suites.isEmpty, "DOM0KIT_DEBIAN_SOURCES names no suites"),
        .enabled(if: hasTool("dpkg-source"), "needs dpkg-dev"), arguments: suites)
    func sameTreeAsDpkgSource(suite: String) async throws {
        let scratch = try ImportScratch()
        defer { try? Files.remove(scratch.path) }
        let parts = suite.split(separator: "=", maxSplits: 1).map(String.init)
        let variables = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        let fetcher = PackageFetcher(
            folder: scratch.path.appending("packages"),
            machine: .read(suites: try DebianSuites.load(data: ImportScratch.kit)), environment: variables)
        let request = PackageRequest("linux", version: parts.count > 1 ? parts[1] : nil)
        let source = try await fetcher.fetchSource(request, suite: parts[0])
        var importer = SourceImporter()
        importer.appliesPatches = true
        let tree = try await importer.importTree(
            from: .sourcePackage(source.control), into: scratch.path.appending("tree"))
        #expect(tree.files > 70_000)
        let series = try SeriesReader().read(tree.folder)
        #expect(series.dialect == .debian && series.included.count > 50)
        try #require(scratch.shell("dpkg-source --no-check -x '\(source.control)' want") == 0)
        #expect(scratch.shell("rm -rf want/.pc; diff -r --no-dereference want tree") == 0)
        #expect(
            scratch.shell("x() { (cd $1; find . -type f -perm -100 | sort); }; x want > w; x tree > t; cmp w t") == 0)
    }
}
