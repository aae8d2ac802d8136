import Bytes
import Diagnostics
import Hypervisor
import KernelModel
import Testing

/// Boots told by their texts, with the parts as they were seen.
struct BootMonitorTests {
    static let guestToken = "a1b2"
    static let uuid = "c1c1f964-e6b2-11f1-952b-9de6f3dcf410"

    static func plan(
        _ guests: [DomainMode] = [.pv], _ expectations: [Hypervisor.Expectation] = [],
        checks: [GuestCheck] = [.`init`, .disk, .network], triesPrograms: Bool = false
    ) -> BootMonitor.Plan {
        .init(
            token: Channel.token, guestTokens: [.pv: guestToken, .pvh: guestToken], probe: "probe", version: "4.17",
            guests: guests, checks: checks, triesPrograms: triesPrograms, expectations: expectations)
    }

    /// What a guest answers to question `number`, as it is found in xenstore.
    static func answer(_ number: String, _ text: String) -> String {
        "\(Digest(of: "\(guestToken) \(number) \(text)")) \(text)"
    }

    /// A check's record.
    static func check(_ name: String, _ lines: String...) -> String {
        Channel.record("check", "pv/" + name, lines.joined(separator: "\n"))
    }

    static func disk(
        before: String = "aa", after: String = "bb", read: String = "aa", wrote: String = "bb", driver: String = "vbd"
    ) -> String {
        check(
            "disk", "before \(before)", "ask 2 disk xvda",
            "answer " + answer("2", "disk device=xvda driver=\(driver) read=\(read) wrote=\(wrote)"), "after \(after)")
    }

    static func network(sent: String = "cc", received: String = "cc", back: String = "dd", got: String = "dd") -> String
    {
        check(
            "network", "size 4096", "sent \(sent)", "ask 3 network vif 10.1.0.2 10.1.0.1 64",
            "answer " + answer("3", "network device=eth0 driver=vif received=\(received) sent=\(back)"), "got \(got)")
    }

