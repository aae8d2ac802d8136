import Bytes
public import Diagnostics
import FoundationEssentials
import Glibc
import Host
import SystemPackage

extension PreparedHost {
    /// Boots a kernel on this hypervisor and says what it showed.
    ///
    /// What the image alone shows to be refused is not started. 1. The run folder gets the hypervisor, the kernel, the
    /// initramfs and the command. 2. QEMU runs in a process group of its own; its two logs are followed. 3. As soon as the
    /// verdict is certain the machine is ended. 4. What the emulated processor may have caused is tried once more
    /// (``BootRequest/confirms``).
    /// - Returns: The verdict; a kernel that does not boot is a `fail`, no error.
    /// - Throws: ``HypervisorError``, `HostError` (QEMU missing, interrupted), ``BytesError``.
    public func boot(_ request: BootRequest, progress: any ProgressSink = NoProgress()) async throws -> BootVerdict {
        if let refused = try Refusal.verdict(of: request, on: self) { return refused }
        if let crash = request.expectedCrash(on: description) { progress.report(.warning(crash)) }
        do {
            let acceleration = try await Acceleration.choose(request, on: self)
            let first = try await BootRun(host: self, request: request, acceleration: acceleration).execute(progress)
            guard request.confirms, Confirmation.isNeeded(first) else { return first }
            progress.report(.began(what: "boot once more: what failed may be the emulated processor's fault"))
            let kept = FilePath(request.runFolder.string + Confirmation.suffix)
            try Files.remove(kept)
            guard rename(request.runFolder.string, kept.string) == 0 else {
                throw BytesError(path: kept, operation: .create, errno: Errno(rawValue: errno))
            }
            let second = try await BootRun(host: self, request: request, acceleration: acceleration).execute(progress)
            return Confirmation.combine(first, second, keptIn: kept.string)
        } catch is CancellationError {
            throw HostError.cancelled(tool: "qemu-system-x86_64")
        }
    }
}

/// One boot.
private struct BootRun {
    private let host: PreparedHost
    private let request: BootRequest
    private let emulator: Emulator
    private let overlay: RunOverlay
    private let kernelDigest: Digest
    private let symbols: SystemMap?

    init(host: PreparedHost, request: BootRequest, acceleration: Acceleration) throws {
        self.host = host
        self.request = request
        emulator = Emulator(request: request, description: host.description, acceleration: acceleration)
        overlay = RunOverlay(guests: request.guests)
        try Self.validate(request)
        let kernel = try request.requireKernel()
        kernelDigest = Digest(of: kernel)
        symbols = try request.systemMap.map { try SystemMap($0) }
        let guestKernel = try request.guestKernel.map { try request.requireKernel($0) } ?? kernel
        let modules = try Self.modules(request.modules, of: kernel, KernelModules.dom0)
        let guestModules =
            try request.guestKernel == nil
            ? Self.modules(request.modules, of: kernel, KernelModules.guest)
            : Self.modules(request.guestModules, of: guestKernel, KernelModules.guest)
        let folder = request.runFolder
        try Files.createDirectories(folder)
        let old =
            [
                Emulator.Name.console, Emulator.Name.results, Emulator.Name.log, Emulator.Name.process,
                Emulator.Name.verdict,
            ] + logs.map(\.file)
        for name in old {
            try Files.remove(folder.appending(name))
        }
        let archive = try overlay.archive(
            request, host.description, guestKernel: guestKernel, modules: modules, guestModules: guestModules,
            patience: Self.patience(request, clock: emulator.clock))
        let hypervisor = try request.hypervisorImage.map { try TestHost.image($0) } ?? Files.read(host.image)
        try Files.write(hypervisor, to: folder.appending(Emulator.Name.hypervisor))
        try Files.write(kernel, to: folder.appending(Emulator.Name.kernel))
        try Files.write(try Files.read(host.initramfs) + archive, to: folder.appending(Emulator.Name.initramfs))
        try Files.write(emulator.hypervisorArguments + "\n", to: folder.appending(Emulator.Name.commandLine))
        try Files.write("#!/bin/sh\n" + emulator.reproduce + "\n", to: folder.appending(Emulator.Name.reproduce))
    }

    private static func modules(_ folder: FilePath?, of kernel: [UInt8], _ names: [String]) throws -> [KernelModules
        .Module]
    {
        guard let folder else { return [] }
        return try KernelModules(folder: folder, release: KernelRelease.of(kernel), names: names).modules
    }

