/// A setting that a later file, or a later line of the same file, changed.
public struct ConfigOverride: Sendable, Hashable {
    /// What was said first.
    public let replaced: ConfigEntry
    /// What holds.
    public let by: ConfigEntry
}

/// Several files of settings laid over each other.
public struct MergedConfig: Sendable {
    /// The settings that hold: what the base says, without what was replaced, then each later file's in its order.
    public let entries: [ConfigEntry]
    /// Each setting that was changed on the way, in the order of the changes.
    public let overrides: [ConfigOverride]

    /// The content of a `.config` file with these settings.
    public var bytes: [UInt8] { ConfigMerger.content(entries) }
}

/// Lays fragments over a base as the kernel's `scripts/kconfig/merge_config.sh` does: the later file wins, and its
/// settings stand last. The order matters to conf, which lets the last member of a choice win.
public enum ConfigMerger {
    /// Lays the fragments over the base.
    /// - Parameters:
    ///   - base: The settings to start from.
    ///   - fragments: The files laid over it, later ones winning.
    public static func merge(base: [ConfigEntry] = [], fragments: [ConfigFragment]) -> MergedConfig {
        var order: [ConfigEntry?] = base.map { $0 }
        var places = Dictionary(base.enumerated().map { ($1.symbol, $0) }, uniquingKeysWith: { $1 })
        var overrides: [ConfigOverride] = []
        overrides += fragments.flatMap(\.repetitions).map { ConfigOverride(replaced: $0.replaced, by: $0.by) }
        for entry in fragments.flatMap(\.entries) {
            if let place = places[entry.symbol], let old = order[place] {
                if !old.value.matches(entry.value) { overrides.append(ConfigOverride(replaced: old, by: entry)) }
                order[place] = nil
            }
            places[entry.symbol] = order.count
            order.append(entry)
        }
        return MergedConfig(entries: order.compactMap { $0 }, overrides: overrides)
    }

    /// The content of a `.config` file with these settings.
    static func content(_ entries: [ConfigEntry]) -> [UInt8] {
        var content: [UInt8] = []
        for entry in entries {
            content += entry.line
            content.append(UInt8(ascii: "\n"))
        }
        return content
    }
}
