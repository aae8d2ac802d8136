import KernelModel
public import SystemPackage

extension DomainMode {
    /// What `/sys/hypervisor/guest_type` says in a domain of this mode.
    var guestType: String { rawValue.uppercased() }
}

/// A boot to be tried.
public struct BootRequest: Sendable {
    /// The kernel image: bzImage, vmlinuz or vmlinux.
    public var kernel: FilePath
    /// Where its modules are, if what Xen needs is not built in.
    public var modules: FilePath?
    /// How dom0 runs; `pv` or `pvh`.
    public var dom0Mode: DomainMode
    /// The guests to start one after the other, each with the same kernel.
    public var guests: [DomainMode]
    /// The machine's memory in MiB.
    public var memory: Int
    /// Dom0's memory in MiB.
    public var dom0Memory: Int
    /// Each guest's memory in MiB.
    public var guestMemory: Int
    /// The machine's processors.
    public var processors: Int
    /// How long the whole boot may take.
    public var deadline: Duration
    /// How long nothing new may be heard while the machine gets a processor; then it hangs.
    public var silence: Duration
    /// What the running dom0 has to show.
    public var expectations: [Expectation]
    /// More words for dom0's kernel command line.
    public var kernelArguments: String
    /// More words for Xen's command line.
    public var hypervisorArguments: String
    /// The folder for this run's files; made if it is not there, files of an earlier run are replaced.
    public var runFolder: FilePath
    /// The environment in which QEMU is looked up and run.
    public var environment: [String: String]

    /// Describes a boot with the defaults that fit an emulated machine.
    public init(
        kernel: FilePath, modules: FilePath? = nil, dom0Mode: DomainMode = .pv, guests: [DomainMode] = [.pv],
        memory: Int = 1536, dom0Memory: Int = 640, guestMemory: Int = 192, processors: Int = 2,
        deadline: Duration = .seconds(300), silence: Duration = .seconds(60), expectations: [Expectation] = [],
        kernelArguments: String = "", hypervisorArguments: String = "", runFolder: FilePath,
        environment: [String: String]
    ) {
        self.kernel = kernel
        self.modules = modules
        self.dom0Mode = dom0Mode
        self.guests = guests
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
}
