import Bytes
import Diagnostics
import Hypervisor
import KernelModel
import Testing

/// Boots told by their texts, with the parts as they were seen.
struct BootMonitorTests {
    static let guestToken = "a1b2"
    static let uuid = "c1c1f964-e6b2-11f1-952b-9de6f3dcf410"

    static func plan(_ guests: [DomainMode] = [.pv], _ expectations: [Hypervisor.Expectation] = []) -> BootMonitor.Plan
    {
        .init(
            token: Channel.token, guestTokens: [.pv: guestToken, .pvh: guestToken], probe: "probe", version: "4.17",
            guests: guests, expectations: expectations)
    }

    /// The segments of a boot in which everything is well; `change` alters them.
    static func segments(_ change: (inout [String: String]) -> Void = { _ in }) -> [[UInt8]] {
        let facts = "PV \(uuid) 6.1.192"
        let proof = "\(Digest(of: "\(guestToken) \(facts)")) \(facts)"
        var parts = [
            "hello": Channel.record("hello", "6.1.192", "+/proc/version\n Linux version 6.1.192"),
            "files": Channel.record(
                "files", "dom0", "+/sys/hypervisor/type\n xen\n+/sys/hypervisor/x\n 1\n-/sys/hypervisor/y"),
            "log": Channel.record("log", "dom0", "[ 0.1] xen: initial domain ready: Xen 4.17.7, PV, 2 vCPUs"),
            "control": Channel.record("control", "dom0", "+/proc/xen/capabilities\n control_d"),
            "xenstored": Channel.output("xenstored"), "init": Channel.output("xen-init-dom0", "Done setting up Dom0"),
            "write": Channel.output("xenstore-write"), "read": Channel.output("xenstore-read", "probe\nDomain-0"),
            "consoled": Channel.output("xenconsoled"),
            "info": Channel.output("xl-info", "release : 6.1.192\nxen_version            : 4.17.7"),
            "list": Channel.output("xl-list", "Name ID Mem VCPUs State Time(s)\nDomain-0  0  768  2  r-----  79.9"),
            "create": Channel.output("create-pv", "Parsing config from /guest/pv.cfg"),
            "value": Channel.output("value-pv", proof),
            "state": Channel.output(
                "state-pv",
                "Name ID Mem VCPUs State Time(s) UUID Reason-Code Security Label\ndom0kit-pv 1 192 1 ---s-- 9.9 \(uuid) 0 -"
            ),
            "console": Channel.record("console", "pv", "[ 0.1] Linux version 6.1.192\r\ndom0kit-guest \(proof)\r"),
            "problems": Channel.record("problems", "dom0"), "end": Channel.record("end", "dom0"),
        ]
        change(&parts)
        func part(_ names: String...) -> String { names.compactMap { parts[$0] }.joined() }
        var channel = Channel()
        return [
            channel.segment(part("hello", "files", "log")),
            channel.segment(part("control", "xenstored", "init", "write", "read", "consoled", "info", "list")),
            channel.segment(part("create", "value", "state", "console")), channel.segment(part("problems", "end")),
        ]
    }

    static func run(_ plan: BootMonitor.Plan, _ segments: [[UInt8]]) -> BootMonitor {
        var monitor = BootMonitor(plan: plan)
        monitor.console("(XEN) Xen version 4.17.7 (Debian) (gcc) debug=n\r", at: 1)
        monitor.console("(XEN) *** Building a PV Dom0 ***", at: 2)
        monitor.console("[    0.000000] Linux version 6.1.192\r", at: 3)
        for (index, segment) in segments.enumerated() { monitor.results(segment, at: Double(4 + index)) }
        return monitor
    }

