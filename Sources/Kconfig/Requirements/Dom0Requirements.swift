import KernelModel

/// A symbol that a dom0 kernel has to have.
public struct Dom0Requirement: Sendable, Equatable {
    /// The symbol, without `CONFIG_`.
    public let symbol: String
    /// The values that will do.
    public let accepted: [ConfigValue]
    /// `required` or `recommended`.
    public let level: ConfigFinding.Level
    /// The dom0 modes it is about.
    public let modes: Set<DomainMode>
    /// The first kernel that has the symbol; all earlier ones count where `nil`.
    public let since: KernelVersion?
    /// The first kernel that no longer has it; all later ones count where `nil`.
    public let until: KernelVersion?
    /// What goes wrong without it.
    public let reason: String
    /// The line of the file it stands in.
    public let line: Int?

    /// Whether it is about this kernel.
    public func applies(to version: KernelVersion) -> Bool {
        if let since, version < since { return false }
        if let until, version >= until { return false }
        return true
    }
}

/// The symbols that make a kernel a dom0, by kernel era: data, read from `Profiles/requirements/*.yaml`.
public struct Dom0Requirements: Sendable {
    /// What the set is about, for display.
    public let title: String
    /// The kernel's `ARCH` it is about.
    public let architecture: String
    /// The requirements in the order of the file.
    public let requirements: [Dom0Requirement]

    /// Those that are about a kernel and a way to run dom0.
    public func applying(to version: KernelVersion, modes: Set<DomainMode> = [.pv]) -> [Dom0Requirement] {
        requirements.filter { $0.applies(to: version) && !$0.modes.isDisjoint(with: modes) }
    }

    /// Those that are about a kernel and a way to run dom0, where something is to be proven with them.
    /// - Throws: ``KconfigError/noRequirements(title:version:)`` where none of them is one that a dom0 cannot do without.
    public func proving(
        _ version: KernelVersion, modes: Set<DomainMode> = [.pv]
    ) throws(KconfigError) -> [Dom0Requirement] {
        let applying = applying(to: version, modes: modes)
        guard applying.contains(where: { $0.level == .required }) else {
            throw .noRequirements(title: title, version: version)
        }
        return applying
    }

    /// Each requirement the configuration does not meet.
    /// - Parameters:
    ///   - configuration: A final `.config`.
    ///   - version: The kernel it is of.
    ///   - modes: How dom0 is to run; a requirement of any of them counts.
    public func check(
        _ configuration: KernelConfiguration, version: KernelVersion, modes: Set<DomainMode> = [.pv]
    ) -> [ConfigFinding] {
        applying(to: version, modes: modes).compactMap { requirement in
            let got = configuration[requirement.symbol]
            if requirement.accepted.contains(where: { $0.matches(got) }) { return nil }
            return ConfigFinding(
                symbol: requirement.symbol, wanted: requirement.accepted, got: got, level: requirement.level,
                reason: requirement.reason)
        }
    }
}
