/// The three values of Kconfig's logic, in their order: conjunction is the least, disjunction the greatest.
public enum Tristate: Int, Sendable, Codable, Comparable, CustomStringConvertible {
    /// `n`
    case no
    /// `m`
    case module
    /// `y`
    case yes

    /// `n`, `m` or `y`.
    public var description: String {
        switch self {
        case .no: "n"
        case .module: "m"
        case .yes: "y"
        }
    }

    /// `y` for `n`, `m` for `m`, `n` for `y`.
    var negated: Tristate {
        switch self {
        case .no: .yes
        case .module: .module
        case .yes: .no
        }
    }

    /// Orders `n < m < y`.
    public static func < (left: Tristate, right: Tristate) -> Bool { left.rawValue < right.rawValue }
}

extension ConfigValue {
    /// The value in Kconfig's logic; numbers and strings are `n` there.
    var tristate: Tristate {
        switch self {
        case .yes: .yes
        case .module: .module
        case .no, .number, .text: .no
        }
    }
}
