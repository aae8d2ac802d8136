import Bytes
import Diagnostics
import FoundationEssentials
import Hypervisor
import SystemPackage
import Testing

/// Several boots of one kernel, and one beside an earlier one.
struct BootHistoryTests {
    private func verdict(
        _ stages: [String: String], failure: (stage: String, kind: String)? = nil, dom0: String = "pv",
        accelerator: String = "tcg"
    ) throws -> BootVerdict {
        let order = ["xen", "dom0-init", "guest-pv", "guest-pv/disk"]
        let shown = order.compactMap { name in
            stages[name].map { #"{"name": "\#(name)", "verdict": "\#($0)", "seconds": 1, "evidence": []}"# }
        }
        let left = order.filter { stages[$0] == nil }.map { "\"\($0)\"" }
        let why = failure.map {
            #", "failure": {"stage": "\#($0.stage)", "class": "\#($0.kind)", "reason": "", "lines": []}"#
        }
        let text = """
            {"verdict": "\(failure == nil ? "pass" : "fail")",
             "hypervisor": {"name": "xen-4.17", "packages": []}, "dom0": {"mode": "\(dom0)", "kernel": "k", "sha256": "0"},
             "stages": [\(shown.joined(separator: ", "))], "notReached": [\(left.joined(separator: ", "))],
             "notChecked": [], "expectations": [], "guests": [], "warnings": [], "seconds": 1,
             "machine": {"accelerator": "\(accelerator)", "clock": "host", "virtualization": "none", "share": 1}, "reproduce": "", "artefacts": []
             \(why ?? "")}
            """
        return try JSONDecoder().decode(BootVerdict.self, from: Data(text.utf8))
    }

    private var good: BootVerdict {
        get throws {
            try verdict(["xen": "pass", "dom0-init": "pass", "guest-pv": "pass", "guest-pv/disk": "pass"])
        }
    }

    private var noDisk: BootVerdict {
        get throws {
            try verdict(
                ["xen": "pass", "dom0-init": "pass", "guest-pv": "pass", "guest-pv/disk": "fail"],
                failure: ("guest-pv/disk", "guest-failed"))
        }
    }

    private var unlucky: BootVerdict {
        get throws { try verdict(["xen": "fail"], failure: ("xen", "infrastructure")) }
    }

    /// Sudden, and in a domain on emulated AMD-V: it may be the emulator's fault.
    @Test(arguments: [
        ("guest-hvm/restart", "hang", "pv", "tcg", true), ("guest-pvh", "panic", "pv", "tcg", true),
        ("guest-pv", "panic", "pvh", "tcg", true), ("dom0-kernel", "hang", "pvh", "tcg", true),
        ("guest-pv/disk", "panic", "pv", "tcg", false), ("dom0-kernel", "panic", "pv", "tcg", false),
        ("guest-hvm/disk", "guest-failed", "pv", "tcg", false), ("xen", "infrastructure", "pvh", "tcg", false),
        ("guest-hvm", "hang", "pv", "kvm", false),
    ])
    func whatIsBootedTwice(_ stage: String, _ kind: String, _ dom0: String, _ accelerator: String, _ twice: Bool) throws
    {
        let failed = try verdict(["xen": "pass"], failure: (stage, kind), dom0: dom0, accelerator: accelerator)
        #expect(Confirmation.isNeeded(failed) == twice)
        #expect(!Confirmation.isNeeded(try good))
    }

    /// The trial of KVM believes whole lines of Xen's, not the command line that it repeats.
    @Test func trialConsole() {
        let console = TrialConsole()
        for line in [
            "(XEN) Command line: x=\"Could not construct domain 0\" HVM: VMX enabled",
            "(XEN) Command line: (XEN) Could not construct domain 0", "(XEN) HVM: SVM enabled\r",
            "Assertion `x' failed",
        ] {
            console.take(line)
            #expect(console.outcome == nil, "\(line)")
        }
        console.take("(XEN) Could not construct domain 0\r")
        #expect(console.outcome == .works(virtualization: "AMD-V"))
        let failed = TrialConsole()
        failed.take("KVM internal error. Suberror: 1")
        #expect(failed.outcome == .fails("Xen does not start: KVM internal error. Suberror: 1"))
    }

    @Test func twoBoots() throws {
        let failed = try verdict(["xen": "pass"], failure: ("guest-hvm", "hang"))
        let passed = Confirmation.combine(failed, try good, keptIn: "run-first")
        #expect(passed.verdict == .warn && passed.failure == nil && passed.seconds == 2)
        #expect(passed.warnings.contains { $0.contains("guest-hvm: hang") && $0.contains("run-first") })
        let again = Confirmation.combine(failed, failed, keptIn: "run-first")
        #expect(again.verdict == .fail && again.failure?.kind == .hang && again.warnings.isEmpty)
        #expect(again.remarks?.contains { $0.contains("the first time too") } == true)
    }

    @Test func allAlike() throws {
        let repetition = BootRepetition([try noDisk, try noDisk, try noDisk])
        #expect(repetition.isConstant && repetition.runs == 3 && repetition.passed == 0)
        #expect(repetition.outcomes.map(\.count) == [3] && repetition.outcomes.first?.kind == .guestFailed)
    }

    @Test func intermittent() throws {
        let verdicts = [try good, try noDisk, try good, try unlucky]
        let repetition = BootRepetition(verdicts)
        #expect(!repetition.isConstant && repetition.passed == 2)
        #expect(repetition.outcomes.map(\.count) == [2, 1, 1])
        // One failure of the kernel is one too many; one of the test host does not hide it.
        #expect(BootRepetition.representative(of: verdicts) == (try noDisk))
        #expect(BootRepetition.representative(of: [try good, try unlucky]) == (try unlucky))
        #expect(BootRepetition.representative(of: [try good, try good]) == (try good))
    }

    @Test func besideAnEarlierBoot() throws {
        let worse = BootComparison(try noDisk, with: try good, from: "old.json")
        #expect(worse.change == .regression && worse.regressions == ["guest-pv/disk"] && worse.fixed.isEmpty)
        let better = BootComparison(try good, with: try noDisk, from: "old.json")
        #expect(better.change == .fixed && better.fixed == ["guest-pv/disk"] && better.regressions.isEmpty)
        let same = BootComparison(try noDisk, with: try noDisk, from: "old.json")
        #expect(same.change == .stillFailing && same.neverPassed == ["guest-pv/disk"])
        #expect(BootComparison(try unlucky, with: try good, from: "old.json").change == .unknown)
        #expect(BootComparison(try good, with: try good, from: "old.json").change == .stillPassing)
    }

    @Test func aFileThatIsNoResult() async throws {
        try await TemporaryFolder.with { folder in
            let file = folder.appending("old.json")
            try Files.write("{}", to: file)
            let error = #expect(throws: HypervisorError.self) { try BootVerdict.read(file) }
            #expect(error?.category == .malformedInput)
        }
    }
}
