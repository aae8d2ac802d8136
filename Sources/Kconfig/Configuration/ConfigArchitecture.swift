import KernelModel

/// An architecture as the first lines of a `.config` name it: `# Linux/x86 6.1.192 Kernel Configuration`.
public struct NamedArchitecture: Sendable, Hashable {
    /// The name, which may be one that is not known.
    public let name: String
    /// Where it stands.
    public let origin: ConfigOrigin
}

/// Why it cannot be told which architecture a configuration is for.
public struct ArchitectureDoubt: Sendable, Hashable {
    /// The line that is not understood, or that contradicts another.
    public let origin: ConfigOrigin
    /// What about it, as a clause.
    public let reason: String
}

/// Which architecture a configuration is for.
enum ConfigArchitecture {
    case known(KernelArchitecture, ConfigOrigin)
    /// Nothing says so.
    case untold
    case doubtful(ArchitectureDoubt)

    /// The symbol that each architecture switches on in all of its configurations and that no other has. It has no prompt:
    /// only Kconfig writes it. Sources: `arch/*/Kconfig` of Linux 2.6.18 to 7.1. A kernel for UML has the symbols of the
    /// machine below it as well, so that it comes first.
    private static let symbols: [(symbol: String, architecture: KernelArchitecture)] = [
        ("UML", .um), ("ARM64", .arm64), ("X86_64", .x86_64), ("X86_32", .i386), ("ARM", .arm), ("ALPHA", .alpha),
        ("ISA_ARCOMPACT", .arc), ("ISA_ARCV2", .arc), ("CSKY", .csky), ("HEXAGON", .hexagon), ("IA64", .ia64),
        ("LOONGARCH", .loongarch),
        ("M68K", .m68k), ("MICROBLAZE", .microblaze), ("MIPS", .mips), ("NIOS2", .nios2), ("OPENRISC", .openrisc),
        ("PARISC", .parisc), ("PPC", .powerpc), ("RISCV", .riscv), ("S390", .s390), ("SUPERH", .sh),
        ("SPARC64", .sparc64), ("SPARC", .sparc), ("XTENSA", .xtensa),
    ]

    /// Whether a configuration has a symbol that only Kconfig writes.
    static func isToldBySymbols(_ isOn: (String) -> Bool) -> Bool {
        symbols.contains { isOn($0.symbol) } || isOn("X86")
    }

    /// Tells it from the title and the settings, which must not contradict each other.
    /// - Parameter lookUp: The line of a symbol.
    init(title: NamedArchitecture?, lookUp: (String) -> ConfigEntry?) {
        let told = Self.symbols.compactMap { symbol, architecture in
            lookUp(symbol).flatMap { $0.value == .yes ? (entry: $0, architecture: architecture) : nil }
        }
        let first = told.first
        // What is left of a UML configuration is about the machine below.
        if let first, first.architecture != .um,
            let other = told.first(where: { $0.architecture.sourceFolder != first.architecture.sourceFolder })
        {
            self = .doubtful(
                ArchitectureDoubt(
                    origin: other.entry.origin,
                    reason: "CONFIG_\(other.entry.symbol) is y, and so is CONFIG_\(first.entry.symbol) in line "
                        + "\(first.entry.origin.line): a kernel is for one architecture"))
            return
        }
        guard let title else {
            self = first.map { .known($0.architecture, $0.entry.origin) } ?? .untold
            return
        }
        guard let named = KernelArchitecture(rawValue: title.name) else {
            self = .doubtful(
                ArchitectureDoubt(
                    origin: title.origin,
                    reason: "the configuration is for the architecture '\(title.name.prefix(80))', which is not known"))
            return
        }
        guard let first else {
            self = .known(named, title.origin)
            return
        }
        guard first.architecture.sourceFolder == named.sourceFolder else {
            self = .doubtful(
                ArchitectureDoubt(
                    origin: first.entry.origin,
                    reason:
                        "CONFIG_\(first.entry.symbol) is y, but line \(title.origin.line) says that the configuration "
                        + "is for \(named.rawValue)"))
            return
        }
        // `x86` stands for both of its widths.
        self = .known(named == .x86 ? first.architecture : named, title.origin)
    }
}
