import Diagnostics
import Hypervisor
import Report
import Testing

struct BootReportTests {
    private func verdict(_ more: String, verdict: Verdict) throws -> BootVerdict {
        try decoded(
            """
            {"verdict": "\(verdict.rawValue)", "hypervisor": {"name": "xen-4.17", "version": "4.17.7", "packages": []},
             "dom0": {"mode": "pv", "kernel": "image", "sha256": "00", "release": "6.1.192"},
             "stages": [{"name": "xen", "verdict": "pass", "seconds": 1.5, "evidence": ["Xen version 4.17.7"]}],
             "seconds": 2, "notChecked": [{"stage": "guest-pv/save", "reason": "why"}],
                 "machine": {"accelerator": "tcg", "clock": "instructions", "virtualization": "none", "share": 1}, "reproduce": "qemu", "artefacts": [], \(more)}
            """)
    }

    @Test func aPass() throws {
        let report = BootReport(
            try verdict(
                """
                "notReached": [], "expectations": [], "warnings": [],
                "guests": [{"mode": "pv", "ended": "poweroff"}, {"mode": "pvh", "ended": "poweroff"}]
                """, verdict: .pass))
        #expect(report.verdict == .pass)
        #expect(
            try text(report) == """
                pass  xen            1.5 s  Xen version 4.17.7
                ----  guest-pv/save         not checked: why
                repeat the boot: qemu
                pass: 6.1.192 is a pv dom0 of Xen 4.17.7 with a pv guest and a pvh guest

                """)
        #expect((try json(report)["guests"] as? [Any])?.count == 2)
    }

    @Test func aWarning() throws {
        let report = BootReport(
            try verdict(
                #""notReached": [], "expectations": [], "warnings": ["an oops"], "guests": []"#, verdict: .warn))
        #expect(report.verdict == .warn)
        #expect(try text(report).contains("warning: an oops\n"))
    }

    @Test func aFailure() throws {
        let report = BootReport(
            try verdict(
                """
                "notReached": ["dom0-init"], "warnings": [], "guests": [],
                "expectations": [{"subject": "uname -r", "expected": "6.1.192", "found": "6.1.1", "verdict": "fail"},
                                 {"subject": "/sys/x", "expected": "y", "verdict": "fail"},
                                 {"subject": "/sys/z", "expected": "z", "found": "z", "verdict": "pass"}],
                "failure": {"stage": "dom0-kernel", "class": "panic", "reason": "the kernel panicked",
                            "lines": ["Kernel panic - not syncing\\u001b[2J"]}
                """, verdict: .fail))
        #expect(report.verdict == .fail)
        let shown = try text(report)
        #expect(shown.contains("----  dom0-init             not reached\n"), "\(shown)")
        #expect(shown.contains("uname -r: expected '6.1.192', found '6.1.1'\n/sys/x: expected 'y', found nothing\n"))
        #expect(!shown.contains("/sys/z") && !shown.contains("\u{1B}"))
        #expect(shown.contains("  Kernel panic - not syncing"))
        #expect(shown.hasSuffix("fail: dom0-kernel: panic: the kernel panicked\n"))
        #expect((try json(report)["failure"] as? [String: Any])?["class"] as? String == "panic")
    }

    /// A failure of the machine is not a verdict on the kernel.
    @Test func theExitStatus() throws {
        func status(_ kind: FailureClass) throws -> Diagnostics.ExitStatus {
            try verdict(
                """
                "notReached": [], "expectations": [], "warnings": [], "guests": [],
                "failure": {"stage": "xen", "class": "\(kind.rawValue)", "reason": "why", "lines": []}
                """, verdict: .fail
            ).exitStatus
        }
        for kind in FailureClass.allCases {
            #expect(try status(kind) == (kind == .infrastructure ? .infrastructure : .bootFails), "\(kind)")
        }
    }
}
