public import Diagnostics
public import Kconfig
public import KernelImage
import KernelModel

/// What `dom0kit inspect` shows.
public struct InspectReport: Reportable {
    public static let schema = "dom0kit.inspect/1"

    /// The kernel's configuration, where it is known.
    public struct Configuration: Sendable, Encodable {
        /// Whether the image carries its `.config`.
        public let embedded: Bool
        /// The file it was taken from instead.
        public let file: String?
        /// The dom0 requirements it does not meet.
        public let missing: [ConfigFinding]
    }

    /// The image's path.
    public let path: String
    /// The image's SHA-256.
    public let sha256: String
    /// The facts.
    public let facts: ImageFacts
    /// The configuration.
    public let config: Configuration
    /// How dom0 is to run; either way will do where there are several.
    public let modes: [DomainMode]

    /// Makes the report.
    /// - Parameters:
    ///   - path: The image's path.
    ///   - sha256: The image's SHA-256.
    ///   - facts: What the image is.
    ///   - missing: The dom0 requirements its configuration does not meet.
    ///   - configurationFile: The file the configuration was taken from, unless it is embedded.
    ///   - modes: How dom0 is to run; it passes when one of them is supported.
    public init(
        path: String, sha256: String, facts: ImageFacts, missing: [ConfigFinding], configurationFile: String?,
        modes: [DomainMode]
    ) {
        self.path = path
        self.sha256 = sha256
        self.facts = facts
        self.modes = modes
        config = Configuration(
            embedded: facts.embeddedConfig != nil, file: configurationFile, missing: missing)
    }

    private func acceptance(_ mode: DomainMode) -> Dom0Acceptance { mode == .pv ? facts.dom0.pv : facts.dom0.pvh }

    /// Whether Xen would take the image in one of the ways asked for.
    public var isDom0: Bool { modes.contains { acceptance($0).supported } }

    public var verdict: Verdict {
        guard isDom0 else { return .fail }
        return config.missing.contains { $0.level == .required } ? .warn : .pass
    }

    public var summaryLine: String {
        let name = "Linux \(facts.image.version ?? "of unknown version")"
        let supported = modes.filter { acceptance($0).supported }.map { $0.rawValue.uppercased() }
        if supported.isEmpty {
            let reason = modes.compactMap { acceptance($0).reasons.first }.first ?? "no way to run it was asked for"
            return "\(name) is not a dom0: \(reason)"
        }
        func names(isOpen: Bool) -> String {
            config.missing.filter { $0.level == .required && $0.isOpen == isOpen }.map { "CONFIG_" + $0.symbol }
                .joined(separator: ", ")
        }
        let (missing, open) = (names(isOpen: false), names(isOpen: true))
        let lack =
            (missing.isEmpty ? "" : "; its configuration lacks \(missing)")
            + (open.isEmpty ? "" : "; its configuration is not settled and does not mention \(open)")
        return "\(name) is a dom0 (\(supported.joined(separator: ", ")))\(lack)"
    }

    public func text(_ style: TextStyle) -> String {
        var table = Table()
        table.add("image", path)
        table.add(
            "format",
            "\(facts.image.format), \(facts.image.compression)"
                + (facts.image.bootProtocol.map { ", boot protocol \($0)" } ?? ""))
        if let banner = facts.image.banner { table.add("kernel", banner) }
        table.add("Xen notes", facts.xen.source)
        for (name, value) in facts.xen.notes.sorted(by: { $0.key < $1.key }) { table.add("  " + name, value) }
        if !facts.xen.features.isEmpty { table.add("features", facts.xen.features.joined(separator: " ")) }
        for mode in DomainMode.dom0Modes {
            let acceptance = acceptance(mode)
            let name = "dom0 \(mode.rawValue.uppercased())"
            table.add(name, acceptance.supported ? style.green("yes") : style.red("no"))
            for reason in acceptance.reasons { table.add("", reason) }
            for caveat in acceptance.caveats { table.add("", style.yellow("note: ") + caveat) }
        }
        table.add("configuration", config.embedded ? "embedded" : config.file ?? "not embedded")
        for finding in config.missing { table.add("  " + finding.level.rawValue, finding.summary) }
        return table.text()
    }

    private enum CodingKeys: String, CodingKey { case path, sha256, image, xen, dom0, config }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        try container.encode(sha256, forKey: .sha256)
        try container.encode(facts.image, forKey: .image)
        try container.encode(facts.xen, forKey: .xen)
        try container.encode(facts.dom0, forKey: .dom0)
        try container.encode(config, forKey: .config)
    }
}
