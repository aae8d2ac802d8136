import Debian
import SystemPackage
import Testing

@Suite struct AptSourceTests {
    @Test func deb822() {
        let text = """
            Types: deb deb-src
            # a comment in a stanza
            URIs: http://mirror.example/debian/
            Suites: bookworm bookworm-updates
            Components: main contrib
            Signed-By: /usr/share/keyrings/a.gpg

            Enabled: no
            Types: deb
            URIs: http://off.example/debian
            Suites: bookworm
            Components: main

            types: deb
            uris: http://key.example/debian
            suites: sid
            components: main
            signed-by:
             -----BEGIN PGP PUBLIC KEY BLOCK-----
             .
             abc
            """
        let sources = AptSource.parse(deb822: text)
        #expect(
            sources == [
                AptSource(
                    uri: "http://mirror.example/debian/", suite: "bookworm", components: ["main", "contrib"],
                    options: ["Signed-By": "/usr/share/keyrings/a.gpg"]),
                AptSource(
                    uri: "http://mirror.example/debian/", suite: "bookworm-updates", components: ["main", "contrib"],
                    options: ["Signed-By": "/usr/share/keyrings/a.gpg"]),
                AptSource(
                    uri: "http://key.example/debian", suite: "sid", components: ["main"],
                    options: ["Signed-By": "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc"]),
            ])
    }

    @Test func oneLine() {
        let text = """
            # deb http://no.example/debian bookworm main
            deb http://a.example/debian bookworm main contrib # why
            deb [ arch=amd64 signed-by=/k.gpg trusted=yes ] http://b.example/debian bookworm-security main
            deb-src http://a.example/debian bookworm main
            debris
            deb [broken http://c.example x main
            """
        #expect(
            AptSource.parse(list: text) == [
                AptSource(uri: "http://a.example/debian", suite: "bookworm", components: ["main", "contrib"]),
                AptSource(
                    uri: "http://b.example/debian", suite: "bookworm-security", components: ["main"],
                    options: ["Signed-By": "/k.gpg"]),
            ])
    }

    @Test(arguments: [
        ("linux-source-6.1", PackageRequest("linux-source-6.1")),
        ("a1=1:2.3~rc1-4+b1", PackageRequest("a1", version: "1:2.3~rc1-4+b1")),
    ])
    func requests(text: String, request: PackageRequest) {
        #expect(PackageRequest(parsing: text) == request)
        #expect(request.description == text)
    }

    @Test(arguments: ["", "-o", "a", "--config=1", "a b", "ab=", "ab=x", "ab=1 2", "ab/sid", "$(ab)"])
    func malformedRequests(text: String) { #expect(PackageRequest(parsing: text) == nil) }
}
