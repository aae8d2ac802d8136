import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct ConfigCommandTests {
    static let kconfig = """
        config MODULES
        	bool "Modules"
        	modules
        config PCI
        	bool "PCI"
        config XEN
        	bool "Xen"
        config XEN_DOM0
        	bool "Dom0"
        	depends on XEN && PCI
        """
    static let requirements = """
        schema: dom0kit.requirements/1
        title: test
        architecture: x86_64
        requirements:
          - { symbol: XEN_DOM0, accept: [y], level: required, why: "without it nothing" }
          - { symbol: MODULES, accept: [y], level: recommended, why: "without it less" }
        """

    /// A folder with a little tree, requirements and a `.config`.
    func workspace(config: String) throws -> CommandFolder {
        let folder = try CommandFolder()
        try folder.write("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\n")
        try folder.write("tree/Kconfig", Self.kconfig)
        try folder.write("r.yaml", Self.requirements)
        try folder.write(".config", config)
        return folder
    }

    @Test func aDom0Passes() throws {
        let folder = try workspace(config: "CONFIG_MODULES=y\nCONFIG_PCI=y\nCONFIG_XEN=y\nCONFIG_XEN_DOM0=y\n")
        let run = try folder.dom0kit(
            "config", "check", "--config", ".config", "--tree", "tree", "--requirements", "r.yaml")
        #expect(run.status == 0, "\(run)")
        #expect(run.output == "pass: Linux 6.1.7: 2 symbols checked\n")
    }

    @Test func noDom0IsTwenty() throws {
        let folder = try workspace(config: "CONFIG_MODULES=y\n# CONFIG_PCI is not set\nCONFIG_XEN=y\n")
        let arguments = ["config", "check", "--config", ".config", "--tree", "tree", "--requirements", "r.yaml"]
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 20, "\(run)")
        #expect(run.output.contains("needs PCI [=n]; set CONFIG_PCI=y, CONFIG_XEN_DOM0=y"), "\(run.output)")
        #expect(
            run.output.hasSuffix("fail: this configuration does not give a dom0: CONFIG_XEN_DOM0\n"), "\(run.output)")
        let json = try folder.json(arguments + ["--format", "json"])
        #expect(json["schema"] as? String == "dom0kit.config-check/1")
        #expect(json["verdict"] as? String == "fail")
        let findings = json["findings"] as? [[String: Any]]
        #expect(findings?.first?["symbol"] as? String == "XEN_DOM0")
        #expect(findings?.first?["fix"] as? [String] == ["CONFIG_PCI=y", "CONFIG_XEN_DOM0=y"])
    }

    /// A configuration of which it is not known what a dom0 of its architecture needs.
    @Test(arguments: ["riscv", "hexagon", "foo"]) func anotherArchitectureIsUndecided(name: String) throws {
        let settings = "CONFIG_MODULES=y\nCONFIG_PCI=y\nCONFIG_XEN=y\nCONFIG_XEN_DOM0=y\n"
        let folder = try workspace(
            config: "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/\(name) 6.1 Kernel Configuration\n"
                + settings)
        let arguments = ["config", "check", "--config", ".config", "--data", JSONSchemas.checkout.string]
        let run = try folder.dom0kit(arguments)
        #expect(run.status == 12, "\(run)")
        #expect(run.output.contains(".config:3: unknown: "), "\(run)")
        #expect(run.output.hasSuffix("unknown: not decided: .config:3 is not understood\n"), "\(run)")
        #expect(run.errors.isEmpty)
        let json = try folder.json(arguments + ["--format", "json"])
        #expect(json["verdict"] as? String == "unknown")
        let gaps = try #require(json["gaps"] as? [[String: Any]])
        #expect(gaps.map { $0["line"] as? Int } == [3] && gaps[0]["file"] as? String == ".config")
        #expect((json["remedies"] as? [String])?.isEmpty == false)
        // Explaining it by another architecture's Kconfig would be wrong as well.
        if name == "foo" {
            let explained = try folder.dom0kit("config", "explain", "XEN", "--tree", "tree", "--config", ".config")
            #expect(explained.status == 12, "\(explained)")
        }
    }

    @Test func recommendedIsAWarning() throws {
        let folder = try workspace(config: "CONFIG_PCI=y\nCONFIG_XEN=y\nCONFIG_XEN_DOM0=y\n")
        let run = try folder.dom0kit(
            "config", "check", "--config", ".config", "--kernel-version", "6.1", "--requirements", "r.yaml")
        #expect(run.status == 0)
        #expect(run.output.hasSuffix("warn: Linux 6.1: 2 symbols checked, 1 recommended missing\n"), "\(run.output)")
    }

    @Test func fragmentsMustHold() throws {
        let folder = try workspace(config: "CONFIG_MODULES=y\nCONFIG_PCI=y\nCONFIG_XEN=y\nCONFIG_XEN_DOM0=y\n")
        try folder.write("f.config", "# CONFIG_PCI is not set\n")
        let run = try folder.dom0kit(
            "config", "check", "--config", ".config", "--tree", "tree", "--requirements", "r.yaml", "--fragment",
            "f.config")
        #expect(run.status == 20)
        #expect(run.output.contains("CONFIG_PCI is y, wanted n (f.config:1)"), "\(run.output)")
    }

    @Test func explaining() throws {
        let folder = try workspace(config: "# CONFIG_PCI is not set\n")
        let run = try folder.dom0kit("config", "explain", "CONFIG_XEN_DOM0", "--tree", "tree", "--config", ".config")
        #expect(run.status == 0)
        #expect(run.output.contains("depends on XEN && PCI [=n]"), "\(run.output)")
        #expect(run.output.contains("set CONFIG_XEN=y, CONFIG_PCI=y, CONFIG_XEN_DOM0=y"), "\(run.output)")
        let unknown = try folder.dom0kit("config", "explain", "XEN_DOMO", "--tree", "tree", "--config", ".config")
        #expect(unknown.output.contains("similar names: XEN_DOM0"), "\(unknown.output)")
    }

    /// Command lines that cannot be judged, and their exit codes.
    static let mistakes: [(arguments: String, status: Int32)] = [
        ("check --config nowhere --requirements r.yaml", 66),
        ("check --config bad.config --requirements r.yaml", 65),
        ("check --config .config --requirements bad.config", 65),
        ("check --config .config --requirements r.yaml", 64),
        ("check --config .config --requirements r.yaml --kernel-version six", 64),
        ("check", 64),
        ("explain A --tree /nonexistent --config .config", 66),
        ("merge --tree tree --into out bad.config", 65),
        ("merge --tree tree --into out --target no.config", 64),
    ]

    @Test(arguments: mistakes) func badInput(arguments: String, status: Int32) throws {
        let folder = try workspace(config: "CONFIG_XEN=y\n")
        try folder.write("bad.config", "CONFIG_XEN=maybe\n")
        let run = try folder.dom0kit(["config"] + arguments.split(separator: " ").map(String.init))
        #expect(run.status == status, "\(run)")
        #expect(run.output.isEmpty)
        #expect(!run.errors.isEmpty)
    }
}