    private static func validate(_ request: BootRequest) throws {
        try request.requireUserland()
        if request.dom0Mode == .hvm { throw HypervisorError.request(reason: "domain 0 runs as pv or pvh, not as hvm") }
        if Set(request.guests).count != request.guests.count {
            throw HypervisorError.request(reason: "each kind of guest can be asked for once")
        }
        for text in [request.kernelArguments, request.hypervisorArguments] where text.contains(where: \.isNewline) {
            throw HypervisorError.request(reason: "a command line is one line")
        }
        for expectation in request.expectations {
            switch expectation {
            case .file(let path, _):
                guard path.hasPrefix("/"), !path.contains(where: \.isWhitespace) else {
                    throw HypervisorError.request(
                        reason: "'\(path)' is not an absolute path of plain characters, as an expected file needs")
                }
            case .kernelLog, .release: break
            }
        }
        let needed = request.dom0Memory + request.guestMemory + 160
        guard request.dom0Memory >= 128, request.memory >= needed, request.processors >= 1 else {
            throw HypervisorError.request(
                reason: "\(request.memory) MiB is too little: domain 0, a guest and Xen need \(needed)")
        }
    }

    /// How many seconds a guest gets for its start, as dom0 counts them.
    ///
    /// Where instructions count the time, a guest's start takes the same everywhere: a trimmed kernel's some 5 s, 20 s in an
    /// HVM guest, a distribution's four times that.
    private static func patience(_ request: BootRequest, clock: MachineTime) -> Int {
        let share = max(Int(request.deadline.components.seconds) / max(request.guests.count, 1), 10)
        return clock == .instructions ? min(share, 240) : share
    }

    func execute(_ progress: any ProgressSink) async throws -> BootVerdict {
        progress.report(
            .began(what: "boot \(request.kernel.lastComponent?.string ?? "the kernel") on \(host.description.name)"))
        let monitor = BootMonitor(
            plan: .init(
                token: overlay.token, guestTokens: overlay.guestTokens, probe: overlay.probe,
                version: host.description.version, guests: request.guests, checks: request.checks,
                triesPrograms: request.triesPrograms, hasOwnGuestKernel: request.guestKernel != nil,
                expectations: request.expectations))
        let machine = EmulatorExit()
        let began = ContinuousClock.now
        let (result, share) = try await withThrowingTaskGroup(of: (BootMonitor, Double)?.self) { group in
            group.addTask {
                let command = emulator.command
                do {
                    let end = try await command.streamTethered(
                        log: request.runFolder.appending(Emulator.Name.log), largestFile: 2 * Self.mostOutput
                    ) { line in machine.said(line) }
                    machine.ended(end)
                } catch HostError.cancelled {
                    // Ended by this run itself, or the whole run was cancelled: then the follower knows.
                }
                return nil
            }
            group.addTask { try await follow(monitor, since: began, machine, progress) }
            var decided: (BootMonitor, Double)?
            while let value = try await group.next() {
                if let value {
                    decided = value
                    group.cancelAll()
                }
            }
            guard let decided else { throw HostError.cancelled(tool: emulator.command.executable) }
            return decided
        }
        if Task.isCancelled { throw HostError.cancelled(tool: emulator.command.executable) }
        let verdict = verdict(of: result, share: share, seconds: Self.seconds(began.duration(to: .now)))
        try keepLogs(of: result)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try Files.write(Array(try encoder.encode(verdict)), to: request.runFolder.appending(Emulator.Name.verdict))
        return verdict
    }

    /// How much a machine may print: a boot that works prints less than 1 MiB.
    private static let mostOutput = 64 << 20

    /// How many times the deadline a boot may take on a host that gives it little of its processors.
    private static let patienceOfHost = 4.0

    /// Follows the logs until the verdict is certain.
    private func follow(
        _ start: BootMonitor, since began: ContinuousClock.Instant, _ machine: EmulatorExit,
        _ progress: any ProgressSink
    ) async throws -> (BootMonitor, Double) {
        var monitor = start
        var console = GrowingFile(request.runFolder.appending(Emulator.Name.console))
        var results = GrowingFile(request.runFolder.appending(Emulator.Name.results))
        var clock = MachineClock(process: request.runFolder.appending(Emulator.Name.process))
        let silence = Self.seconds(request.silence)
        let deadline = Self.seconds(request.deadline)
        var heard = 0.0
        var told = -1
        while !monitor.isOver {
            // Asked before reading, so that nothing written before the end is missed.
            let end = machine.ending
            let now = Self.seconds(began.duration(to: .now))
            clock.look(at: now)
            var grew = false
            // The results first: a console line that comes with them is later than they are.
            let received = results.newBytes()
            if !received.isEmpty {
                grew = true
                monitor.results(received, at: now)
            }
            for line in console.newLines(grew: &grew) { monitor.console(line, at: now) }
            if grew { heard = clock.machine }
            monitor.tick(quiet: clock.machine - heard)
            if let end {
                if let line = console.rest() { monitor.console(line, at: now) }
                monitor.machineEnded("\(end)", output: machine.output, succeeded: end.succeeded)
            } else if clock.machine - heard >= silence {
                if let line = console.rest() { monitor.console(line, at: now) }
                monitor.giveUp(.hang, reason: "nothing was heard for \(Int(clock.machine - heard)) s", at: now)
            }
            if console.size + results.size > Self.mostOutput {
                monitor.giveUp(
                    .timeout, reason: "it printed more than \(Self.mostOutput >> 20) MiB without coming to an end",
                    at: now)
            }
            if clock.machine >= deadline {
                monitor.giveUp(.timeout, reason: "it took longer than \(Int(deadline)) s", at: now)
            } else if clock.standstill >= silence {
                let why = clock.activity == .stopped ? "QEMU was stopped" : "QEMU got no processor"
                monitor.giveUp(.infrastructure, reason: "\(why) for \(Int(clock.standstill)) s", at: now)
            } else if now >= deadline * Self.patienceOfHost {
                monitor.giveUp(
                    .infrastructure,
                    reason:
                        "after \(Int(now)) s it had got \(Int(clock.share * 100)) % of the processor time it wanted",
                    at: now)
            }
            // QEMU drops what it cannot write, and says nothing.
            if Files.isFull(request.runFolder) {
                throw BytesError(path: request.runFolder, operation: .write, errno: .noSpace)
            }
            if monitor.stages.count != told {
                told = monitor.stages.count
                progress.report(.advanced(done: told, total: told + monitor.notReached.count, item: monitor.stage.name))
            }
            if !monitor.isOver { try await Task.sleep(for: .milliseconds(40)) }
        }
        return (monitor, clock.share)
    }

