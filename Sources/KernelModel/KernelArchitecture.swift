/// An architecture of Linux: a value that Kbuild takes as `ARCH`.
public enum KernelArchitecture: String, Sendable, Codable, CaseIterable {
    case alpha, arc, arm, arm64, csky, hexagon, i386, ia64, loongarch, m68k, microblaze, mips, nios2, openrisc, parisc
    case powerpc, riscv, s390, sh, sparc, sparc64, um, x86, xtensa
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case x86_64  // spelt as Kbuild spells it

    /// The folder below `arch/`, Kbuild's `SRCARCH` (the top `Makefile` of Linux).
    public var sourceFolder: String {
        switch self {
        case .i386, .x86_64: "x86"
        case .sparc64: "sparc"
        default: rawValue
        }
    }

    /// Whether it is one of the x86 family, whose dom0 may be PV or PVH.
    public var isX86: Bool { sourceFolder == "x86" }

    /// Whether Xen runs on it.
    public var runsXen: Bool { isX86 || self == .arm || self == .arm64 }
}
