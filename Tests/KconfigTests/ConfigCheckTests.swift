import Bytes
import Kconfig
import KernelModel
import SystemPackage
import Testing

/// The verdict on whole configurations: by the right set of requirements, certain only where it can be.
@Suite struct ConfigCheckTests {
    static let folder = Dom0RequirementsTests.file.removingLastComponent()

    static func sets() throws -> [Dom0Requirements] {
        try Files.list(folder).filter { $0.hasSuffix(".yaml") }.map {
            try Dom0Requirements.load(try Files.read(folder.appending($0)), name: $0)
        }
    }

    func configuration(_ lines: [String]) throws -> KernelConfiguration {
        try KernelConfiguration(Array((lines.joined(separator: "\n") + "\n").utf8), path: "config")
    }

    @Test(
        "the set is chosen by architecture, era and time",
        arguments: [
            (["# Linux/arm64 6.1.1 Kernel Configuration"], "a Xen dom0 on a mainline arm64 kernel"),
            (["# Linux/x86 6.1.1 Kernel Configuration"], "a Xen dom0 on a mainline x86 kernel"),
            (["CONFIG_XEN=y"], "a Xen dom0 on a mainline x86 kernel"),
            (
                [
                    "# Linux/x86_64 3.0.101 Kernel Configuration", "CONFIG_X86_64_XEN=y",
                    "CONFIG_XEN_PRIVILEGED_GUEST=y",
                ],
                "a Xen dom0 on a kernel with the forward-ported Xen of 2.6.18"
            ),
            (
                ["# Linux/x86_64 3.2.0 Kernel Configuration", "CONFIG_XEN_DOM0=y", "CONFIG_XEN_PRIVILEGED_GUEST=y"],
                "a Xen dom0 on a mainline x86 kernel"
            ),
            (
                ["# Linux kernel version: 2.6.18", "# CONFIG_X86_64_XEN is not set"],
                "a Xen dom0 on a kernel with the forward-ported Xen of 2.6.18"
            ),
        ])
    func choice(lines: [String], title: String) throws {
        let configuration = try configuration(lines)
        let chosen = try Dom0Requirements.choose(
            among: try Self.sets(), for: configuration, version: configuration.kernelVersion)
        #expect(chosen.title == title)
    }

