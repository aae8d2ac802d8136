public import Diagnostics
import KernelModel

/// What a boot can show, in the order in which it is shown.
public enum BootStage: Sendable, Hashable {
    /// The hypervisor itself starts.
    case xen
    /// It accepts the kernel and builds domain 0 from it.
    case dom0Build
    /// The kernel boots as domain 0.
    case dom0Kernel
    /// Domain 0 reaches its init, and shows what was expected of it.
    case dom0Init
    /// It is the control domain.
    case control
    /// xenstored runs and keeps what is written.
    case xenstore
    /// `xl` works and fits the hypervisor.
    case toolstack
    /// Programs of today run on the kernel, a static and a dynamically linked one.
    case programs
    /// Domain 0 has the drivers that serve guests' disks and networks.
    case backends
    /// A guest reaches its init and says so through xenstore.
    case guest(DomainMode)
    /// A guest does more.
    case check(DomainMode, GuestCheck)

    /// Its name in reports: `xen`, `dom0-build`, …, `guest-pv`, `guest-pv/disk`.
    public var name: String {
        switch self {
        case .xen: "xen"
        case .dom0Build: "dom0-build"
        case .dom0Kernel: "dom0-kernel"
        case .dom0Init: "dom0-init"
        case .control: "control"
        case .xenstore: "xenstore"
        case .toolstack: "toolstack"
        case .programs: "programs"
        case .backends: "backends"
        case .guest(let mode): "guest-\(mode.rawValue)"
        case .check(let mode, let check): "guest-\(mode.rawValue)/\(check.rawValue)"
        }
    }

    /// The stages of a boot with these guests, of which these checks are asked.
    static func all(guests: [DomainMode], checks: [GuestCheck], triesPrograms: Bool = false) -> [BootStage] {
        let own: [BootStage] = [.xen, .dom0Build, .dom0Kernel, .dom0Init, .control, .xenstore, .toolstack]
        return own + (triesPrograms ? [.programs] : []) + [.backends]
            + guests.flatMap { mode in
                [.guest(mode)] + Self.checks(checks, of: mode).map { .check(mode, $0) }
            }
    }

    /// The checks of one guest in the order in which they are made, without its init.
    static func checks(_ asked: [GuestCheck], of mode: DomainMode) -> [GuestCheck] {
        var checks = Set(asked)
        // Without the console there is no way to ask a guest anything.
        if checks != [.`init`] && !checks.isEmpty { checks.insert(.console) }
        if mode == .hvm {
            if checks.contains(.disk) { checks.insert(.emulatedDisk) }
            if checks.contains(.network) { checks.insert(.emulatedNetwork) }
        }
        checks.remove(.`init`)
        return checks.sorted()
    }
}

/// What a stage showed.
public struct StageResult: Sendable, Codable, Equatable {
    /// The stage's name.
    public let name: String
    /// Whether it holds.
    public let verdict: Verdict
    /// How long it took, in seconds.
    public let seconds: Double
    /// The text that shows it.
    public let evidence: [String]
}

/// What went wrong.
public enum FailureClass: String, Sendable, Codable, CaseIterable {
    /// Xen does not take the kernel.
    case refused
    /// Xen or a kernel panicked.
    case panic
    /// The kernel reported a bug in itself and went on.
    case oops
    /// Nothing happened for too long.
    case hang
    /// The machine starts over and over.
    case crashLoop = "crash-loop"
    /// The whole took too long.
    case timeout
    /// The test host failed: the verdict is unknown.
    case infrastructure
    /// Dom0 lacks something the toolstack needs: xenfs, or one of the nodes in `/dev/xen`.
    case interfaceMissing = "interface-missing"
    /// Dom0 has no driver that serves guests' disks or networks.
    case backendMissing = "backend-missing"
    /// The toolstack is not that of the hypervisor.
    case toolstackMismatch = "toolstack-mismatch"
    /// A guest did not start, or not do what it should.
    case guestFailed = "guest-failed"
    /// Domain 0 switched itself off, or restarted, before its report was complete.
    case ended
    /// Something works, but is not what was expected.
    case mismatch
    /// A command in dom0 failed.
    case error
}

