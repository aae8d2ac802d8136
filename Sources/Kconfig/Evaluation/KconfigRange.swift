/// The values that Kconfig lets an `int` or `hex` symbol have, by the first `range` whose condition holds
/// (`sym_get_range_prop` in `scripts/kconfig/symbol.c`).
struct KconfigRange: CustomStringConvertible {
    /// The limits, which belong to the range, as the Kconfig file or the configuration writes them.
    let low: String
    let high: String
    /// Where it is given.
    let place: String

    private let limits: ClosedRange<Int128>

    /// `nil` where the limits are no numbers, or there is nothing between them.
    init?(low: String, high: String, place: String) {
        guard let first = ConfigValue.integer(low), let last = ConfigValue.integer(high), first <= last else {
            return nil
        }
        self.low = low
        self.high = high
        self.place = place
        limits = first...last
    }

    /// Whether a value is in it; a value that is no number is none of its business.
    func holds(_ value: ConfigValue) -> Bool {
        guard case .number(let digits) = value, let number = ConfigValue.integer(digits) else { return true }
        return limits.contains(number)
    }

    /// `12 to 25 (kernel/Kconfig:7)`
    var description: String { "\(low) to \(high) (\(place))" }
}

extension KconfigEvaluation {
    /// The range of a symbol in this configuration; `nil` where it has none, or only the build environment can tell it.
    func range(of symbol: Int) -> KconfigRange? {
        for number in tree.definitionsOf[symbol] {
            for entry in tree.definitions[number].ranges {
                guard let condition = conjunction(dependency(of: number), evaluate(entry.condition)) else { return nil }
                if condition == .no { continue }
                guard let (low, _) = text(entry.low), let (high, _) = text(entry.high) else { return nil }
                return KconfigRange(low: low, high: high, place: tree.show(entry.place))
            }
        }
        return nil
    }
}
