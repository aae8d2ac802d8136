import Diagnostics
import Kconfig
import KernelModel
import Pipeline
import Report
import SystemPackage
import TestSupport
import Testing

/// The reports of `dom0kit config`.
struct ConfigReportTests {
    private static let requirements = """
        schema: dom0kit.requirements/1
        title: test
        architecture: x86_64
        requirements:
          - { symbol: XEN_DOM0, accept: [y], level: required, why: "no dom0 without it" }
          - { symbol: PCI, accept: [y], level: recommended, why: "no devices without it" }
        """

    private func check(
        _ config: String, fragment: String? = nil, isSettled: Bool = true
    ) throws -> ConfigCheckReport {
        var check = ConfigCheck(
            try KernelConfiguration(
                Array((isSettled ? "# Automatically generated file; DO NOT EDIT.\n" + config : config).utf8),
                path: ".config"),
            requirements: try Dom0Requirements.load(Array(Self.requirements.utf8), name: "r.yaml"))
        check.version = KernelVersion(6, 1)
        if let fragment { check.fragments = [try ConfigFragment(Array(fragment.utf8), path: "f.config")] }
        return ConfigCheckReport(config: ".config", modes: [.pv], outcome: try check.perform())
    }

    @Test func everythingHolds() throws {
        let report = try check("CONFIG_XEN_DOM0=y\nCONFIG_PCI=y\n")
        #expect(report.verdict == .pass)
        #expect(try text(report) == "pass: Linux 6.1: 2 symbols checked\n")
        let json = try json(report)
        #expect(json["checked"] as? Int == 2 && json["kernelVersion"] as? String == "6.1")
        #expect(json["modes"] as? [String] == ["pv"])
    }

