import Archive
import Bytes
import Elf
import KernelModel
import SystemPackage

/// What domain 0 and the guests boot into.
enum HostInitramfs {
    /// Domain 0's initramfs without what belongs to one run.
    static func base(_ description: HypervisorDescription, root: PackageRoot, deviceModel: Bool) throws -> [UInt8] {
        let busybox = try root.read(description.programs.busybox)
        let cpio = try ArchiveWriter(name: "the initramfs of domain 0")
        try addUserland(cpio, busybox: busybox, initScript: PackageResources.dom0_init_sh)
        try cpio.addDevice("/dev/ttyS1", .character, major: 4, minor: 65)
        for folder in [
            "/etc/xen", "/etc/xen/scripts", "/var/log/xen/console", "/var/lib/xen", "/var/lib/xenstored", "/dom0kit",
            "/guest",
            "/modules",
        ] {
            try cpio.addFolder(folder)
        }
        try cpio.addLink("/var/run", to: "/run")
        try cpio.addLink("/var/lock", to: "/run/lock")
        try cpio.addFile("/etc/xen/xl.conf", Array("autoballoon=\"off\"\n".utf8))
        try cpio.addFile("/etc/xen/scripts/block", PackageResources.xen_block_sh, permissions: 0o755)
        try cpio.addFile("/etc/xen/scripts/vif", PackageResources.xen_vif_sh, permissions: 0o755)
        try cpio.addFile("/dom0kit/guests.sh", PackageResources.dom0_guests_sh)
        var programs = Set(description.programs.all)
        programs.remove(description.programs.busybox)
        var files = description.files
        if deviceModel, let model = description.deviceModel {
            programs.insert(model.program)
            files += model.files
        }
        for program in programs.sorted() { try cpio.addFile(program, root.read(program), permissions: 0o755) }
        var linked = Array(programs)
        for file in files { try add(file, of: root, to: cpio, linked: &linked) }
        for library in try root.libraries(of: linked, opened: description.opened, in: description.libraries) {
            try cpio.addFile(library.path, library.content, permissions: 0o755)
        }
        try cpio.addFile("/dom0kit/programs", Array(assignments(description).utf8))
        let guest = try ArchiveWriter(name: "the initramfs of guests")
        try addUserland(guest, busybox: busybox, initScript: PackageResources.guest_init_sh)
        // The kernel runs it when the toolstack asks for a shutdown.
        try guest.addFolder("/sbin")
        try guest.addLink("/sbin/poweroff", to: "/init")
        try guest.addFolder("/modules")
        try guest.addFile("/bin/is-pv", PvTest.program, permissions: 0o755)
        try cpio.addFile("/guest/base.cpio", guest.finish())
        return try cpio.finish()
    }

    private static func addUserland(_ cpio: ArchiveWriter, busybox: [UInt8], initScript: [UInt8]) throws {
        for folder in ["/bin", "/dev", "/proc/xen", "/sys", "/run", "/tmp"] { try cpio.addFolder(folder) }
        try cpio.addDevice("/dev/console", .character, major: 5, minor: 1)
        try cpio.addDevice("/dev/null", .character, major: 1, minor: 3, permissions: 0o666)
        try cpio.addFile("/bin/busybox", busybox, permissions: 0o755)
        for applet in InitScripts.applets { try cpio.addLink("/bin/" + applet, to: "busybox") }
        try cpio.addFile("/init", initScript, permissions: 0o755)
    }

    /// Adds a file, or a folder with all that is in it, at the path it has in the packages.
    private static func add(_ path: String, of root: PackageRoot, to cpio: ArchiveWriter, linked: inout [String])
        throws
    {
        guard let real = root.resolve(path) else {
            throw HypervisorError.notInPackages(file: path, hypervisor: root.name)
        }
        if Files.isDirectory(real) {
            try cpio.addFolder(path)
            for name in try Files.list(real) { try add(path + "/" + name, of: root, to: cpio, linked: &linked) }
        } else {
            let content = try root.read(path)
            // Programs bring their libraries; firmware is ELF too, but asks for no program loader.
            if ElfFile(content)?.interpreter != nil { linked.append(path) }
            try cpio.addFile(path, content, permissions: 0o755)
        }
    }

    private static func assignments(_ description: HypervisorDescription) -> String {
        let programs = description.programs
        return """
            XL=\(programs.xl)
            XENSTORED=\(programs.xenstored)
            XENCONSOLED=\(programs.xenconsoled)
            INIT_DOM0=\(programs.initDom0)
            XENSTORE_READ=\(programs.xenstoreRead)
            XENSTORE_WRITE=\(programs.xenstoreWrite)

            """
    }
}

