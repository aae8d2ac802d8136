import ArgumentParser
import Bytes
import Debian
import Diagnostics
import Hypervisor
import KernelModel
import Pipeline
import Report
import SystemPackage

/// `dom0kit boot`
struct BootCommand: ResultCommand {
    typealias Result = BootReport

    static let configuration = CommandConfiguration(
        commandName: "boot",
        abstract: "Boot a real Xen with a kernel as dom0 and start guests.",
        discussion: """
            Xen and its toolstack come from Debian packages and run in QEMU without root; KVM is not needed. The verdict \
            has stages: xen, dom0-build, dom0-kernel, dom0-init, control, xenstore, toolstack, backends, then for each guest \
            its start (guest-pv) and what it has to do (guest-pv/disk, …): it is written to on its console, reads and writes \
            a disk, sends and receives some MiB, is paused, ballooned, saved and restored, shut down and started again. \
            What the console says never decides alone. Limits count the time in which the machine gets a processor.
            """)

    @Option(
        help: ArgumentHelp(
            "The kernel: an image (bzImage, vmlinuz, vmlinux) or a .deb or .rpm with its modules.", valueName: "image"),
        transform: path)
    var kernel: [FilePath] = []

    @Option(
        help: ArgumentHelp(
            "Boot as a profile does, where no option says otherwise: the kernel that 'dom0kit run' built of it in this folder.",
            valueName: "name"),
        completion: .profiles)
    var profile: String?

    @Option(
        help: ArgumentHelp(
            "The test hypervisor: a name in Profiles/hypervisors (default: the profile's, or xen-4.17; with --matrix the profile's list, or all).",
            valueName: "name"),
        completion: .hypervisors)
    var hypervisor: [String] = []

    @Option(
        help: ArgumentHelp(
            "How dom0 runs: \(words(DomainMode.dom0Modes)) (default: the profile's, or pv; with --matrix the profile's list, or both).",
            valueName: "mode"),
        completion: .choices(DomainMode.dom0Modes), transform: { try choice(of: $0, among: DomainMode.dom0Modes) })
    var dom0: [DomainMode] = []

    @Flag(
        help: """
            Boot every combination of --kernel, --hypervisor and --dom0, each of which may be given more than once, as \
            many at once as --jobs says.
            """)
    var matrix = false

    @Option(
        help: ArgumentHelp(
            "The guests to start: \(words(DomainMode.allCases)), separated by commas, or none (default: the profile's, or pv).",
            valueName: "modes"),
        transform: GuestModes.init)
    var guests: GuestModes?

    @Option(
        help: ArgumentHelp(
            "Where the kernel's modules are, if its Xen drivers are modules: a folder with lib/modules/VERSION, or a package.",
            valueName: "dir"), transform: path)
    var modules: FilePath?

    @Option(
        help: ArgumentHelp(
            "What each guest has to do: \(words(GuestCheck.choices)), separated by commas (default: the profile's, or all).",
            valueName: "checks"),
        transform: GuestChecks.init)
    var checks: GuestChecks?

    @Option(
        help: ArgumentHelp("Another kernel for the guests: an image or a package.", valueName: "image"), transform: path
    )
    var guestKernel: FilePath?

    @Option(help: ArgumentHelp("Where the modules of that kernel are.", valueName: "dir"), transform: path)
    var guestModules: FilePath?

    @Option(
        help: ArgumentHelp(
            "A Xen of one's own: an image such as xen/xen.gz, with the toolstack of --hypervisor; or a folder with what 'make install DESTDIR=' left of Xen and its tools.",
            valueName: "path"), transform: path)
    var xen: FilePath?

    @Option(help: ArgumentHelp("More words for dom0's kernel command line.", valueName: "words"))
    var append: String?

    @Option(help: ArgumentHelp("More words for Xen's command line.", valueName: "words"))
    var xenAppend: String?

