import Bytes
public import Kconfig
public import KernelImage
public import KernelModel
public import SystemPackage

/// A kernel image to hold against Xen's rules for a dom0, and its configuration against the dom0 requirements.
public struct ImageInspection {
    /// The image.
    public var image: FilePath
    /// How dom0 is to run; one of them must be supported. PV and PVH where empty.
    public var modes: [DomainMode]
    /// The kernel's `.config`, where the image does not carry it.
    public var configuration: FilePath?
    /// Reads the dom0 requirements for a configuration; called only where that is known.
    public var requirements: (KernelConfiguration, KernelVersion?) throws -> Dom0Requirements

    /// What was found.
    public struct Outcome: Sendable {
        /// What the image is.
        public let facts: ImageFacts
        /// Its SHA-256.
        public let sha256: String
        /// The dom0 requirements its configuration does not meet; empty where the configuration is not known.
        public let missing: [ConfigFinding]
    }

    /// Asks for an image to be inspected.
    public init(
        _ image: FilePath, modes: [DomainMode], configuration: FilePath?,
        requirements: @escaping (KernelConfiguration, KernelVersion?) throws -> Dom0Requirements
    ) {
        self.image = image
        self.modes = modes
        self.configuration = configuration
        self.requirements = requirements
    }

    /// Inspects it.
    /// - Throws: `KernelImageError`, `KconfigError`, `BytesError`, or what ``requirements`` throws.
    public func perform() throws -> Outcome {
        let facts = try KernelImageInspector.inspect(image)
        return Outcome(facts: facts, sha256: try Digest(ofFile: image).hex, missing: try missing(facts))
    }

    private func missing(_ facts: ImageFacts) throws -> [ConfigFinding] {
        let known =
            try configuration.map { try KernelConfiguration(path: $0) }
            ?? facts.embeddedConfig.map { try KernelConfiguration($0, path: image.appending(".config")) }
        guard let known, let version = facts.image.version.flatMap(KernelVersion.init) ?? known.kernelVersion
        else { return [] }
        // Requirements of a mode hold only if dom0 is to run in it; PV is what most hosts use.
        return try requirements(known, version).check(
            known, version: version, modes: Set(modes.isEmpty ? [.pv] : modes))
    }
}
