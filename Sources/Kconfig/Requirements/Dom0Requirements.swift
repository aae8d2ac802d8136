public import KernelModel

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
    /// The architecture it is about, where the set is about several; `nil` for all of them.
    public let architecture: KernelArchitecture?
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
    /// The kernel's `ARCH` it is about; its relatives, such as i386 of x86_64, are meant too.
    public let architecture: KernelArchitecture
    /// Symbols that only a kernel of this set's kind has: where a configuration has one of them, the set is about it.
    public let marks: [String]
    /// Symbols that no kernel of this set's kind has: with one of them on, a mark says nothing.
    public let counterMarks: [String]
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

    /// Whether it is about kernels of an architecture.
    public func covers(_ other: KernelArchitecture) -> Bool { architecture.sourceFolder == other.sourceFolder }

    /// Whether a configuration has a mark of this set's kind of kernel.
    private func isMarked(_ configuration: KernelConfiguration) -> Bool {
        marks.contains { configuration[$0] == .yes } && !counterMarks.contains { configuration[$0] == .yes }
    }

    /// The set that is about a configuration: of those for its architecture (x86_64 where nothing says it) the one whose
    /// mark it has; else the one without marks; and where that says nothing about a kernel of its time, one that does.
    /// - Throws: ``KconfigError/architectureUnknown(_:known:at:)``, ``KconfigError/architectureDoubtful(_:)``.
    public static func choose(
        among sets: [Dom0Requirements], for configuration: KernelConfiguration, version: KernelVersion? = nil
    ) throws(KconfigError) -> Dom0Requirements {
        if let doubt = configuration.architectureDoubt { throw .architectureDoubtful(doubt) }
        let architecture = configuration.architecture ?? .x86_64
        let fitting = sets.filter { $0.covers(architecture) }
        if let marked = fitting.first(where: { $0.isMarked(configuration) }) { return marked }
        let sorted = fitting.filter(\.marks.isEmpty) + fitting.filter { !$0.marks.isEmpty }
        let proving = sorted.first { set in
            version.map { version in set.requirements.contains { $0.level == .required && $0.applies(to: version) } }
                ?? true
        }
        guard let chosen = proving ?? sorted.first else {
            throw .architectureUnknown(
                architecture, known: Set(sets.map(\.architecture)).sorted { $0.rawValue < $1.rawValue },
                at: configuration.architectureOrigin)
        }
        return chosen
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
            if let architecture = requirement.architecture,
                architecture != configuration.architecture ?? self.architecture
            {
                return nil
            }
            let got = configuration[requirement.symbol]
            if requirement.accepted.contains(where: { $0.matches(got) }) { return nil }
            return ConfigFinding(
                symbol: requirement.symbol, wanted: requirement.accepted, got: got, level: requirement.level,
                reason: requirement.reason,
                isOpen: !configuration.isSettled && configuration.entry(requirement.symbol) == nil)
        }
    }
}
