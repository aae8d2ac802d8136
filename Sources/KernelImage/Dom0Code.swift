/// Whether the code that an option switches on is in a Linux kernel.
///
/// Needed because the notes cannot be trusted: before 6.12, `arch/x86/xen/xen-head.S` sets the dom0 bit of
/// `SUPPORTED_FEATURES` whenever `CONFIG_XEN` is on. Debian's cloud kernels of 5.10 and 6.1 claim dom0 that way without
/// being one. And a kernel with `CONFIG_PVH` (for other hypervisors) but no `CONFIG_XEN_PVH` has a PVH entry point at
/// which it then stops.
enum OptionCode: Equatable {
    /// It is there.
    case present
    /// It is not.
    case absent
    /// It cannot be told.
    case unknown
    /// No mainline Linux from 3.0 on, so its messages are not known.
    case foreign
}

/// The code that makes a dom0.
struct Dom0Code {
    /// That of `CONFIG_XEN_DOM0`.
    let dom0: OptionCode
    /// That of `CONFIG_XEN_PVH`.
    let pvh: OptionCode
    /// Whether it is the Xen port of 2006 to 2010 (linux-2.6.18-xen and its forward ports), as the embedded `.config`
    /// says: there the option is `CONFIG_XEN_PRIVILEGED_GUEST`, and the notes have no dom0 bit.
    let isForwardPort: Bool

    /// Messages of code that is built with `CONFIG_XEN_DOM0` only and, as that needs PCI and ACPI, always: in
    /// `drivers/xen/pci.c` and `arch/x86/pci/xen.c`.
    private static let dom0Messages = ["passthrough or MSI/MSI-X might fail!", "xen: registering gsi %u triggering"]
    /// A message of `arch/x86/xen/enlighten_pvh.c`, which is built with `CONFIG_XEN_PVH` only.
    private static let pvhMessages = ["XENMEM_memory_map failed (%d)"]
    /// A message that every kernel with `CONFIG_PARAVIRT` and `CONFIG_PRINTK` has.
    private static let anyMessage = "Booting paravirtualized kernel"

    /// Looks for it.
    /// - Parameters:
    ///   - elf: The ELF file's bytes.
    ///   - version: The kernel release.
    ///   - configuration: The embedded `.config`.
    ///   - claims: Whether the notes have the dom0 bit, and the bit that belongs to PVH (`linux_rsdp_unrestricted`).
    init(elf: [UInt8], version: String?, configuration: [UInt8]?, claims: (dom0: Bool, pvh: Bool)) {
        if let configuration {
            let text = [0x0a] + configuration
            func isOn(_ option: String) -> OptionCode {
                text.position(of: Array("\n\(option)=y\n".utf8)) != nil ? .present : .absent
            }
            isForwardPort = ["CONFIG_X86_64_XEN", "CONFIG_X86_XEN"].contains { isOn($0) == .present }
            dom0 = isOn(isForwardPort ? "CONFIG_XEN_PRIVILEGED_GUEST" : "CONFIG_XEN_DOM0")
            pvh = isOn("CONFIG_XEN_PVH")
            return
        }
        isForwardPort = false
        let numbers = (version ?? "").split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let isKnown = numbers.count == 2 && numbers[0] >= 3
        // From 6.12 on the bits are set only where the code is in.
        let isTruthful = isKnown && (numbers[0], numbers[1]) >= (6, 12)
        let speaks = elf.position(of: Array(Self.anyMessage.utf8)) != nil
        func find(_ messages: [String], _ claim: Bool) -> OptionCode {
            if messages.contains(where: { elf.position(of: Array($0.utf8)) != nil }) { return .present }
            if !isKnown { return .foreign }
            if isTruthful { return claim ? .present : .absent }
            return speaks ? .absent : .unknown
        }
        dom0 = find(Self.dom0Messages, claims.dom0)
        pvh = find(Self.pvhMessages, claims.pvh)
    }
}