    @Test func aRecommendationIsAWarning() throws {
        let report = try check("CONFIG_XEN_DOM0=y\n")
        #expect(report.verdict == .warn)
        #expect(
            try text(report) == """
                recommended  CONFIG_PCI is n, wanted y: no devices without it
                warn: Linux 6.1: 2 symbols checked, 1 recommended missing

                """)
    }

    @Test func noDom0Fails() throws {
        let report = try check("CONFIG_PCI=y\n")
        #expect(report.verdict == .fail)
        #expect(try text(report).hasSuffix("fail: this configuration does not give a dom0: CONFIG_XEN_DOM0\n"))
        let finding = (try json(report)["findings"] as? [[String: Any]])?.first
        #expect(finding?["symbol"] as? String == "XEN_DOM0" && finding?["level"] as? String == "required")
    }

    @Test func whatIsNotSettledIsNotDecided() throws {
        let report = try check("CONFIG_PCI=y\n", isSettled: false)
        #expect(report.verdict == .unknown)
        #expect(try text(report).contains("not settled this configuration, and it does not mention CONFIG_XEN_DOM0;"))
        #expect(try json(report)["isSettled"] as? Bool == false)
    }

    @Test func aSymbolGivenTwiceIsARemark() throws {
        let report = try check("# CONFIG_XEN_DOM0 is not set\nCONFIG_PCI=y\nCONFIG_XEN_DOM0=y\n")
        #expect(report.verdict == .warn)
        #expect(try text(report).contains("remark  .config:4: CONFIG_XEN_DOM0 is y here and n in line 2;"))
    }

    @Test func aFragmentThatDoesNotHoldFails() throws {
        let report = try check("CONFIG_XEN_DOM0=y\nCONFIG_PCI=y\n", fragment: "CONFIG_USB=m\n")
        #expect(report.verdict == .fail)
        #expect(
            try text(report) == """
                asked  CONFIG_USB is n, wanted m (f.config:1)
                fail: 1 setting is not as asked for

                """)
    }

    @Test func explanation() throws {
        let explanation: Explanation = try decoded(
            """
            {"symbol": "XEN_DOM0", "value": "n", "wanted": "y", "type": "bool", "definitions": [{"place": "Kconfig:8",
             "prompt": "Dom0", "visible": "n", "depends": [{"text": "PCI", "value": "n", "place": "Kconfig:10"}],
             "defaults": []}], "selectedBy": [{"symbol": "OTHER", "place": "Kconfig:20", "value": "n"}], "impliedBy": [],
             "step": {"symbol": "XEN_DOM0", "value": "n", "wanted": "y", "needs": [{"condition": "PCI",
             "place": "Kconfig:10", "steps": [{"symbol": "PCI", "value": "n", "wanted": "y", "remark": "can be set",
             "needs": []}]}]}, "fix": ["CONFIG_PCI=y"], "obstacles": [], "nearest": [], "summary": "needs PCI"}
            """)
        let report = ConfigExplainReport(explanation: explanation, complaints: ["Kconfig:3: what is this?"])
        #expect(report.verdict == .warn)
        #expect(
            try text(report) == """
                XEN_DOM0 (bool) at Kconfig:8, prompt "Dom0" (visible: n)
                  depends on PCI [=n]  Kconfig:10
                  selected by OTHER [=n]  Kconfig:20

                What it takes to be y:
                  XEN_DOM0 [=n]
                    needs PCI  Kconfig:10
                      PCI [=n] can be set

                Set together:
                  CONFIG_PCI=y
                not understood  Kconfig:3: what is this?
                warn: needs PCI

                """)
        #expect((try json(report)["explanation"] as? [String: Any])?["fix"] as? [String] == ["CONFIG_PCI=y"])
    }

    @Test(.enabled(if: hasTool("make"), "make is not on this machine: apt-get install make"))
    func merge() async throws {
        let scratch = try Scratch()
        try scratch.file("tree/Kconfig", "config A\n\tbool \"A\"\nconfig B\n\tbool \"B\"\n")
        try scratch.file(
            "tree/Makefile",
            """
            VERSION = 6
            PATCHLEVEL = 1
            tinyconfig:
            \t@echo CONFIG_A=y >$(O)/.config
            olddefconfig:
            \t@sed -i /CONFIG_GONE/d $(O)/.config; echo '.config:1:warning: odd'

            """)
        let one = try scratch.file("one.config", "CONFIG_B=y\n")
        let two = try scratch.file("two.config", "# CONFIG_B is not set\nCONFIG_GONE=y\n")
        func merge(_ fragments: [FilePath]) async throws -> ConfigMergeReport {
            var request = ConfigMergeRequest(
                tree: scratch.path.appending("tree"), output: scratch.path.appending("out"),
                environment: ["PATH": "/usr/bin:/bin"])
            request.base = .target("tinyconfig")
            request.fragments = fragments
            let (resolved, findings) = try await request.perform(progress: NoProgress())
            return ConfigMergeReport(resolved: resolved, findings: findings)
        }
        let plain = try await merge([])
        #expect(plain.verdict == .pass)
        #expect(try text(plain) == "pass: \(scratch.path)/out/.config: 0 settings asked for, all of them hold\n")
        let warned = try await merge([one])
        #expect(warned.verdict == .warn)
        #expect(try text(warned).hasPrefix("warning  .config:1:warning: odd\nwarn: "))
        #expect(try json(warned)["asked"] as? Int == 1)
        let failed = try await merge([one, two])
        #expect(failed.verdict == .fail)
        let shown = try text(failed)
        #expect(shown.contains("  why: GONE does not exist in Linux 6.1"), "\(shown)")
        #expect(shown.contains("override  CONFIG_B: y (\(one):1) is now n (\(two):1)\n"))
        #expect(shown.hasSuffix("/out/.config: not as asked: CONFIG_GONE\n"))
        let override = (try json(failed)["overrides"] as? [[String: Any]])?.first
        #expect(override?["symbol"] as? String == "B" && override?["value"] as? String == "n")
    }
}