/// What belongs to one run: secrets, what to look at, the guests' kernel and configuration, modules.
///
/// It follows the base initramfs as a second archive; the kernel unpacks both.
struct RunOverlay {
    /// The secret that the run's records carry.
    let token = RunOverlay.secret()
    /// What is written to xenstore and read back.
    let probe = RunOverlay.secret()
    /// Each guest's secret.
    let guestTokens: [DomainMode: String]

    init(guests: [DomainMode]) {
        guestTokens = Dictionary(uniqueKeysWithValues: Set(guests).map { ($0, Self.secret()) })
    }

    /// 128 random bits as hexadecimal digits.
    private static func secret() -> String {
        (0..<16).map { _ in
            let byte = UInt8.random(in: .min ... .max)
            return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    /// The archive.
    func archive(
        _ request: BootRequest, _ description: HypervisorDescription, guestKernel: [UInt8],
        modules: [KernelModules.Module], guestModules: [KernelModules.Module], patience: Int
    ) throws -> [UInt8] {
        let cpio = try ArchiveWriter(name: "the initramfs of a run")
        func add(_ name: String, _ text: String) throws {
            try cpio.addFile("/dom0kit/" + name, Array(text.utf8), permissions: 0o600)
        }
        try add("token", token + "\n")
        try add("probe", probe + "\n")
        try add("guests", request.guests.map(\.rawValue).joined(separator: " ") + "\n")
        // Emulated devices go with what they are the other half of, and dom0's script adds them itself.
        let checks = Set(request.checks.isEmpty ? [.`init`] : request.checks)
        let asked = checks == [.`init`] ? [] : BootStage.checks(Array(checks), of: .pv)
        try add("checks", asked.map(\.rawValue).joined(separator: " ") + "\n")
        try add("arguments", request.guestArguments + "\n")
        try add("patience", "\(patience)\n")
        try add("modules", modules.map { $0.name + "\n" }.joined())
        var files: [String] = []
        for expectation in request.expectations {
            switch expectation {
            case .file(let path, _): if !files.contains(path) { files.append(path) }
            case .kernelLog, .release: break
            }
        }
        try add("files", files.map { $0 + "\n" }.joined())
        for module in modules { try cpio.addFile("/modules/\(module.name).ko", module.content) }
        if !request.guests.isEmpty { try cpio.addFile("/guest/kernel", guestKernel) }
        for mode in request.guests {
            let guest = try ArchiveWriter(name: "the initramfs of a \(mode.rawValue) guest")
            try guest.addFile("/dom0kit/token", Array(((guestTokens[mode] ?? "") + "\n").utf8), permissions: 0o600)
            try guest.addFile("/dom0kit/modules", Array(guestModules.map { $0.name + "\n" }.joined().utf8))
            for module in guestModules { try guest.addFile("/modules/\(module.name).ko", module.content) }
            try cpio.addFile("/guest/\(mode.rawValue).cpio", guest.finish())
            let configuration = guestConfiguration(mode, request, description)
            try cpio.addFile("/guest/\(mode.rawValue).cfg", Array(configuration.utf8))
            guard request.userland == .small else { continue }
            try cpio.addFile("/guest/\(mode.rawValue).cmdline", Array((request.guestArguments + "\n").utf8))
            try cpio.addFile("/guest/\(mode.rawValue).memory", Array("\(request.guestMemory)\n".utf8))
        }
        return try cpio.finish()
    }

    /// A guest's `xl.cfg`, to which dom0's script adds its kernel's arguments, disks and networks. A guest that ends is kept,
    /// so that its reason can be read.
    private func guestConfiguration(
        _ mode: DomainMode, _ request: BootRequest, _ description: HypervisorDescription
    ) -> String {
        var lines = [
            "name = \"dom0kit-\(mode.rawValue)\"", "type = \"\(mode.rawValue)\"", "kernel = \"/guest/kernel\"",
            "ramdisk = \"/run/guest.cpio\"", "memory = \(request.guestMemory)", "vcpus = 1",
            "on_poweroff = \"preserve\"", "on_reboot = \"preserve\"",
            "on_crash = \"preserve\"",
        ]
        if mode == .hvm, let model = description.deviceModel {
            lines += [
                "device_model_override = \"\(model.program)\"", "vga = \"none\"", "vnc = 0", "sdl = 0",
                "serial = \"none\"",
                // It boots from its kernel: the card needs no ROM to boot from the network.
                "device_model_args_hvm = [ \"-global\", \"rtl8139.romfile=\" ]",
            ]
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