    /// The segments of a boot in which everything is well; `change` alters them.
    static func segments(_ change: (inout [String: String]) -> Void = { _ in }) -> [[UInt8]] {
        let facts = "PV \(uuid) 6.1.192"
        let proof = answer("init", facts)
        var parts = [
            "hello": Channel.record("hello", "6.1.192", "+/proc/version\n Linux version 6.1.192"),
            "files": Channel.record(
                "files", "dom0", "+/sys/hypervisor/type\n xen\n+/sys/hypervisor/x\n 1\n-/sys/hypervisor/y"),
            "log": Channel.record("log", "dom0", "[ 0.1] xen: initial domain ready: Xen 4.17.7, PV, 2 vCPUs"),
            "control": Channel.record(
                "control", "dom0", "+/proc/xen/capabilities\n control_d\n+privcmd\n+evtchn\n+gntdev\n+xenbus"),
            "xenstored": Channel.output("xenstored"), "init": Channel.output("xen-init-dom0", "Done setting up Dom0"),
            "write": Channel.output("xenstore-write"), "read": Channel.output("xenstore-read", "probe\nDomain-0"),
            "consoled": Channel.output("xenconsoled"),
            "info": Channel.output("xl-info", "release : 6.1.192\nxen_version            : 4.17.7"),
            "list": Channel.output("xl-list", "Name ID Mem VCPUs State Time(s)\nDomain-0  0  768  2  r-----  79.9"),
            "backends": Channel.record("backends", "dom0", "+vbd\n+vif\n+loop\n+tun"),
            "create": Channel.output("create-pv", "Parsing config from /guest/pv.cfg"),
            "value": Channel.output("value-pv", proof),
            "state": Channel.output(
                "state-pv",
                "Name ID Mem VCPUs State Time(s) UUID Reason-Code Security Label\ndom0kit-pv 1 192 1 -b---- 9.9 \(uuid) - -"
            ),
            "console": Channel.record("console", "pv", "[ 0.1] Linux version 6.1.192\r\ndom0kit-guest \(proof)\r"),
            "say": check("console", "ask 1 echo probe", "answer " + answer("1", "echo probe")),
            "disk": disk(), "network": network(),
            "off": check(
                "end", "state dom0kit-pv 1 192 1 ---s-- 9.9 \(uuid) 0 -", "answer " + answer("off", "asked taint=0")),
            "taint": Channel.record("taint", "dom0", "0"),
            "problems": Channel.record("problems", "dom0"), "end": Channel.record("end", "dom0"),
        ]
        change(&parts)
        func part(_ names: String...) -> String { names.compactMap { parts[$0] }.joined() }
        var channel = Channel()
        return [
            channel.segment(part("hello", "files", "log")),
            channel.segment(part("control", "xenstored", "init", "write", "read", "consoled", "info", "list")),
            channel.segment(part("backends")), channel.segment(part("create", "value", "state", "console")),
            channel.segment(part("say", "disk", "network", "off")), channel.segment(part("taint", "problems", "end")),
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
                "xen", "dom0-build", "dom0-kernel", "dom0-init", "control", "xenstore", "toolstack", "backends",
                "guest-pv", "guest-pv/console", "guest-pv/disk", "guest-pv/network",
            ])
        #expect(monitor.stages.allSatisfy { $0.verdict == .pass && !$0.evidence.isEmpty })
        #expect(monitor.guests.map(\.ended) == ["poweroff"])
        #expect(monitor.hypervisorVersion == "4.17.7")
    }

    /// Programs of today have to say what they were given; that they were not heard is no pass either.
    @Test(arguments: [
        (Channel.output("programs", "static probe\nmoved probe\ndynamic probe"), nil),
        (Channel.output("programs", "static probe\nmoved probe\ndynamic"), FailureClass.mismatch),
        (Channel.output("programs", "static\nmoved probe\ndynamic probe"), .mismatch),
        (Channel.output("programs", "", status: 139), .error),
    ])
    func programsOfToday(record: String, kind: FailureClass?) {
        let plan = Self.plan(triesPrograms: true)
        let monitor = Self.run(plan, Self.segments { $0["list", default: ""] += record })
        #expect(monitor.failure?.kind == kind)
        #expect(monitor.failure.map(\.stage) == (kind == nil ? nil : "programs"))
        #expect(monitor.notReached.isEmpty == (kind == nil))
        let silent = Self.run(plan, Self.segments())
        #expect(silent.failure != nil || silent.notReached == ["programs"])
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
        ("control", Channel.record("control", "dom0", "-/proc/xen/capabilities"), "control", .interfaceMissing),
        (
            "control",
            Channel.record("control", "dom0", "+/proc/xen/capabilities\n control_d\n+privcmd\n-evtchn\n+gntdev"),
            "control", .interfaceMissing
        ),
        ("xenstored", Channel.output("xenstored", "no", status: 1), "xenstore", .error),
        ("read", Channel.output("xenstore-read", "other\nDomain-0"), "xenstore", .mismatch),
        ("info", Channel.output("xl-info", "release : 6.1.192\nxen_version : 4.20.4"), "toolstack", .toolstackMismatch),
        ("info", Channel.output("xl-info", "release : 6.1.192\nxen_version : 4.170"), "toolstack", .toolstackMismatch),
        ("list", Channel.output("xl-list", "Name ID"), "toolstack", .mismatch),
        ("backends", Channel.record("backends", "dom0", "-vbd\n+vif\n+loop"), "backends", .backendMissing),
        ("backends", Channel.record("backends", "dom0", "+vbd\n-vif\n+loop"), "backends", .backendMissing),
        ("create", Channel.output("create-pv", "libxl: error", status: 3), "guest-pv", .guestFailed),
        ("value", Channel.output("value-pv", "-"), "guest-pv", .hang),
        ("value", Channel.output("value-pv", "ff PV \(uuid) 6.1.192"), "guest-pv", .mismatch),
        ("value", Channel.output("value-pv", answer("2", "PV \(uuid) 6.1.192")), "guest-pv", .mismatch),
        ("value", Channel.output("value-pv", answer("init", "PVH \(uuid) 6.1.192")), "guest-pv", .mismatch),
        ("value", Channel.output("value-pv", answer("init", "PV \(uuid) 6.1.0")), "guest-pv", .mismatch),
        ("state", Channel.output("state-pv", ""), "guest-pv", .guestFailed),
        ("state", Channel.output("state-pv", "dom0kit-pv 1 192 1 -b---- 9.9 00000000-0000 - -"), "guest-pv", .mismatch),
        ("console", Channel.record("console", "pv", "nothing"), "guest-pv", .guestFailed),
        ("say", check("console", "ask 1 echo probe", "answer -"), "guest-pv/console", .guestFailed),
        ("say", check("console", "ask 1 echo probe", "answer ff echo probe"), "guest-pv/console", .guestFailed),
        (
            "say", check("console", "ask 1 echo probe", "answer " + answer("1", "echo other")), "guest-pv/console",
            .guestFailed
        ),
        ("disk", disk(read: "ab"), "guest-pv/disk", .guestFailed),
        ("disk", disk(wrote: "ab"), "guest-pv/disk", .guestFailed),
        ("disk", disk(after: "aa", wrote: "aa"), "guest-pv/disk", .guestFailed),
        ("disk", disk(driver: "sd"), "guest-pv/disk", .guestFailed),
        ("disk", check("disk", "ask 2 disk xvda", "answer " + answer("2", "disk none")), "guest-pv/disk", .guestFailed),
        ("network", network(received: "ce"), "guest-pv/network", .guestFailed),
        ("network", network(got: ""), "guest-pv/network", .guestFailed),
        ("network", check("network", "failed to configure vif1.0: no such device"), "guest-pv/network", .guestFailed),
        ("off", check("end", "state dom0kit-pv 1 192 1 ---s-- 9.9 \(uuid) 1 -"), "guest-pv/network", .guestFailed),
        (
            "off",
            check(
                "end", "state dom0kit-pv 1 192 1 ---s-- 9.9 \(uuid) 0 -", "answer " + answer("off", "asked taint=128")),
            "guest-pv/network", .oops
        ),
        ("off", check("end", "state dom0kit-pv 1 192 1 ---s-- 9.9 \(uuid) 0 -"), "guest-pv/network", .guestFailed),
        ("taint", Channel.record("taint", "dom0", "128"), "guest-pv/network", .oops),
        ("taint", Channel.record("taint", "dom0", "32"), "guest-pv/network", .oops),
        ("taint", Channel.record("taint", "dom0", "?"), "guest-pv/network", .infrastructure),
    ])
    func oneThingWrong(_ name: String, _ record: String, _ stage: String, _ kind: FailureClass) {
        let monitor = Self.run(Self.plan(), Self.segments { $0[name] = record })
        #expect(monitor.failure?.stage == stage)
        #expect(monitor.failure?.kind == kind)
        #expect(!monitor.ended)
    }

    /// A guest that does not say that it runs is judged by what is known of it.
    @Test(arguments: [
        ("---s--", "3", "", FailureClass.panic), ("---s--", "0", "", .guestFailed), ("-b----", "-", "", .hang),
        ("-b----", "-", "[ 1.0] Kernel panic - not syncing: x", .panic),
        ("-b----", "-", "[ 1.0] BUG: kernel NULL pointer dereference", .oops),
    ])
    func aGuestThatDoesNotRun(_ flags: String, _ reason: String, _ console: String, _ kind: FailureClass) {
        let monitor = Self.run(
            Self.plan(),
            Self.segments {
                $0["value"] = Channel.output("value-pv", "-")
                $0["state"] = Channel.output("state-pv", "dom0kit-pv 1 192 1 \(flags) 9.9 \(Self.uuid) \(reason) -")
                $0["console"] = Channel.record("console", "pv", console)
            })
        #expect(monitor.failure?.kind == kind && monitor.failure?.stage == "guest-pv")
    }

    /// What cannot be checked is said, and says nothing against the kernel.
    @Test func whatCannotBeChecked() {
        let monitor = Self.run(
            Self.plan(), Self.segments { $0["disk"] = Self.check("disk", "skip domain 0 has no loop device") })
        #expect(monitor.failure == nil && monitor.ended)
        #expect(monitor.notChecked.map(\.stage) == ["guest-pv/disk"])
        #expect(!monitor.stages.contains { $0.name == "guest-pv/disk" })
    }

    /// A warning of the kernel is counted by its own bit.
    @Test func theKernelCountsAWarning() {
        let monitor = Self.run(
            Self.plan(),
            Self.segments {
                $0["taint"] = Channel.record("taint", "dom0", "512")
                $0["problems"] = Channel.record("problems", "dom0", "[ 1.0] WARNING: CPU: 0 PID: 1 at x.c:1")
            })
        #expect(monitor.ended && monitor.warnings == ["[ 1.0] WARNING: CPU: 0 PID: 1 at x.c:1"])
    }

    /// The tools of another version: whatever they fail with, that is why.
    @Test func toolsOfAnotherVersion() {
        let monitor = Self.run(
            Self.plan(),
            Self.segments {
                $0["files"] = Channel.record(
                    "files", "dom0", "+/sys/hypervisor/version/major\n 4\n+/sys/hypervisor/version/minor\n 14")
                $0["info"] = Channel.output("xl-info", "libxl: error: permission denied", status: 1)
            })
        #expect(monitor.failure?.kind == .toolstackMismatch && monitor.failure?.stage == "toolstack")
        #expect(monitor.failure?.reason == "the toolstack is that of Xen 4.17, and Xen 4.14 runs")
    }

    /// Texts that say the worst, in the log of a kernel that is well.
    @Test(arguments: [
        "[    0.0] Kernel panic - not syncing: x", "(XEN) Xen version 4.17.7 (Debian) (gcc) debug=n",
        "(XEN) Could not construct domain 0", "(XEN) Hardware Dom0 crashed: rebooting machine in 5 seconds.",
        "(XEN) Panic on CPU 0:", "[    0.0] BUG: kernel NULL pointer dereference", "[    0.0] Oops: 0000 [#1]",
    ])
    func aTextAloneDecidesNothing(_ line: String) {
        var monitor = BootMonitor(plan: Self.plan())
        monitor.console("(XEN) Xen version 4.17.7 (Debian) (gcc) debug=n\r", at: 1)
        monitor.console("(XEN) *** Building a PV Dom0 ***", at: 2)
        monitor.console(line, at: 3)
        for (index, segment) in Self.segments().enumerated() {
            let time = 20 + Double(index) * 10
            monitor.tick(quiet: 10)
            monitor.results(segment, at: time)
        }
        #expect(monitor.failure == nil && monitor.ended && monitor.warnings.isEmpty)
    }

    /// The same texts where a command line is repeated are no signs at all.
    @Test(arguments: [
        "(XEN) Command line: ", "[    0.0] Kernel command line: console=hvc0 ", "[    0.0] Command line: ",
    ])
    func aCommandLineSaysNothing(_ start: String) {
        for text in ["Kernel panic - not syncing: x", "BUG: x", "watchdog: BUG: soft lockup", "(XEN) Xen version 4.1 "]
        {
            #expect(ConsoleSign.of(start + text) == nil)
        }
    }

    @Test(arguments: ["log", "control", "read", "list", "backends", "console", "say", "disk", "network", "taint"])
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
        monitor.tick(quiet: 5)
        #expect(!monitor.isOver, "it may be a text like any other")
        monitor.machineEnded("exit status 0", output: [], succeeded: true)
        #expect(monitor.failure?.kind == .refused)
        #expect(monitor.failure?.stage == "dom0-build")
        #expect(monitor.failure?.lines == Array(console.dropFirst()))
        #expect(monitor.stages.map(\.verdict) == [.pass, .fail])
    }

    /// A panic counts when the machine ends, or when nothing comes any more.
    @Test(arguments: [true, false]) func panicOfDom0(_ ends: Bool) {
        var monitor = Self.run(Self.plan(), [])
        monitor.console("[    8.9] Kernel panic - not syncing: Attempted to kill init!", at: 8.9)
        monitor.console("[    8.9] Call Trace:", at: 8.95)
        monitor.tick(quiet: 11)
        #expect(!monitor.isOver)
        if ends {
            monitor.machineEnded("exit status 0", output: [], succeeded: true)
        } else {
            monitor.tick(quiet: 21)
        }
        #expect(monitor.failure?.kind == .panic)
        #expect(monitor.failure?.stage == "dom0-kernel")
        #expect(monitor.failure?.lines.last == "[    8.9] Call Trace:")
    }

    @Test func anOopsThatBecomesAPanic() {
        var monitor = Self.run(Self.plan(), [])
        monitor.console("[    8.9] BUG: kernel NULL pointer dereference, address: 0", at: 8.9)
        monitor.console("[    9.0] Kernel panic - not syncing: Fatal exception", at: 9.0)
        monitor.machineEnded("exit status 0", output: [], succeeded: true)
        #expect(monitor.failure?.kind == .panic)
    }

    /// A command that fails after an oops is explained by it, once the kernel itself counts one.
    @Test(arguments: [("128", FailureClass.oops), ("0", .error)])
    func anOopsExplainsWhatFails(_ taint: String, _ kind: FailureClass) {
        var monitor = Self.run(Self.plan(), [])
        var channel = Channel()
        monitor.console("[    8.9] BUG: kernel NULL pointer dereference, address: 0", at: 8.9)
        let control = "+/proc/xen/capabilities\n control_d"
        monitor.results(
            channel.segment(
                Channel.record("hello", "6.1.192", "") + Channel.record("log", "dom0", "x")
                    + Channel.record("control", "dom0", control) + Channel.output("xenstored", "no", status: 1)), at: 9)
        #expect(!monitor.isOver)
        monitor.results(
            channel.segment(
                Channel.record("taint", "dom0", taint)
                    + Channel.record("problems", "dom0", "[ 8.9] BUG: kernel NULL pointer dereference")), at: 10)
        #expect(monitor.failure?.kind == kind && monitor.failure?.stage == "xenstore")
    }

    @Test func startingAgainIsACrashLoop() {
        var monitor = Self.run(Self.plan(), [])
        monitor.console("(XEN) Xen version 4.17.7 (Debian) (gcc) debug=n", at: 9)
        monitor.machineEnded("exit status 0", output: [], succeeded: true)
        #expect(monitor.failure?.kind == .crashLoop)
    }

    @Test func switchedOff() {
        var monitor = Self.run(Self.plan(), Array(Self.segments().prefix(1)))
        monitor.console("(XEN) Hardware Dom0 halted: halting machine", at: 9)
        monitor.tick(quiet: 21)
        #expect(monitor.failure?.kind == .ended && monitor.failure?.stage == "control")
    }

    /// A hang is charged to the stage that domain 0 said it is in.
    @Test func aHangHasItsStage() {
        var monitor = Self.run(Self.plan(), Array(Self.segments().prefix(1)))
        monitor.results(Array("~\(Channel.token) xenstore\n".utf8), at: 9)
        monitor.giveUp(.hang, reason: "nothing was heard for 60 s", at: 70)
        #expect(monitor.failure?.kind == .hang && monitor.failure?.stage == "xenstore")
    }

    /// What domain 0 outlived does not explain what happens later.
    @Test func anOldPanicExplainsNothing() {
        var monitor = Self.run(Self.plan(), [])
        monitor.console("[    1.0] Kernel panic - not syncing: a lie", at: 3.5)
        for (index, segment) in Self.segments().prefix(2).enumerated() {
            monitor.results(segment, at: 10 + Double(index))
        }
        monitor.giveUp(.hang, reason: "nothing was heard for 60 s", at: 80)
        #expect(monitor.failure?.kind == .hang && monitor.failure?.stage == "backends")
    }

    @Test func silence() {
        var monitor = Self.run(Self.plan(), [])
        monitor.giveUp(.hang, reason: "nothing was heard for 60 s", at: 63)
        #expect(monitor.failure?.kind == .hang)
        #expect(monitor.failure?.stage == "dom0-kernel")
    }
}
