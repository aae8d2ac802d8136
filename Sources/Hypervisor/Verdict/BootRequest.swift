import KernelModel
public import SystemPackage

extension DomainMode {
    /// What `/sys/hypervisor/guest_type` says in a domain of this mode.
    var guestType: String { rawValue.uppercased() }
}

/// What counts the time of an emulated machine.
public enum MachineTime: String, Sendable, CaseIterable {
    /// The instructions that it executes: how busy the host is changes nothing that the kernel sees.
    case instructions
    /// The host's clock.
    case host
}

/// A boot to be tried.
public struct BootRequest: Sendable {
    /// The kernel image: bzImage, vmlinuz or vmlinux.
    public var kernel: FilePath
    /// Where its modules are, if what Xen needs is not built in.
    public var modules: FilePath?
    /// The guests' kernel; that of dom0 where not given.
    public var guestKernel: FilePath?
    /// Where the modules of the guests' own kernel are.
    public var guestModules: FilePath?
    /// Another hypervisor image, in the place of the description's.
    public var hypervisorImage: FilePath?
    /// Dom0's kernel's `System.map` or `vmlinux`, for names in the traces of a failure.
    public var systemMap: FilePath?
    /// What runs in domain 0 and in the guests.
    public var userland = Userland.full
    /// Whether programs of today are tried under the small userland: a static and a dynamically linked one.
    public var triesPrograms = false
    /// What of a kernel's command line gives it a console on Xen.
    public var console = "console=hvc0"
    /// The processor model that QEMU emulates; the hypervisor description's where not given.
    public var processor: String?
    /// On which processors the kernel is known to crash.
    public var knownCrashes: [KnownCrash] = []
    /// How dom0 runs; `pv` or `pvh`.
    public var dom0Mode: DomainMode
    /// The guests to start one after the other, each with the same kernel.
    public var guests: [DomainMode]
    /// What each guest has to do.
    public var checks: [GuestCheck]
    /// What counts the machine's time; under KVM always the host's clock.
    public var clock: MachineTime
    /// What runs the machine's instructions.
    public var accelerator: Accelerator
    /// The machine's memory in MiB.
    public var memory: Int
    /// Dom0's memory in MiB.
    public var dom0Memory: Int
    /// Each guest's memory in MiB.
    public var guestMemory: Int
    /// The machine's processors.
    public var processors: Int
    /// How long the whole boot may take, in time that the machine gets a processor.
    public var deadline: Duration
    /// How long nothing new may be heard, in time that the machine gets a processor; then it hangs.
    public var silence: Duration
    /// What the running dom0 has to show.
    public var expectations: [Expectation]
    /// More words for dom0's kernel command line.
    public var kernelArguments: String
    /// More words for Xen's command line.
    public var hypervisorArguments: String
    /// Whether a failure that the emulated processor may have caused is only believed when it comes twice.
    public var confirms = true
    /// The folder for this run's files; made if it is not there, files of an earlier run are replaced.
    public var runFolder: FilePath
    /// The environment in which QEMU is looked up and run.
    public var environment: [String: String]

    /// What dom0's memory can be, in MiB: busybox and the toolstack need 256, and a real host would not have more.
    public static let dom0MemoryRange = 256...65536

    /// Describes a boot with the defaults that fit an emulated machine.
    public init(
        kernel: FilePath, modules: FilePath? = nil, dom0Mode: DomainMode = .pv, guests: [DomainMode] = [.pv],
        checks: [GuestCheck] = GuestCheck.choices, clock: MachineTime = .instructions,
        accelerator: Accelerator = .tcg, memory: Int = 2048, dom0Memory: Int = 768, guestMemory: Int = 192,
        processors: Int = 2,
        deadline: Duration = .seconds(1800), silence: Duration = .seconds(120), expectations: [Expectation] = [],
        kernelArguments: String = "", hypervisorArguments: String = "", runFolder: FilePath,
        environment: [String: String]
    ) {
        self.kernel = kernel
        self.modules = modules
        self.dom0Mode = dom0Mode
        self.guests = guests
        self.checks = checks
        self.clock = clock
        self.accelerator = accelerator
        self.memory = memory
        self.dom0Memory = dom0Memory
        self.guestMemory = guestMemory
        self.processors = processors
        self.deadline = deadline
        self.silence = silence
        self.expectations = expectations
        self.kernelArguments = kernelArguments
        self.hypervisorArguments = hypervisorArguments
        self.runFolder = runFolder
        self.environment = environment
    }

    /// Gives dom0 so many MiB, and the machine what it needs then.
    public mutating func giveDom0(_ size: Int) {
        dom0Memory = size
        memory = max(memory, size + 1280)
    }
}