    /// What was read from inside, as files of its own: domain 0's kernel log and the guests' consoles.
    private func keepLogs(of monitor: BootMonitor) throws {
        for (name, file) in logs {
            guard let record = monitor.records[name] else { continue }
            try Files.write(record.text, to: request.runFolder.appending(file))
        }
    }

    private var logs: [(record: String, file: String)] {
        [("log dom0", "dom0-kernel.log")]
            + request.guests.flatMap { mode in
                [
                    ("console \(mode.rawValue)", "guest-\(mode.rawValue).log"),
                    ("log \(mode.rawValue)", "guest-\(mode.rawValue).log"),
                ]
            }
    }

    private func verdict(of monitor: BootMonitor, share: Double, seconds: Double) -> BootVerdict {
        let kept =
            [
                Emulator.Name.console, Emulator.Name.results, Emulator.Name.log, Emulator.Name.commandLine,
                Emulator.Name.reproduce, Emulator.Name.hypervisor, Emulator.Name.kernel, Emulator.Name.initramfs,
            ] + logs.map(\.file)
        let passed = monitor.failure == nil && monitor.ended && monitor.notReached.isEmpty
        // A guest without a disk or a network shows too little of a dom0.
        let lacking = monitor.notChecked.contains { $0.stage.hasSuffix("/disk") || $0.stage.hasSuffix("/network") }
        return BootVerdict(
            verdict: passed ? (monitor.warnings.isEmpty && !lacking ? .pass : .warn) : .fail,
            hypervisor: .init(name: host.description.name, version: monitor.hypervisorVersion, packages: host.packages),
            dom0: .init(
                mode: request.dom0Mode, kernel: request.kernel.string, sha256: kernelDigest.hex,
                release: monitor.release),
            stages: monitor.stages, notReached: monitor.notReached, notChecked: monitor.notChecked,
            expectations: monitor.expectations,
            guests: monitor.guests,
            failure: monitor.failure.map(explained), warnings: monitor.warnings, remarks: remarks,
            seconds: (seconds * 100).rounded() / 100,
            machine: .init(
                accelerator: emulator.acceleration.isKvm ? "kvm" : "tcg", clock: emulator.clock.rawValue,
                processors: request.processors, virtualization: emulator.virtualization,
                share: (share * 100).rounded() / 100),
            reproduce: emulator.reproduce, artefacts: kept.filter { Files.exists(request.runFolder.appending($0)) })
    }

    /// How a kernel fails on a processor that it does not bear.
    private static let crashes: Set<FailureClass> = [.panic, .oops, .crashLoop, .hang, .ended]

    /// A failure with names for the addresses in its lines, and with what is known of the processor.
    private func explained(_ failure: BootFailure) -> BootFailure {
        var reason = failure.reason
        if let crash = request.expectedCrash(on: host.description), Self.crashes.contains(failure.kind) {
            reason += " (" + crash + ")"
        }
        return BootFailure(
            stage: failure.stage, kind: failure.kind, reason: reason,
            lines: symbols.map { failure.lines.map($0.explain) } ?? failure.lines)
    }

    /// What makes the console say less than it could: the verdict rests on the result channel.
    private var remarks: [String] {
        let silent = request.kernelArguments.split(separator: " ").filter {
            $0 == "quiet" || $0 == "console=null" || $0.hasPrefix("loglevel=")
        }
        return silent.map { "'\($0)' on the kernel's command line keeps its messages from the console" }
            + (emulator.acceleration.remark.map { [$0] } ?? [])
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