    @Option(
        help: ArgumentHelp(
            "What runs in the domains: \(words(Userland.allCases)) (default: the profile's, or full). The small one is the kit's own, for PV guests, on kernels that today's programs do not run on.",
            valueName: "userland"),
        completion: .choices(Userland.allCases), transform: { try choice($0) })
    var userland: Userland?

    @Flag(help: "With the small userland: run programs of today as well, a static and a dynamically linked one.")
    var programs = false

    @Option(
        help: ArgumentHelp(
            "The processor model that QEMU emulates (default: the profile's, or the hypervisor's).", valueName: "model")
    )
    var processor: String?

    @Option(
        help: ArgumentHelp(
            "The machine's processors (default: the profile's, or 2). With one HVM guests start in less time.",
            valueName: "number"))
    var processors: Int?

    @Option(help: ArgumentHelp("Dom0's memory in MiB (default: the profile's, or 768).", valueName: "mib"))
    var dom0Memory: Int?

    @Option(
        help: ArgumentHelp(
            "What counts the machine's time: \(words(MachineTime.allCases)). With instructions a busy host changes nothing.",
            valueName: "clock"),
        completion: .choices(MachineTime.allCases), transform: { try choice($0) })
    var clock: MachineTime = .instructions

    @Option(
        help: ArgumentHelp(
            "What runs the machine: \(words(Accelerator.allCases)). KVM is taken only where Xen is seen to start under it.",
            valueName: "accelerator"),
        completion: .choices(Accelerator.allCases), transform: { try choice($0) })
    var accelerator: Accelerator = .tcg

    @Option(help: ArgumentHelp("The work folder (default: .dom0kit/boot).", valueName: "dir"), transform: path)
    var work: FilePath = ".dom0kit/boot"

    @Option(
        help: ArgumentHelp(
            "How long the whole boot may take, in seconds in which the machine gets a processor.", valueName: "seconds")
    )
    var deadline = 1800

    @Option(
        help: ArgumentHelp(
            "The kernel's System.map or vmlinux, for names in the traces of a failure.", valueName: "file"),
        transform: path)
    var systemMap: FilePath?

    @Option(
        name: .customLong("repeat"),
        help: ArgumentHelp("Boot so many times, and say whether it always ends alike.", valueName: "n"))
    var times = 1

    @Option(
        help: ArgumentHelp(
            "An earlier result (--format json) to compare with: what is a regression, what is fixed.", valueName: "file"
        ),
        transform: path)
    var baseline: FilePath?

    @OptionGroup var expected: ExpectationOptions

    @Flag(help: "Treat warnings as failures.")
    var strict = false

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    /// Where `dom0kit run` keeps what it builds, unless told otherwise.
    private static let profilesWork: FilePath = ".dom0kit"