    @Test func everythingShown() {
        let monitor = Self.run(Self.plan(), Self.segments())
        #expect(monitor.failure == nil)
        #expect(monitor.ended)
        #expect(
            monitor.stages.map(\.name) == [
                "xen", "dom0-build", "dom0-kernel", "dom0-init", "control", "xenstore", "toolstack", "guest-pv",
            ])
        #expect(monitor.stages.allSatisfy { $0.verdict == .pass && !$0.evidence.isEmpty })
        #expect(monitor.guests.map(\.ended) == ["poweroff"])
        #expect(monitor.hypervisorVersion == "4.17.7")
    }

    @Test func expectationsThatHold() throws {
        let pattern = try #require(LogPattern(#"xen: initial domain ready: Xen 4\.17\S*, PV, 2 vCPUs"#))
        let monitor = Self.run(
            Self.plan(
                [.pv],
                [
                    .release("6.1.192"), .file(path: "/sys/hypervisor/x", content: "1\n"),
                    .kernelLog(matching: pattern),
                ]), Self.segments())
        #expect(monitor.failure == nil)
        #expect(monitor.expectations.map(\.verdict) == [.pass, .pass, .pass])
    }

    @Test(
        arguments: [
            Hypervisor.Expectation.release("6.1.0"), .file(path: "/sys/hypervisor/x", content: "2"),
            .file(path: "/sys/hypervisor/y", content: ""),
            .file(path: "/sys/hypervisor/z", content: ""),
        ] + [LogPattern("ready: Xen 4\\.20")].compactMap { $0.map { .kernelLog(matching: $0) } })
    func expectationsThatDoNot(_ expectation: Hypervisor.Expectation) {
        let monitor = Self.run(Self.plan([.pv], [expectation]), Self.segments())
        #expect(monitor.failure?.kind == .mismatch)
        #expect(monitor.failure?.stage == "dom0-init")
        #expect(!monitor.ended)
    }

    @Test(arguments: [
        ("", FailureClass.mismatch, "control_d"), ("control_d", .infrastructure, "second serial port"),
    ])
    func neitherSerialPortNorConsole(_ capabilities: String, _ kind: FailureClass, _ reason: String) {
        var monitor = BootMonitor(plan: Self.plan())
        monitor.console("(XEN) *** Building a PV Dom0 ***", at: 2)
        monitor.console("[    0.000000] Linux version 6.1.192\r", at: 3)
        monitor.console("[    1.257081] Run /init as init process\r", at: 3)
        monitor.console("[    1.745316] !0123 lost control_d\r", at: 4)
        #expect(monitor.failure == nil, "another run's token")
        monitor.console("[    1.745316] !\(Channel.token) lost \(capabilities)\r", at: 4)
        #expect(monitor.failure?.kind == kind)
        #expect(monitor.failure?.stage == "dom0-init")
        #expect(monitor.failure?.reason.contains(reason) == true)
    }

    /// What may be missing or different, the stage it has to be found in, and the class it has.
    @Test(arguments: [
        ("control", Channel.record("control", "dom0", "+/proc/xen/capabilities\n "), "control", FailureClass.mismatch),
        ("control", Channel.record("control", "dom0", "-/proc/xen/capabilities"), "control", .mismatch),
        ("xenstored", Channel.output("xenstored", "no", status: 1), "xenstore", .error),
        ("read", Channel.output("xenstore-read", "other\nDomain-0"), "xenstore", .mismatch),
        ("info", Channel.output("xl-info", "release : 6.1.192\nxen_version : 4.20.4"), "toolstack", .mismatch),
        ("info", Channel.output("xl-info", "release : 6.1.192\nxen_version : 4.170"), "toolstack", .mismatch),
        ("list", Channel.output("xl-list", "Name ID"), "toolstack", .mismatch),
        ("create", Channel.output("create-pv", "libxl: error", status: 3), "guest-pv", .error),
        ("value", Channel.output("value-pv", "", status: 1), "guest-pv", .error),
        ("value", Channel.output("value-pv", "ff PV \(uuid) 6.1.192"), "guest-pv", .mismatch),
        ("state", Channel.output("state-pv", "dom0kit-pv 1 192 1 ---s-- 9.9 \(uuid) 1 -"), "guest-pv", .error),
        ("state", Channel.output("state-pv", "dom0kit-pv 1 192 1 ---s-- 9.9 \(uuid) 3 -"), "guest-pv", .panic),
        ("state", Channel.output("state-pv", "dom0kit-pv 1 192 1 r----- 9.9 \(uuid) - -"), "guest-pv", .hang),
        ("state", Channel.output("state-pv", ""), "guest-pv", .hang),
        ("state", Channel.output("state-pv", "dom0kit-pv 1 192 1 ---s-- 9.9 00000000-0000 0 -"), "guest-pv", .mismatch),
        ("console", Channel.record("console", "pv", "nothing"), "guest-pv", .error),
        ("console", Channel.record("console", "pv", "[ 1.0] Kernel panic - not syncing: x"), "guest-pv", .panic),
        ("console", Channel.record("console", "pv", "[ 1.0] BUG: kernel NULL pointer dereference"), "guest-pv", .oops),
        ("problems", Channel.record("problems", "dom0", "[ 9.0] BUG: Bad page state"), "guest-pv", .oops),
    ])
    func oneThingWrong(_ name: String, _ record: String, _ stage: String, _ kind: FailureClass) {
        let monitor = Self.run(Self.plan(), Self.segments { $0[name] = record })
        #expect(monitor.failure?.stage == stage)
        #expect(monitor.failure?.kind == kind)
        #expect(!monitor.ended)
    }

    @Test(arguments: ["log", "control", "read", "list", "console"])
    func nothingMayBeLeftOut(_ name: String) {
        let monitor = Self.run(Self.plan(), Self.segments { $0[name] = nil })
        #expect(monitor.failure != nil)
        #expect(!monitor.ended)
    }

    @Test func noEndIsNoPass() {
        var monitor = Self.run(Self.plan(), Array(Self.segments().dropLast()))
        #expect(!monitor.isOver)
        monitor.machineEnded("signal 9", output: ["qemu: killed"], succeeded: false)
        #expect(monitor.failure?.kind == .infrastructure)
    }

    @Test func refusal() {
        var monitor = BootMonitor(plan: Self.plan())
        let console = [
            "(XEN) Xen version 4.20.4 (Debian) (gcc) debug=n", "(XEN) *** Building a PV Dom0 ***",
            "(XEN)  Dom0 kernel: 64-bit, lsb, paddr 0x1000000 -> 0x4200000",
            "(XEN) Kernel does not support Dom0 operation",
            "(XEN) ", "(XEN) ****************************************", "(XEN) Panic on CPU 0:",
            "(XEN) Could not construct domain 0", "(XEN) ****************************************",
        ]
        for line in console { monitor.console(line, at: 2) }
        #expect(!monitor.isOver)
        monitor.tick(at: 3.1)
        #expect(monitor.failure?.kind == .refused)
        #expect(monitor.failure?.stage == "dom0-build")
        #expect(monitor.failure?.lines == Array(console.dropFirst()))
        #expect(monitor.stages.map(\.verdict) == [.pass, .fail])
    }

    @Test func panicOfDom0EndsItAtOnce() {
        var monitor = Self.run(Self.plan(), [])
        monitor.console("[    8.9] Kernel panic - not syncing: Attempted to kill init!", at: 8.9)
        monitor.console("[    8.9] Call Trace:", at: 8.95)
        monitor.tick(at: 9.2)
        #expect(!monitor.isOver)
        monitor.tick(at: 9.6)
        #expect(monitor.failure?.kind == .panic)
        #expect(monitor.failure?.stage == "dom0-kernel")
        #expect(monitor.failure?.lines.last == "[    8.9] Call Trace:")
    }

    @Test func anOopsThatBecomesAPanic() {
        var monitor = Self.run(Self.plan(), [])
        monitor.console("[    8.9] BUG: kernel NULL pointer dereference, address: 0", at: 8.9)
        monitor.console("[    9.0] Kernel panic - not syncing: Fatal exception", at: 9.0)
        monitor.tick(at: 12)
        #expect(monitor.failure?.kind == .panic)
    }

    @Test func anOopsAloneIsNoPass() {
        var monitor = BootMonitor(plan: Self.plan())
        monitor.console("[    8.9] BUG: kernel NULL pointer dereference, address: 0", at: 0.5)
        for (index, segment) in Self.segments().enumerated() { monitor.results(segment, at: 1 + Double(index) / 10) }
        #expect(monitor.failure?.kind == .oops)
        #expect(!monitor.ended)
    }

    @Test func startingAgainIsACrashLoop() {
        var monitor = Self.run(Self.plan(), [])
        monitor.console("(XEN) Xen version 4.17.7 (Debian) (gcc) debug=n", at: 9)
        monitor.tick(at: 9)
        #expect(monitor.failure?.kind == .crashLoop)
    }

    @Test func silence() {
        var monitor = Self.run(Self.plan(), [])
        monitor.giveUp(.hang, reason: "nothing was heard for 60 s", at: 63)
        #expect(monitor.failure?.kind == .hang)
        #expect(monitor.failure?.stage == "dom0-kernel")
    }
}
