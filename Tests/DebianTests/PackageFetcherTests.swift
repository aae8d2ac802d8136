import Bytes
import Debian
import Diagnostics
import Host
import SystemPackage
import TestSupport
import Testing

@Suite(.enabled(if: LocalMirror.missingTools.isEmpty, "needs \(LocalMirror.missingTools)"))
struct PackageFetcherTests {
    let mirror: LocalMirror

    init() throws { mirror = try LocalMirror() }

    private func failure(
        _ fetcher: PackageFetcher, _ request: String, suite: String = "bookworm"
    ) async -> (any DiagnosedError)? {
        do {
            _ = try await fetcher.fetch([try #require(PackageRequest(parsing: request))], suite: suite)
            return nil
        } catch { return error as? any DiagnosedError }
    }

    @Test func newestAndExact() async throws {
        let fetcher = mirror.fetcher()
        let packages = try await fetcher.fetch(
            [PackageRequest("hello-kit"), PackageRequest("other-kit"), PackageRequest("hello-kit", version: "1.0-1")],
            suite: "bookworm")
        #expect(packages.map(\.version) == ["1:2.0-1", "3-1", "1.0-1"])
        #expect(packages.allSatisfy { !$0.reused })
        for package in packages { #expect(try Digest(ofFile: package.path) == package.digest) }
        let again = try await fetcher.fetch([PackageRequest("hello-kit")], suite: "bookworm")
        #expect(again.first?.reused == true)
        let offered = try await fetcher.lookUp([PackageRequest("other-kit")], suite: "bookworm")
        #expect(offered.first?.version == "3-1")
    }

    @Test func storedVersionsNeedNoMirror() async throws {
        let exact = [PackageRequest("hello-kit", version: "1:2.0-1")]
        let first = try await mirror.fetcher().fetch(exact, suite: "bookworm")
        #expect(shell("mv debian gone", in: mirror.scratch.path) == 0)
        let second = try await mirror.fetcher().fetch(exact, suite: "bookworm")
        #expect(second.first?.digest == first.first?.digest && second.first?.reused == true)
        // With an index of any age the newest version is known as well.
        let third = try await mirror.fetcher(refresh: .never).fetch([PackageRequest("hello-kit")], suite: "bookworm")
        #expect(third.first?.reused == true)
        // A damaged file is not taken for it.
        let path = try #require(first.first?.path)
        try Files.write([1, 2, 3], to: path)
        #expect(await failure(mirror.fetcher(), "hello-kit=1:2.0-1") != nil)
    }

    @Test func unknownNamesAndVersions() async throws {
        let fetcher = mirror.fetcher()
        let name = try #require(await failure(fetcher, "helo-kit"))
        #expect(name.category == .missingInput && name.message.contains("hello-kit"))
        let version = try #require(await failure(fetcher, "hello-kit=9-1"))
        #expect(version.category == .missingInput && version.message.contains("1:2.0-1"))
        let suite = try #require(await failure(fetcher, "hello-kit", suite: "bullseye"))
        #expect(suite.category == .missingInput && suite.message.contains("bullseye"))
    }

    @Test func aForeignSignatureIsRefused() async throws {
        #expect(
            shell(
                "export GNUPGHOME=$PWD/g2; mkdir -m 700 g2; gpg --batch --passphrase '' --quick-gen-key 'O <o@example.invalid>' ed25519 sign never && gpg --export > key.gpg; gpgconf --kill all",
                in: mirror.scratch.path) == 0)
        let error = try #require(await failure(mirror.fetcher(), "hello-kit"))
        #expect(error.category == .malformedInput, "\(error)")
    }

    @Test func aChangedPackageIsRefused() async throws {
        #expect(
            shell(
                "for f in debian/pool/hello*2.0*; do printf x | dd of=$f bs=1 seek=100 conv=notrunc; done",
                in: mirror.scratch.path) == 0)
        let error = try #require(await failure(mirror.fetcher(), "hello-kit"))
        #expect(error.category == .malformedInput, "\(error)")
    }

    @Test func unreachableMirrors() async throws {
        // Port 9 of this machine: nobody listens, so the connection is refused at once.
        let machine = MachineSources(
            sources: [AptSource(uri: "http://127.0.0.1:9/debian", suite: "bookworm", components: ["main"])],
            folder: "/etc/apt")
        let fetcher = PackageFetcher(
            folder: mirror.scratch.path.appending("unreachable"), machine: machine, environment: LocalMirror.environment
        )
        let error = try #require(await failure(fetcher, "hello-kit"))
        #expect(error.category == .infrastructure, "\(error)")
        #expect(error.message.contains("127.0.0.1:9"))
    }

    @Test func noMirrorAndNoApt() async throws {
        let none = PackageFetcher(
            folder: mirror.scratch.path.appending("none"), machine: MachineSources(sources: [], folder: "/etc/apt"),
            environment: LocalMirror.environment)
        #expect(await failure(none, "hello-kit")?.category == .missingInput)
        let bare = PackageFetcher(
            folder: mirror.scratch.path.appending("bare"), machine: mirror.machine(), environment: ["PATH": "/nowhere"])
        #expect(await failure(bare, "hello-kit")?.category == .missingTool)
    }
}

@Suite struct InstalledPackagesTests {
    @Test(.enabled(if: hasTool("dpkg-query") && hasTool("apt-cache"))) func states() async throws {
        let states = try await InstalledPackages.query(
            ["dpkg", "no-such-package-kit"], environment: LocalMirror.environment)
        #expect(states.map(\.name) == ["dpkg", "no-such-package-kit"])
        #expect(states[0].installed != nil)
        #expect(states[1].installed == nil && states[1].candidate == nil)
    }
}