    @Test(
        "without a known architecture there is no verdict, and the line is told",
        arguments: [
            (
                ["#", "# Linux/riscv 6.1.1 Kernel Configuration", "CONFIG_XEN=y"],
                "config:2: there are no dom0 requirements for riscv; there are some for arm64, x86_64", 2
            ),
            (
                ["#", "#", "# Linux/foo 6.1.1 Kernel Configuration", "CONFIG_XEN=y"],
                "config:3: the configuration is for the architecture 'foo', which is not known", 3
            ),
            (
                ["# Linux/ 6.1.1 Kernel Configuration", "CONFIG_X86_64=y"],
                "config:1: the configuration is for the architecture '', which is not known", 1
            ),
            // A list of settings without a title is told by them.
            (
                ["CONFIG_XEN=y", "CONFIG_PPC=y", "CONFIG_PPC64=y"],
                "config:2: there are no dom0 requirements for powerpc; there are some for arm64, x86_64", 2
            ),
            (
                ["# Linux/x86 6.1.1 Kernel Configuration", "CONFIG_ARM64=y"],
                "config:2: CONFIG_ARM64 is y, but line 1 says that the configuration is for x86", 2
            ),
            (
                ["# Linux/arm64 6.1.1 Kernel Configuration", "CONFIG_64BIT=y", "CONFIG_X86_64=y"],
                "config:3: CONFIG_X86_64 is y, but line 1 says that the configuration is for arm64", 3
            ),
            (
                ["CONFIG_X86_64=y", "CONFIG_ARM64=y"],
                "config:1: CONFIG_X86_64 is y, and so is CONFIG_ARM64 in line 2: a kernel is for one architecture", 1
            ),
            // User Mode Linux has the symbols of the machine below it.
            (
                ["# Linux/um 6.1.1 Kernel Configuration", "CONFIG_UML=y", "CONFIG_X86_64=y"],
                "config:1: there are no dom0 requirements for um; there are some for arm64, x86_64", 1
            ),
        ])
    func noArchitecture(lines: [String], message: String, line: Int) throws {
        let configuration = try configuration(lines)
        let error = #expect(throws: KconfigError.self) {
            try Dom0Requirements.choose(among: try Self.sets(), for: configuration)
        }
        #expect(error?.message == message)
        #expect(error?.category == .undecided)
        #expect(error?.gaps.map(\.line) == [line])
        #expect(error?.remedy != nil)
    }

    /// A tree in which `DOM0` comes with `XEN` by itself, and `DISK` can be had for the asking.
    static let kconfig = """
        config XEN
        \tbool "xen"
        config DOM0
        \tdef_bool y
        \tdepends on XEN
        config PCI
        \tbool "pci"
        config DISK
        \tbool "disk"
        \tdepends on PCI
        config SHIFT
        \tint "shift"
        \trange 12 25
        \tdefault 17
        choice
        \tprompt "one"
        config ONE
        \tbool "one"
        config TWO
        \tbool "two"
        endchoice
        """

    func check(_ lines: [String], symbols: [String] = ["DOM0"], fragment: String? = nil, tree: Bool) throws
        -> ConfigCheck.Outcome
    {
        let requirements = try Dom0Requirements.load(
            Array(
                ("schema: dom0kit.requirements/1\ntitle: t\narchitecture: x86_64\nrequirements:\n"
                    + symbols.map { "  - {symbol: \($0), accept: [y], level: required, why: w}\n" }.joined()).utf8))
        var check = ConfigCheck(try configuration(lines), requirements: requirements)
        check.version = KernelVersion(6, 1)
        if let fragment { check.fragments = [try ConfigFragment(Array(fragment.utf8), path: "want")] }
        if tree { check.tree = try KconfigTreeTests.tree(["Kconfig": Self.kconfig]).0 }
        return try check.perform()
    }

    @Test("what an unsettled configuration does not mention is open, not off")
    func unsettled() throws {
        let settled = "# Automatically generated file; DO NOT EDIT."
        #expect(try check(["CONFIG_XEN=y"], tree: false).findings.map(\.isOpen) == [true])
        #expect(try check(["CONFIG_XEN=y"], tree: true).findings.map(\.isOpen) == [true])
        #expect(try check([settled, "CONFIG_XEN=y"], tree: false).findings.map(\.isOpen) == [false])
        #expect(try check(["CONFIG_XEN=y", "# CONFIG_DOM0 is not set"], tree: false).findings.map(\.isOpen) == [false])
        // What is mentioned is enough to tell.
        #expect(try check(["# CONFIG_XEN is not set"], tree: true).findings.map(\.isOpen) == [false])
        #expect(try check(["# CONFIG_PCI is not set"], symbols: ["DISK"], tree: true).findings.map(\.isOpen) == [false])
        #expect(try check(["CONFIG_XEN=y"], symbols: ["DISK"], tree: true).findings.map(\.isOpen) == [true])
        // This kernel has no such symbol.
        #expect(try check(["CONFIG_XEN=y"], symbols: ["XENFS"], tree: true).findings.map(\.isOpen) == [false])
    }

    @Test("values that Kconfig would not leave are named")
    func inconsistencies() throws {
        let lines = [
            "CONFIG_XEN=y", "CONFIG_DOM0=y", "CONFIG_PCI=y", "# CONFIG_DISK is not set", "CONFIG_SHIFT=99",
            "CONFIG_ONE=y", "CONFIG_TWO=y", "CONFIG_XEN_DOM_0=y",
        ]
        let found = try check(lines, tree: true).inconsistencies.map { "\($0.symbol)=\($0.value): \($0.expected)" }
        #expect(
            found == [
                "XEN_DOM_0=y: no such symbol in Linux 6.1.192; a similar name is XEN",
                "SHIFT=99: 12 to 25 (Kconfig:13)",
                "ONE=y: one member of the choice at Kconfig:17: CONFIG_TWO is y too",
                "TWO=y: one member of the choice at Kconfig:19: CONFIG_ONE is y too",
            ])
    }

    @Test("no setting is advised that Kconfig would not take")
    func outOfRange() throws {
        let outcome = try check(
            ["CONFIG_XEN=y", "CONFIG_DOM0=y", "CONFIG_SHIFT=17"], fragment: "CONFIG_SHIFT=99\n", tree: true)
        let finding = try #require(outcome.findings.first)
        #expect(finding.fix.isEmpty)
        #expect(finding.explanation?.contains("SHIFT takes 12 to 25 (Kconfig:13)") == true, "\(finding)")
    }
}
