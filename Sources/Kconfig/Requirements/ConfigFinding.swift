/// A difference between what a configuration should say and what it says.
public struct ConfigFinding: Sendable, Codable, Equatable {
    /// How much it matters.
    public enum Level: String, Sendable, Codable, CaseIterable {
        /// Without it there is no dom0.
        case required
        /// There is a dom0, but it lacks something.
        case recommended
        /// A fragment or target asked for it, and the tree's Kconfig decided otherwise.
        case asked
    }

    /// The symbol, without `CONFIG_`.
    public let symbol: String
    /// The values that would do.
    public let wanted: [ConfigValue]
    /// The value it has.
    public let got: ConfigValue
    /// How much it matters.
    public let level: Level
    /// Where it was asked for: `FILE:LINE`.
    public let origin: String?
    /// What it is good for.
    public let reason: String?
    /// Whether it is open: the configuration is not settled and does not mention the symbol, so that only Kconfig can
    /// tell its value; ``got`` means nothing then.
    public var isOpen: Bool
    /// Why it has the value it has, from the symbol down to what a user has to set.
    public var explanation: String?
    /// Settings that give it the value wanted, such as `CONFIG_PCI=y`.
    public var fix: [String]

    /// Records a difference.
    public init(
        symbol: String, wanted: [ConfigValue], got: ConfigValue, level: Level, origin: String? = nil,
        reason: String? = nil, isOpen: Bool = false, explanation: String? = nil, fix: [String] = []
    ) {
        self.symbol = symbol
        self.wanted = wanted
        self.got = got
        self.level = level
        self.origin = origin
        self.reason = reason
        self.isOpen = isOpen
        self.explanation = explanation
        self.fix = fix
    }

    /// `CONFIG_XEN_DOM0 is n, wanted y`, with the origin and the reason where there are any.
    public var summary: String {
        let values = wanted.map(\.description).joined(separator: " or ")
        var text =
            isOpen
            ? "CONFIG_\(symbol) is not mentioned, wanted \(values)" : "CONFIG_\(symbol) is \(got), wanted \(values)"
        if let origin { text += " (\(origin))" }
        if let reason { text += ": \(reason)" }
        return text
    }
}

/// Holds a configuration against what was asked for.
public enum ConfigComparison {
    /// Each setting asked for that the configuration does not have.
    /// - Parameters:
    ///   - asked: The settings, one for each symbol.
    ///   - configuration: The final configuration.
    public static func findings(asked: [ConfigEntry], in configuration: KernelConfiguration) -> [ConfigFinding] {
        asked.compactMap { entry in
            let got = configuration[entry.symbol]
            if got.matches(entry.value) { return nil }
            // Kconfig builds in what is asked for as a module where there are no modules (kconfig-language.rst, "tristate").
            if entry.value == .module, got == .yes, configuration["MODULES"] == .no { return nil }
            return ConfigFinding(
                symbol: entry.symbol, wanted: [entry.value], got: got, level: .asked,
                origin: entry.origin.description,
                isOpen: !configuration.isSettled && configuration.entry(entry.symbol) == nil && entry.value != .no)
        }
    }
}
