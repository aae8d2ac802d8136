import Diagnostics
import Kconfig
import KernelModel
import Testing

@Suite struct ConfigFileTests {
    func parse(_ text: String) throws -> ConfigFragment { try ConfigFragment(Array(text.utf8), path: "test.config") }

    @Test func everyKindOfValue() throws {
        let fragment = try parse(
            """
            # Linux/x86 6.1.192 Kernel Configuration
            CONFIG_XEN=y
            CONFIG_XENFS=m
            # CONFIG_KVM is not set
            CONFIG_OFF=n

            CONFIG_NR_CPUS=64
            CONFIG_NEGATIVE=-1
            CONFIG_PHYSICAL_START=0x1000000
            CONFIG_LOCALVERSION="-xen \\"4\\" \\\\o/"
            CONFIG_EMPTY=""\r
            # a comment
            # CONFIG_COMMENTED=y
            """)
        #expect(
            fragment.entries.map(\.symbol) == [
                "XEN", "XENFS", "KVM", "OFF", "NR_CPUS", "NEGATIVE", "PHYSICAL_START", "LOCALVERSION", "EMPTY",
            ])
        let config = KernelConfiguration(fragment)
        #expect(config["XEN"] == .yes)
        #expect(config["XENFS"] == .module)
        #expect(config["KVM"] == .no)
        #expect(config["OFF"] == .no)
        #expect(config["NOWHERE"] == .no)
        #expect(config["LOCALVERSION"] == .text(Array("-xen \"4\" \\o/".utf8)))
        #expect(config["EMPTY"] == .text([]))
        #expect(config["PHYSICAL_START"].matches(.number("16777216")))
        #expect(config["NEGATIVE"].matches(.number("-1")))
        #expect(config.entry("NR_CPUS")?.origin.description == "test.config:7")
    }

    @Test func writingIsReadingBackwards() throws {
        let text = "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=\"x \\\"y\\\" \\\\\"\nCONFIG_D=0x10\nCONFIG_E=m\n"
        #expect(KernelConfiguration(try parse(text)).bytes == Array(text.utf8))
        // Latin-1 survives.
        let latin = Array("CONFIG_A=\"".utf8) + [0xe9] + Array("\"\n".utf8)
        #expect(KernelConfiguration(try ConfigFragment(latin, path: "l")).bytes == latin)
    }

    @Test(arguments: [
        "CONFIG_A=yes", "CONFIG_A=", "CONFIG_A", "CONFIG_A=\"open", "CONFIG_A=\"a\" b", "CONFIG_A =y", "CONFIG_A-B=y",
        "XEN=y", " CONFIG_A=y", "CONFIG_A=y # why", "garbage", "CONFIG_A=1.5", "CONFIG_=y", "CONFIG_A=\"\\",
    ]) func malformedLines(line: String) throws {
        let error = #expect(throws: KconfigError.self) { try parse("CONFIG_OK=y\n\(line)\n") }
        #expect(error?.message.hasPrefix("test.config:2: ") == true, "\(error?.message ?? "")")
        #expect(error?.category == .malformedInput)
    }

    @Test("of two lines about a symbol the later holds, as for conf, and that is said")
    func repetitions() throws {
        let fragment = try parse("CONFIG_A=y\nCONFIG_B=m\n# CONFIG_A is not set\n")
        #expect(fragment.entries.map(\.symbol) == ["B", "A"])
        #expect(fragment.entries.last?.value == .no)
        #expect(
            fragment.repetitions.map(\.summary) == [
                "test.config:3: CONFIG_A is n here and y in line 1; the later line holds, as for Kconfig"
            ])
        #expect(ConfigMerger.merge(fragments: [fragment]).overrides.map(\.by.origin.line) == [3])
        let twice = try parse("CONFIG_A=y\nCONFIG_A=y\n")
        #expect(twice.entries.count == 1)
        #expect(twice.repetitions.isEmpty)
    }

    @Test(
        "architecture and settledness are read from the first lines, else from the symbols that only conf writes",
        arguments: [
            (
                "# Automatically generated file; DO NOT EDIT.\n# Linux/arm64 6.1.192 Kernel Configuration\n",
                KernelArchitecture.arm64, true
            ),
            ("# Linux/x86 6.1.192 Kernel Configuration\nCONFIG_X86_64=y\n", .x86_64, true),
            ("# Linux/x86 6.1.192 Kernel Configuration\nCONFIG_X86_32=y\n", .i386, true),
            ("# Linux kernel version: 2.6.18\nCONFIG_X86_64=y\n", .x86_64, true),
            ("CONFIG_ARM64=y\n", .arm64, true), ("CONFIG_XEN=y\n", nil, false),
            ("# Linux/s390 6.1.192 Kernel Configuration\n", .s390, false),
        ] as [(String, KernelArchitecture?, Bool)])
    func titles(text: String, architecture: KernelArchitecture?, isSettled: Bool) throws {
        let configuration = try KernelConfiguration(Array(text.utf8), path: "c")
        #expect(configuration.architecture == architecture)
        #expect(configuration.isSettled == isSettled)
    }

    @Test func mergingLikeTheKernelsScript() throws {
        let base = try ConfigFragment(Array("CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=16\n".utf8), path: "base")
        let one = try ConfigFragment(Array("# CONFIG_A is not set\nCONFIG_D=m\nCONFIG_C=0x10\n".utf8), path: "one")
        let two = try ConfigFragment(Array("CONFIG_D=y\n".utf8), path: "two")
        let merged = ConfigMerger.merge(base: base.entries, fragments: [one, two])
        #expect(
            String(decoding: merged.bytes, as: UTF8.self)
                == "CONFIG_B=y\n# CONFIG_A is not set\nCONFIG_C=0x10\nCONFIG_D=y\n")
        #expect(
            merged.overrides.map { "\($0.replaced.origin) \($0.replaced.value) > \($0.by.origin) \($0.by.value)" } == [
                "base:1 y > one:1 n", "one:2 m > two:1 y",
            ])
    }

    @Test func comparing() throws {
        let config = try KernelConfiguration(
            Array("# Automatically generated file; DO NOT EDIT.\nCONFIG_A=y\nCONFIG_B=m\nCONFIG_N=0x20\n".utf8),
            path: ".config")
        let asked = try parse(
            "CONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\nCONFIG_D=m\nCONFIG_N=32\nCONFIG_A2=\"x\"\n")
        let findings = ConfigComparison.findings(asked: asked.entries, in: config)
        #expect(
            findings.map(\.summary) == [
                "CONFIG_B is m, wanted y (test.config:2)", "CONFIG_D is n, wanted m (test.config:4)",
                "CONFIG_A2 is n, wanted \"x\" (test.config:6)",
            ])
    }
}
