import Bytes
import Debian
import Diagnostics
import SystemPackage
import TestSupport
import Testing

/// Source packages of a mirror, verified by apt, nothing unpacked.
@Suite(.enabled(if: LocalMirror.missingTools.isEmpty, "needs \(LocalMirror.missingTools)"))
struct SourceDownloadTests {
    let mirror: LocalMirror

    init() throws { mirror = try LocalMirror() }

    @Test func allFilesOfAPackage() async throws {
        let source = try await mirror.fetcher().fetchSource(PackageRequest("kit"), suite: "bookworm")
        #expect(source.version == "1.0-1")
        let folder = source.control.removingLastComponent()
        #expect(
            try Files.list(folder) == ["kit_1.0-1.debian.tar.xz", "kit_1.0-1.dsc", "kit_1.0.orig.tar.xz"])
        // A second call takes what is there.
        #expect(try await mirror.fetcher().fetchSource(PackageRequest("kit"), suite: "bookworm") == source)
        let exact = PackageRequest("kit", version: "1.0-1")
        #expect(try await mirror.fetcher().fetchSource(exact, suite: "bookworm") == source)
    }

    @Test(arguments: ["echo changed > debian/pool/kit_1.0.orig.tar.xz", "rm debian/pool/kit_1.0.orig.tar.xz"])
    func whatIsNotAsTheIndexSays(damage: String) async throws {
        try #require(shell(damage, in: mirror.scratch.path) == 0)
        await #expect(throws: PackagesError.self) {
            try await mirror.fetcher().fetchSource(PackageRequest("kit"), suite: "bookworm")
        }
    }

    @Test(arguments: ["kitt", "kit=9-1"]) func unknown(name: String) async throws {
        do {
            let request = try #require(PackageRequest(parsing: name))
            _ = try await mirror.fetcher().fetchSource(request, suite: "bookworm")
            Issue.record("it was found")
        } catch let error as PackagesError { #expect(error.category == .missingInput, "\(error.message)") }
    }
}
