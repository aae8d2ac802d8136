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
        help: ArgumentHelp("How dom0 runs: \(words(DomainMode.dom0Modes)).", valueName: "mode"),
        completion: .choices(DomainMode.dom0Modes), transform: { try choice(of: $0, among: DomainMode.dom0Modes) })
    var dom0: DomainMode = .pv

    @Option(
        help: ArgumentHelp(
            "The guests to start: \(words(DomainMode.allCases)), several separated by commas; or none.",
            valueName: "modes"))
    var guests = "pv"

    @Option(
        help: ArgumentHelp(
            "Where the kernel's modules are, if its Xen drivers are modules: a folder with lib/modules/VERSION.",
            valueName: "dir"), transform: path)
    var modules: FilePath?

    @Option(help: ArgumentHelp("More words for dom0's kernel command line.", valueName: "words"))
    var append = ""

    @Option(help: ArgumentHelp("The work folder.", valueName: "dir"), transform: path)
    var work: FilePath = ".dom0kit/boot"

    @Option(help: ArgumentHelp("How long the boot may take in all, in seconds.", valueName: "seconds"))
    var deadline = 300

    @Option(help: ArgumentHelp("What 'uname -r' has to say in dom0.", valueName: "release"))
    var expectRelease: String?

    @Option(help: ArgumentHelp("A file dom0 must have, with its content; may be given again.", valueName: "path=text"))
    var expectFile: [String] = []

    @Option(help: ArgumentHelp("What a line of dom0's kernel log must match; may be given again.", valueName: "regex"))
    var expectLog: [String] = []

    @Flag(help: "Make a warning fail as well.")
    var strict = false

    @OptionGroup var data: DataOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if deadline < 1 { throw ValidationError("--deadline takes a whole number of seconds from 1 on") }
        _ = try modes()
        _ = try expectations()
    }

    private func modes() throws -> [DomainMode] {
        if guests == "none" || guests.isEmpty { return [] }
        return try guests.split(separator: ",", omittingEmptySubsequences: false).map { word in
            do {
                return try choice(String(word))
            } catch let error as ValidationError {
                throw ValidationError("the value '\(word)' is invalid for '--guests': \(error.message)")
            }
        }
    }

    private func expectations() throws -> [Expectation] {
        let files = try expectFile.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw ValidationError("--expect-file takes PATH=TEXT, not '\(text)'") }
            return Expectation.file(path: parts[0], content: parts[1])
        }
        let lines = try expectLog.map { text in
            guard let pattern = LogPattern(text) else {
                throw ValidationError("--expect-log takes a regular expression, not '\(text)'")
            }
            return Expectation.kernelLog(matching: pattern)
        }
        return (expectRelease.map { [.release($0)] } ?? []) + files + lines
    }

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        let folder = Environment.absolute(work)
        let variables = Environment.toolVariables
        let request = BootRequest(
            kernel: Environment.absolute(kernel), modules: modules.map(Environment.absolute), dom0Mode: dom0,
            guests: try modes(), deadline: .seconds(deadline), expectations: try expectations(),
            kernelArguments: append,
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