/// Why a boot failed.
public struct BootFailure: Sendable, Codable, Equatable {
    /// The stage in which it failed.
    public let stage: String
    /// What kind of failure it is.
    public let kind: FailureClass
    /// One sentence for display.
    public let reason: String
    /// The lines that show it.
    public let lines: [String]

    private enum CodingKeys: String, CodingKey {
        case stage, reason, lines
        case kind = "class"
    }
}

/// An expectation with what was found.
public struct ExpectationResult: Sendable, Codable, Equatable {
    /// What was looked at: `uname -r`, a file's path, `kernel log`.
    public let subject: String
    /// What it should be.
    public let expected: String
    /// What it was; `nil` where there was nothing.
    public let found: String?
    /// Whether it holds.
    public let verdict: Verdict
}

/// The result of a boot: the fields of `dom0kit.boot/1`.
public struct BootVerdict: Sendable, Codable, Equatable {
    /// The hypervisor that was used.
    public struct Hypervisor: Sendable, Codable, Equatable {
        /// Its description's name.
        public let name: String
        /// The version it reported; `nil` if it did not come that far.
        public let version: String?
        /// The packages it is made of.
        public let packages: [HostPackage]
    }

    /// Domain 0.
    public struct Dom0: Sendable, Codable, Equatable {
        /// How it ran.
        public let mode: DomainMode
        /// The image, as it was given.
        public let kernel: String
        /// The image's SHA-256.
        public let sha256: String
        /// `uname -r`; `nil` if it did not come that far.
        public let release: String?
    }

    /// A guest as domain 0 saw it.
    public struct Guest: Sendable, Codable, Equatable {
        /// How it was to run.
        public let mode: DomainMode
        /// Its UUID, the same in the toolstack and in the guest.
        public let uuid: String?
        /// What `/sys/hypervisor/guest_type` said in it.
        public let type: String?
        /// How it ended: `poweroff`, `reboot`, `crash`, …
        public let ended: String?
    }

    /// The emulated machine.
    public struct Machine: Sendable, Codable, Equatable {
        /// What ran its instructions: `tcg` (QEMU's translator) or `kvm`; `none` where the image alone decided, `nil` in
        /// results from before there was a choice.
        public let accelerator: String?
        /// What counts its time: `instructions` it executes, or the `host` clock.
        public let clock: String
        /// How many processors it has; `nil` in results from before it was told.
        public var processors: Int?
        /// Which virtualization Xen found: AMD-V emulated, VT-x or AMD-V of the host, or none.
        public let virtualization: String
        /// What part of the wall time the machine got what it wanted of a processor, 0 to 1.
        public let share: Double
    }

    /// Whether everything asked for was shown.
    public internal(set) var verdict: Verdict
    /// The hypervisor.
    public let hypervisor: Hypervisor
    /// Domain 0.
    public let dom0: Dom0
    /// The stages that were reached, in order.
    public let stages: [StageResult]
    /// The stages that were asked for and not reached.
    public let notReached: [String]
    /// What was asked for and could not be checked, with the reasons.
    public let notChecked: [UncheckedPart]
    /// What was expected of the running dom0, with what was found.
    public let expectations: [ExpectationResult]
    /// The guests.
    public let guests: [Guest]
    /// Why it failed; `nil` for a pass.
    public let failure: BootFailure?
    /// Things a maintainer should look at.
    public internal(set) var warnings: [String]
    /// What may explain that the console says little or the machine is slow; nothing against the kernel.
    public var remarks: [String]?
    /// From the start of the machine to the verdict, in seconds.
    public internal(set) var seconds: Double
    /// How the machine was emulated.
    public let machine: Machine
    /// A shell command that repeats the boot.
    public let reproduce: String
    /// The files of the run, by name in the run folder.
    public let artefacts: [String]
}
