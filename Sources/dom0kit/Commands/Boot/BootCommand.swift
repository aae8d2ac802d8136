import ArgumentParser
import Debian
import Diagnostics
import Hypervisor
import KernelModel
import Report
import SystemPackage

/// `dom0kit boot`
struct BootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boot",
        abstract: "Boot a real Xen with a kernel as dom0 and start guests.",
        discussion: """
            Xen and its toolstack come from Debian packages and run in QEMU without root and without KVM. The verdict \
            has stages: xen, dom0-build, dom0-kernel, dom0-init, control, xenstore, toolstack, then one for each guest, \
            which boots the same kernel, proves itself through xenstore and powers off.
            """)

    @Option(help: ArgumentHelp("The kernel image: bzImage, vmlinuz or vmlinux.", valueName: "image"), transform: path)
    var kernel: FilePath

    @Option(
        help: ArgumentHelp("The test hypervisor: a name in Profiles/hypervisors.", valueName: "name"),
        completion: .hypervisors)
    var hypervisor = "xen-4.17"

    @Option(
        help: ArgumentHelp("How dom0 runs: \(words(DomainMode.dom0Modes)) (default: pv).", valueName: "mode"),
        completion: .choices(DomainMode.dom0Modes), transform: { try choice(of: $0, among: DomainMode.dom0Modes) })
    var dom0: DomainMode = .pv

    @Option(
        help: ArgumentHelp(
            "The guests to start: \(words(DomainMode.allCases)), separated by commas, or none (default: pv).",
            valueName: "modes"),
        transform: GuestModes.init)
    var guests = GuestModes(modes: [.pv])

    @Option(
        help: ArgumentHelp(
            "Where the kernel's modules are, if its Xen drivers are modules: a folder with lib/modules/VERSION.",
            valueName: "dir"), transform: path)
    var modules: FilePath?

    @Option(help: ArgumentHelp("More words for dom0's kernel command line.", valueName: "words"))
    var append = ""

    @Option(help: ArgumentHelp("The work folder (default: .dom0kit/boot).", valueName: "dir"), transform: path)
    var work: FilePath = ".dom0kit/boot"

    @Option(help: ArgumentHelp("How long the whole boot may take, in seconds.", valueName: "seconds"))
    var deadline = 300

    @OptionGroup var expected: ExpectationOptions

    @Flag(help: "Treat warnings as failures.")
    var strict = false

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if deadline < 1 { throw ValidationError("--deadline takes a whole number of seconds, at least 1") }
    }

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        let folder = Environment.absolute(work)
        let variables = Environment.toolVariables
        let request = BootRequest(
            kernel: Environment.absolute(kernel), modules: modules.map(Environment.absolute), dom0Mode: dom0,
            guests: guests.modes, deadline: .seconds(deadline), expectations: expected.all, kernelArguments: append,
            runFolder: folder.appending("run"), environment: variables)
        let result = try await BootTest.run(
            request, hypervisor: try HypervisorStore(data: data.store().data).load(hypervisor), work: folder,
            packages: PackageFetcher(
                folder: folder.appending("packages"), machine: try data.machine(), environment: variables),
            progress: progress)
        progress.finish()
        try global.show(BootReport(result))
        try global.finish(strict && result.verdict == .warn ? .bootFails : result.exitStatus)
    }
}