    func validate() throws {
        if kernel.isEmpty, profile == nil {
            throw ValidationError("name a kernel with --kernel IMAGE, or a profile that was built with --profile NAME")
        }
        if let dom0Memory, !BootRequest.dom0MemoryRange.contains(dom0Memory) {
            throw ValidationError("--dom0-memory takes \(BootRequest.dom0MemoryRange.lowerBound) MiB or more")
        }
        if let processors, !(1...64).contains(processors) { throw ValidationError("--processors takes 1 to 64") }
        if !matrix, kernel.count > 1 || hypervisor.count > 1 || dom0.count > 1 {
            throw ValidationError("several kernels, hypervisors or dom0 modes need --matrix")
        }
        if matrix, times > 1 || baseline != nil {
            throw ValidationError("--matrix excludes --repeat and --baseline")
        }
        if !(1...1000).contains(times) { throw ValidationError("--repeat takes a whole number from 1 to 1000") }
        if deadline < 1 { throw ValidationError("--deadline takes a whole number of seconds, at least 1") }
    }

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        let folder = Environment.absolute(work)
        let variables = Environment.toolVariables
        let plan = try profile.map { try data.store().load($0).boot }
        let built = try profile.map { try ProfileBuild(profile: $0, in: Environment.absolute(Self.profilesWork)) }
        let kernels = kernel.isEmpty ? (built.map { [$0.image] } ?? []) : kernel.map(Environment.absolute)
        guard let first = kernels.first else { return }
        var request = BootRequest(
            kernel: first, modules: modules.map(Environment.absolute), dom0Mode: dom0.first ?? plan?.dom0 ?? .pv,
            guests: guests?.modes ?? plan?.guests ?? [.pv],
            checks: checks?.checks ?? plan?.checks ?? GuestCheck.choices, clock: clock, accelerator: accelerator,
            deadline: .seconds(deadline), expectations: expected.all, kernelArguments: append ?? plan?.append ?? "",
            hypervisorArguments: xenAppend ?? plan?.xenAppend ?? "", runFolder: folder.appending("run"),
            environment: variables)
        if let memory = dom0Memory ?? plan?.dom0Memory { request.giveDom0(memory) }
        plan?.adapt(&request)
        if let userland { request.userland = userland }
        if let processor { request.processor = processor }
        if let processors { request.processors = processors }
        if programs { request.triesPrograms = true }
        request.systemMap = systemMap.map(Environment.absolute) ?? (kernel.isEmpty ? built?.systemMap : nil)
        request.guestKernel = guestKernel.map(Environment.absolute)
        request.guestModules = guestModules.map(Environment.absolute)
        // A folder is a whole Xen with its toolstack, a file only the hypervisor.
        let own = xen.map(Environment.absolute)
        let build = own.flatMap { Files.isDirectory($0) ? $0 : nil }
        request.hypervisorImage = build == nil ? own : nil
        // Who asks for several boots counts them all.
        request.confirms = times == 1
        let store = try HypervisorStore(data: data.store().data)
        let packages = PackageFetcher(
            folder: folder.appending("packages"), machine: try data.machine(), environment: variables)
        if matrix {
            let names = try hypervisor.isEmpty ? plan?.matrix?.hypervisors ?? store.names() : hypervisor
            let cells = try await BootMatrix.run(
                request, kernels: kernels,
                hypervisors: try names.map(store.load).map { try build.map($0.taking) ?? $0 },
                modes: dom0.isEmpty ? plan?.matrix?.dom0 ?? DomainMode.dom0Modes : dom0, jobs: global.jobs ?? 1,
                work: folder,
                packages: packages, progress: progress)
            progress.finish()
            let report = BootMatrixReport(cells)
            try global.show(report)
            let kinds = report.failed.map { $0.result.exitStatus }
            return try global.finish(
                kinds.contains(.bootFails) || (strict && report.verdict == .warn)
                    ? .bootFails : kinds.first ?? .success)
        }
        // Read first: a file that is none is not found out after the boot.
        let earlier = try baseline.map { try BootVerdict.read(Environment.absolute($0)) }
        var description = try store.load(hypervisor.first ?? plan?.hypervisor ?? "xen-4.17")
        if let build { description = try description.taking(build: build) }
        var verdicts: [BootVerdict] = []
        for number in 1...times {
            // Each of several has a folder of its own, so that every log is kept.
            if times > 1 { request.runFolder = folder.appending("run-\(number)") }
            verdicts.append(
                try await BootTest.run(
                    request, hypervisor: description, work: folder, packages: packages, progress: progress))
        }
        guard let result = BootRepetition.representative(of: verdicts) else { return }
        let comparison = earlier.flatMap { earlier in
            baseline.map { BootComparison(result, with: earlier, from: $0) }
        }
        progress.finish()
        try global.show(
            BootReport(result, repetition: times > 1 ? BootRepetition(verdicts) : nil, comparison: comparison))
        try global.finish(strict && result.verdict == .warn ? .bootFails : result.exitStatus)
    }
}
