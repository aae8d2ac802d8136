/// Whether the code that `CONFIG_XEN_DOM0` switches on is in a Linux kernel.
///
/// Needed because the note cannot be trusted: before 6.12, `arch/x86/xen/xen-head.S` sets the dom0 bit of
/// `SUPPORTED_FEATURES` whenever `CONFIG_XEN` is on. Debian's cloud kernels of 5.10 and 6.1 claim dom0 that way without
/// being one.
enum Dom0Code: Equatable {
    /// It is there.
    case present
    /// It is not.
    case absent
    /// The kernel sets the dom0 bit only where the code is in (Linux from 6.12 on).
    case truthfulNote
    /// It cannot be told.
    case unknown
    /// No mainline Linux from 3.0 on, so its messages are not known.
    case foreign

    /// Messages of code that is built with `CONFIG_XEN_DOM0` only and, as that needs PCI and ACPI, always: in
    /// `drivers/xen/pci.c` and `arch/x86/pci/xen.c`.
    private static let messages = ["passthrough or MSI/MSI-X might fail!", "xen: registering gsi %u triggering"]
    /// A message that every kernel with `CONFIG_PARAVIRT` and `CONFIG_PRINTK` has.
    private static let anyMessage = "Booting paravirtualized kernel"

    /// Looks for it.
    /// - Parameters:
    ///   - elf: The ELF file's bytes.
    ///   - version: The kernel release.
    ///   - configuration: The embedded `.config`.
    init(elf: [UInt8], version: String?, configuration: [UInt8]?) {
        if let configuration {
            let line = Array("\nCONFIG_XEN_DOM0=y\n".utf8)
            self = ([0x0a] + configuration).position(of: line) != nil ? .present : .absent
            return
        }
        if Self.messages.contains(where: { elf.position(of: Array($0.utf8)) != nil }) {
            self = .present
            return
        }
        let numbers = (version ?? "").split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] >= 3 else {
            self = .foreign
            return
        }
        if (numbers[0], numbers[1]) >= (6, 12) {
            self = .truthfulNote
        } else {
            self = elf.position(of: Array(Self.anyMessage.utf8)) != nil ? .absent : .unknown
        }
    }
}
