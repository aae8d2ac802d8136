import Host
import SystemPackage

/// The QEMU machine of one boot: its command line, and the same for a person to repeat.
struct Emulator {
    /// The files of the run folder.
    enum Name {
        static let hypervisor = "xen"
        static let kernel = "kernel"
        static let initramfs = "dom0.cpio"
        static let console = "console.log"
        static let results = "results.log"
        static let log = "qemu.log"
        static let process = "qemu.pid"
        static let commandLine = "xen-command-line.txt"
        static let reproduce = "reproduce.sh"
        static let verdict = "boot.json"
    }

    /// The program.
    static let program = "qemu-system-x86_64"
    /// The Debian package that has it.
    static let package = "qemu-system-x86"

    let request: BootRequest
    let description: HypervisorDescription
    var acceleration = Acceleration.translated

    /// Xen's command line.
    var hypervisorArguments: String {
        var words = [description.arguments, "dom0_mem=\(request.dom0Memory)M"]
        if request.dom0Mode == .pvh { words.append("dom0=pvh") }
        words.append(request.hypervisorArguments)
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The kernel's command line.
    var kernelArguments: String {
        let base = "\(request.console) earlyprintk=xen panic=1"
        return request.kernelArguments.isEmpty ? base : base + " " + request.kernelArguments
    }

    /// Whether a domain is asked for that is not PV.
    var needsVirtualization: Bool { request.dom0Mode != .pv || request.guests.contains { $0 != .pv } }

    private var emulatesVirtualization: Bool { needsVirtualization && !description.virtualization.isEmpty }

    /// What the machine offers Xen for PVH and HVM, in words.
    var virtualization: String {
        if acceleration.isKvm { return acceleration.virtualization.map { "\($0) of the host" } ?? "none" }
        return emulatesVirtualization ? "AMD-V, emulated (\(description.virtualization)); VT-x is not checked" : "none"
    }

    /// What counts the machine's time: only a translator counts instructions.
    var clock: MachineTime { acceleration.isKvm ? .host : request.clock }

    private var processor: String {
        if acceleration.isKvm { return "host" }
        let model = request.processor ?? description.processor
        return emulatesVirtualization ? model + "," + description.virtualization : model
    }

    private func arguments(console: String, results: String, process: String?, initrd: String) -> [String] {
        var words = ["-accel", acceleration.isKvm ? "kvm" : "tcg", "-cpu", processor]
        words += ["-smp", "\(request.processors)", "-m", "\(request.memory)"]
        if request.dom0Mode == .pvh { words += description.hardwareDom0 }
        // Guest time follows the instructions executed, and waiting takes none.
        if clock == .instructions { words += ["-icount", "shift=1,sleep=off"] }
        words += ["-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none", "-no-reboot"]
        words += ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"]
        words += ["-serial", console, "-serial", results]
        if let process { words += ["-pidfile", process] }
        return words + ["-kernel", Name.hypervisor, "-append", hypervisorArguments, "-initrd", initrd]
    }

    /// The kernel with its command line, and the initramfs, as modules of the hypervisor.
    private var modules: String {
        // QEMU splits modules at commas; a doubled comma is one.
        let line = kernelArguments.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
        return "\(Name.kernel) \(line),\(Name.initramfs)"
    }

    /// The machine with another module in the kernel's place, its console on standard output.
    func trial(module: String) -> Command {
        Command(
            Self.program, arguments(console: "stdio", results: "null", process: nil, initrd: module),
            environment: request.environment, workingDirectory: request.runFolder, package: Self.package)
    }

    /// The program as it is run, in the run folder.
    var command: Command {
        Command(
            Self.program,
            arguments(
                console: "file:\(Name.console)", results: "file:\(Name.results)", process: Name.process,
                initrd: modules),
            environment: request.environment, workingDirectory: request.runFolder, package: Self.package)
    }

    /// One shell command that repeats the boot, with the console on the terminal.
    var reproduce: String {
        let again = Command(
            Self.program, arguments(console: "stdio", results: "file:results-again.log", process: nil, initrd: modules),
            environment: [:])
        return "cd \(Shell.quoted(request.runFolder.string)) && \(again.shellLine)"
    }
}
