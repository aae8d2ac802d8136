import Debian
import SystemPackage
import Testing
import Yaml

@Suite struct DebianSuitesTests {
    private static let kit = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    private func machine(_ sources: [(String, String, [String])]) throws -> MachineSources {
        MachineSources(
            sources: sources.map { AptSource(uri: $0.0, suite: $0.1, components: $0.2) }, folder: "/etc/apt",
            suites: try DebianSuites.load(data: Self.kit))
    }

    private func shown(_ sources: [AptSource]) -> [String] { sources.map { "\($0.uri) \($0.suite)" } }

    @Test func theKitsOwn() throws {
        let names = try DebianSuites.load(data: Self.kit).names
        #expect(Set(names).count == names.count)
        #expect(Set(names).isSuperset(of: ["bullseye", "bookworm", "trixie", "sid"]))
        #expect(try DebianSuites.load(data: "/nowhere") == .unknown)
    }

    @Test(arguments: [
        ("bookworm", ["bookworm-updates", "bookworm-security"]), ("buster", ["buster-updates", "buster/updates"]),
        ("sid", []), ("zurg", ["zurg-updates", "zurg-security"]),
    ])
    func companions(suite: String, optional: [String]) throws {
        let plan = try machine([("http://m.invalid/debian", "trixie", ["main"])]).plan(for: suite, keyring: nil)
        #expect(shown(plan.base) == ["http://m.invalid/debian \(suite)"])
        let places = ["http://m.invalid/debian", "http://m.invalid/debian-security"]
        #expect(shown(plan.optional) == zip(places, optional).map { "\($0) \($1)" })
    }

    /// Other archives have suites of their own, or no component `main`.
    @Test func otherArchivesAreNoMirrors() throws {
        let machine = try machine([
            ("http://other.invalid", "bookworm-pgdg", ["main"]), ("http://docker.invalid", "bookworm", ["stable"]),
            ("http://s.invalid/security", "bookworm-security", ["main"]), ("http://m.invalid/d", "bookworm", ["main"]),
        ])
        let plan = try machine.plan(for: "trixie", keyring: nil)
        #expect(shown(plan.base) == ["http://m.invalid/d trixie"])
        #expect(
            shown(plan.optional) == ["http://m.invalid/d trixie-updates", "http://s.invalid/security trixie-security"])
        let none = try self.machine([("http://other.invalid", "bookworm-pgdg", ["main"])])
        #expect(throws: PackagesError.self) { try none.plan(for: "trixie", keyring: nil) }
    }

    @Test(arguments: [
        ("schema: x\nsuites: []\n", "s.yaml:1: schema is 'x', which is not one of dom0kit.debian-suites/1"),
        (
            "schema: dom0kit.debian-suites/1\nsuites: []\n",
            "s.yaml:2: suites is empty, but should be a list with something in it"
        ),
        (
            "schema: dom0kit.debian-suites/1\nsuites:\n  - { name: a b }\n",
            "s.yaml:3: suites[0].name is 'a b', which is not one plain word"
        ),
        (
            "schema: dom0kit.debian-suites/1\nsuites:\n  - { nane: a }\n",
            "s.yaml:3: unknown key 'suites[0].nane'; known in suites[0] are name, updates, security"
        ),
    ])
    func faults(text: String, message: String) throws {
        let fault = #expect(throws: YamlFault.self) { try DebianSuites.parse(Array(text.utf8), file: "s.yaml") }
        #expect(fault?.message == message)
    }
}
