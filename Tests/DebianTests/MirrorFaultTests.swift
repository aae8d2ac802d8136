import Bytes
import Debian
import Diagnostics
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A mirror that answers, but has not what is asked of it: served as files and through HTTP.
@Suite(
    .enabled(
        if: LocalMirror.missingTools.isEmpty && hasTool("python3"), "needs \(LocalMirror.missingTools) and python3"),
    .serialized)
struct MirrorFaultTests {
    let mirror: LocalMirror

    init() throws { mirror = try LocalMirror() }

    /// Serves the mirror through HTTP meanwhile, or names its files.
    private func served(_ byHTTP: Bool, _ body: (_ address: String?) async throws -> Void) async throws {
        guard byHTTP else { return try await body(nil) }
        try mirror.scratch.file(
            "serve.py",
            """
            import functools, http.server, os
            handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=".")
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            open("port.new", "w").write(f"{server.server_port} {os.getpid()}")
            os.rename("port.new", "port")
            server.serve_forever()
            """)
        try #require(
            mirror.scratch.shell(
                "timeout 120 python3 serve.py </dev/null & n=0; until test -f port; do sleep 0.1; n=$((n+1)); test $n -lt 100; done"
            ) == 0)
        defer { _ = mirror.scratch.shell("kill $(cut -d' ' -f2 port); rm port") }
        let port = try #require(try mirror.scratch.text("port").split(separator: " ").first)
        try await body("http://127.0.0.1:\(port)/debian")
    }

    private func error(_ work: () async throws -> Void) async -> PackagesError? {
        do {
            try await work()
            return nil
        } catch { return error as? PackagesError }
    }

    @Test("a file that is not there is not a mirror that cannot be reached", arguments: [false, true])
    func gone(byHTTP: Bool) async throws {
        try await served(byHTTP) { address in
            let fetcher = mirror.fetcher(at: address)
            _ = try await fetcher.fetch([PackageRequest("other-kit")], suite: "bookworm")
            #expect(mirror.scratch.shell("rm debian/pool/hello-kit_2* debian/pool/kit_1.0.orig.tar.xz") == 0)
            let package = await error { _ = try await fetcher.fetch([PackageRequest("hello-kit")], suite: "bookworm") }
            guard case .lacksFile(_, let detail, let versions) = package else {
                Issue.record("\(String(describing: package)) \(package?.message ?? "")")
                return
            }
            #expect(detail.contains(byHTTP ? "404" : "No such file"))
            #expect(versions == ["1:2.0-1", "1.0-1"])
            #expect(package?.category == .missingInput)
            #expect(package?.message.contains("the index has these versions: 1:2.0-1, 1.0-1") == true)
            // The older one is there.
            let older = PackageRequest("hello-kit", version: "1.0-1")
            #expect(try await fetcher.fetch([older], suite: "bookworm").map(\.version) == ["1.0-1"])
            let source = await error { _ = try await fetcher.fetchSource(PackageRequest("kit"), suite: "bookworm") }
            guard case .lacksFile(_, _, let all) = source else {
                Issue.record("\(String(describing: source))")
                return
            }
            #expect(all == ["1.0-1"])
            #expect(source?.message.contains("does not have a file that its index lists") == true)
        }
    }

    @Test("a version that is not there is answered with those that are", arguments: [false, true])
    func versions(byHTTP: Bool) async throws {
        try await served(byHTTP) { address in
            let fetcher = mirror.fetcher(at: address)
            let package = await error {
                _ = try await fetcher.fetch([PackageRequest("hello-kit", version: "9-1")], suite: "bookworm")
            }
            #expect(package?.message == "'bookworm' has no version 9-1 of 'hello-kit'; it has 1:2.0-1, 1.0-1")
            #expect(package?.category == .missingInput && package?.remedy != nil)
            let source = await error {
                _ = try await fetcher.fetchSource(PackageRequest("kit", version: "9-1"), suite: "bookworm")
            }
            #expect(source?.message == "'bookworm' has no version 9-1 of 'kit'; it has 1.0-1")
        }
    }

    @Test("a mirror that does not answer is an infrastructure that failed")
    func silent() async throws {
        // Nothing listens at the port for discarding.
        let package = await error {
            _ = try await mirror.fetcher(at: "http://127.0.0.1:9/debian").fetch(
                [PackageRequest("hello-kit")], suite: "bookworm")
        }
        #expect(package?.category == .infrastructure)
        #expect(package?.message.contains("cannot be reached") == true)
    }
}
