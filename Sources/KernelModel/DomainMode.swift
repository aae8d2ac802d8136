/// How Xen runs a domain.
public enum DomainMode: String, Sendable, Codable, CaseIterable {
    /// Paravirtualized: the kernel knows that it has no hardware below it (x86 only).
    case pv
    /// Hardware virtualization without emulated devices; entered through `PHYS32_ENTRY`.
    case pvh
    /// Hardware virtualization with emulated devices (a device model in dom0).
    case hvm

    /// The modes dom0 can run in: Xen never starts it as an HVM domain.
    public static let dom0Modes: [DomainMode] = [.pv, .pvh]
}
