import Bytes
import Kconfig
import KernelModel
import SystemPackage
import Testing

@Suite struct Dom0RequirementsTests {
    static let file = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        .pushing("Profiles/requirements/dom0.yaml")

    func load(_ requirement: String) throws -> Dom0Requirements {
        try Dom0Requirements.load(
            Array(
                "schema: dom0kit.requirements/1\ntitle: t\narchitecture: x86_64\nrequirements:\n  - \(requirement)\n"
                    .utf8),
            name: "r.yaml")
    }

    @Test func theKitsOwn() throws {
        let all = try Dom0Requirements.load(try Files.read(Self.file), name: Self.file.string)
        #expect(all.requirements.count > 20)
        let names = all.requirements.map(\.symbol)
        #expect(Set(names).count == names.count)
        #expect(all.requirements.allSatisfy { $0.reason.hasPrefix("without it ") })
        func required(_ version: KernelVersion, _ mode: DomainMode) -> Set<String> {
            Set(all.applying(to: version, modes: [mode]).filter { $0.level == .required }.map(\.symbol))
        }
        #expect(
            required(KernelVersion(6, 1), .pv).isSuperset(of: ["XEN", "XEN_PV", "XEN_DOM0", "XEN_PV_DOM0", "XENFS"]))
        #expect(!required(KernelVersion(5, 10), .pv).contains("XEN_PV_DOM0"))
        #expect(required(KernelVersion(6, 1), .pvh).contains("XEN_PVH"))
        #expect(!required(KernelVersion(6, 1), .pvh).contains("XEN_PV"))
    }

    @Test func checking() throws {
        let set = try load("{symbol: XENFS, accept: [y, m], level: required, since: \"3.0\", until: \"7.0\", why: w}")
        let good = try KernelConfiguration(Array("CONFIG_XENFS=m\n".utf8), path: "c")
        let bad = try KernelConfiguration(Array("# CONFIG_XENFS is not set\n".utf8), path: "c")
        #expect(set.check(good, version: KernelVersion(6, 1)).isEmpty)
        #expect(set.check(bad, version: KernelVersion(6, 1)).map(\.summary) == ["CONFIG_XENFS is n, wanted y or m: w"])
        #expect(set.check(bad, version: KernelVersion(2, 6, 39)).isEmpty)
        #expect(set.check(bad, version: KernelVersion(7, 0)).isEmpty)
        #expect(set.check(bad, version: KernelVersion(6, 99)).count == 1)
    }

    @Test(arguments: [
        ("{symbol: A, accept: [y], level: required}", "5: the key 'requirements[0].why' is missing"),
        (
            "{symbol: CONFIG_A, accept: [y], level: required, why: w}",
            "5: requirements[0].symbol is 'CONFIG_A', which is not a symbol's name (written without CONFIG_)"
        ),
        (
            "{symbol: A, accept: y, level: required, why: w}",
            "5: requirements[0].accept is a single value, but should be a list"
        ),
        (
            "{symbol: A, accept: [yes], level: required, why: w}",
            "5: requirements[0].accept[0] is 'yes', which is not a value of a symbol: y, m, n, a number or a text in quotes"
        ),
        (
            "{symbol: A, accept: [y], level: nice, why: w}",
            "5: requirements[0].level is 'nice', which is not one of required, recommended"
        ),
        (
            "{symbol: A, accept: [y], level: required, why: w, colour: red}",
            "5: unknown key 'requirements[0].colour'; known in requirements[0] are symbol, accept, level, modes, architecture, since, until, why"
        ),
        (
            "{symbol: A, accept: [y], level: required, why: w, since: new}",
            "5: requirements[0].since is 'new', which is not a kernel version such as \"6.1\""
        ),
        (
            "{symbol: A, accept: [y], level: required, why: w, modes: [hvm]}",
            "5: requirements[0].modes[0] is 'hvm', which is not one of pv, pvh"
        ),
        ("just a word", "5: requirements[0] is a single value, but should be a mapping"),
    ]) func mistakes(requirement: String, reason: String) throws {
        let error = #expect(throws: KconfigError.self) { try load(requirement) }
        #expect(error?.message == "r.yaml:" + reason)
    }

    @Test func otherFiles() throws {
        for text in ["", "[1, 2", "schema: other/1\ntitle: t\narchitecture: x\nrequirements: []\n", "a: b\n"] {
            #expect(throws: KconfigError.self) { try Dom0Requirements.load(Array(text.utf8)) }
        }
    }

    @Test func nothingIsProvenWithoutRequirements() throws {
        let then = Self.file.removingLastComponent().appending("dom0-forward-port.yaml")
        let today = try Dom0Requirements.load(try Files.read(Self.file))
        let forwardPort = try Dom0Requirements.load(try Files.read(then))
        #expect(try !today.proving(KernelVersion(6, 1)).isEmpty)
        #expect(throws: KconfigError.self) { try today.proving(KernelVersion(2, 6, 18)) }
        for version in [KernelVersion(2, 6, 18), KernelVersion(2, 6, 26), KernelVersion(2, 6, 31)] {
            let symbols = try forwardPort.proving(version).map(\.symbol)
            #expect(symbols.contains("XEN_PRIVILEGED_GUEST"))
        }
    }
}
