import Diagnostics
import Kconfig
import KernelImage
import KernelModel
import Report
import Testing

struct InspectReportTests {
    private func report(
        pv: Bool, pvh: Bool, modes: [DomainMode], missing: [ConfigFinding] = [], file: String? = nil
    ) throws -> InspectReport {
        func acceptance(_ supported: Bool, _ reason: String) -> String {
            supported
                ? #"{"supported": true, "reasons": [], "caveats": ["look at it"]}"#
                : #"{"supported": false, "reasons": ["\#(reason)"], "caveats": []}"#
        }
        let facts: ImageFacts = try decoded(
            """
            {"image": {"format": "bzImage", "compression": "gzip", "version": "6.1.192", "bootProtocol": "2.15",
             "kernelSize": 1}, "xen": {"source": "notes", "notes": {"ENTRY": "0x1"}, "features": ["dom0"]},
             "dom0": {"pv": \(acceptance(pv, "no entry")), "pvh": \(acceptance(pvh, "no PHYS32_ENTRY"))}}
            """)
        return InspectReport(
            path: "image", sha256: String(repeating: "0", count: 64), facts: facts, missing: missing,
            configurationFile: file, modes: modes)
    }

    @Test(arguments: [
        (true, true, [DomainMode.pv, .pvh], Verdict.pass, "Linux 6.1.192 is a dom0 (PV, PVH)"),
        (true, false, [.pv, .pvh], .pass, "Linux 6.1.192 is a dom0 (PV)"),
        (true, false, [.pvh], .fail, "Linux 6.1.192 is not a dom0: no PHYS32_ENTRY"),
        (false, false, [.pv, .pvh], .fail, "Linux 6.1.192 is not a dom0: no entry"),
    ])
    func oneWayAskedForIsEnough(pv: Bool, pvh: Bool, modes: [DomainMode], verdict: Verdict, line: String) throws {
        let report = try report(pv: pv, pvh: pvh, modes: modes)
        #expect(report.verdict == verdict && report.isDom0 == (verdict == .pass))
        #expect(try text(report).hasSuffix("\(verdict.rawValue): \(line)\n"))
        let dom0 = try json(report)["dom0"] as? [String: [String: Any]]
        #expect(dom0?["pv"]?["supported"] as? Bool == pv && dom0?["pvh"]?["supported"] as? Bool == pvh)
    }

    @Test func theTable() throws {
        #expect(
            try text(try report(pv: true, pvh: false, modes: [.pv])) == """
                image          image
                format         bzImage, gzip, boot protocol 2.15
                Xen notes      notes
                  ENTRY        0x1
                features       dom0
                dom0 PV        yes
                               note: look at it
                dom0 PVH       no
                               no PHYS32_ENTRY
                configuration  not embedded
                pass: Linux 6.1.192 is a dom0 (PV)

                """)
    }

    @Test func whatTheConfigurationLacks() throws {
        let required = ConfigFinding(symbol: "XEN_DOM0", wanted: [.yes], got: .no, level: .required)
        let advised = ConfigFinding(symbol: "PCI", wanted: [.yes], got: .no, level: .recommended)
        let report = try report(
            pv: true, pvh: true, modes: [.pv], missing: [required, advised], file: "a.config")
        #expect(report.verdict == .warn && report.isDom0)
        let shown = try text(report)
        #expect(shown.contains("configuration  a.config\n  required     CONFIG_XEN_DOM0 is n, wanted y\n"), "\(shown)")
        #expect(shown.hasSuffix("(PV); its configuration lacks CONFIG_XEN_DOM0\n"))
        #expect(try self.report(pv: true, pvh: true, modes: [.pv], missing: [advised]).verdict == .pass)
        #expect((try json(report)["config"] as? [String: Any])?["file"] as? String == "a.config")
    }
}
