public import KernelModel

/// A `.config` held against what a dom0 needs and what fragments ask for.
public struct ConfigCheck: Sendable {
    /// The configuration.
    public var configuration: KernelConfiguration
    /// What a dom0 needs.
    public var requirements: Dom0Requirements
    /// How dom0 is to run.
    public var modes: Set<DomainMode> = [.pv]
    /// Fragments whose settings must hold.
    public var fragments: [ConfigFragment] = []
    /// The kernel's Kconfig, which explains why a symbol is off.
    public var tree: KconfigTree?
    /// The kernel's version, in the place of the tree's and the configuration's own.
    public var version: KernelVersion?

    /// Asks for a configuration to be checked.
    public init(_ configuration: KernelConfiguration, requirements: Dom0Requirements) {
        self.configuration = configuration
        self.requirements = requirements
    }

    /// What was found.
    public struct Outcome: Sendable {
        /// The kernel's version.
        public let version: KernelVersion
        /// How many symbols were held against what was asked for.
        public let checked: Int
        /// Whether Kconfig made the configuration, so that a symbol it does not mention is off.
        public let isSettled: Bool
        /// What is not as it should be.
        public let findings: [ConfigFinding]
        /// Symbols whose line contradicts the tree: the configuration was not settled by this tree's conf.
        public let inconsistencies: [ConfigInconsistency]
        /// What a reader of the configuration or of a fragment may stumble over, such as a symbol given twice.
        public let remarks: [String]
        /// What could not be read of the tree's Kconfig files.
        public let complaints: [String]
    }

    /// Checks it.
    /// - Throws: ``KconfigError/versionUnknown(_:)`` where nothing says the kernel's version;
    ///   ``KconfigError/noRequirements(title:version:)``.
    public func perform() throws(KconfigError) -> Outcome {
        guard let version = version ?? tree?.version ?? configuration.kernelVersion else {
            throw .versionUnknown(configuration.path)
        }
        let asked = ConfigMerger.merge(fragments: fragments).entries
        let findings =
            requirements.check(configuration, version: version, modes: modes)
            + ConfigComparison.findings(asked: asked, in: configuration)
        return Outcome(
            version: version, checked: try requirements.proving(version, modes: modes).count + asked.count,
            isSettled: configuration.isSettled,
            findings: tree?.explain(findings, in: configuration) ?? findings,
            inconsistencies: tree?.inconsistencies(in: configuration) ?? [],
            remarks: (configuration.repetitions + fragments.flatMap(\.repetitions)).map(\.summary),
            complaints: tree?.complaints ?? [])
    }
}
