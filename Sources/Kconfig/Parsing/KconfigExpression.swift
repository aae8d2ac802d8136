/// A condition of a Kconfig file.
indirect enum KconfigExpression: Sendable {
    /// An operand by itself.
    case value(Operand)
    /// `!e`
    case not(KconfigExpression)
    /// `a && b`
    case and(KconfigExpression, KconfigExpression)
    /// `a || b`
    case or(KconfigExpression, KconfigExpression)
    /// `a = b` and its kin; only symbols and constants can be compared.
    case compare(Comparison, Operand, Operand)

    /// The numbers of the symbols in it.
    var symbols: Set<Int> {
        switch self {
        case .value(.symbol(let number)): [number]
        case .value: []
        case .not(let inner): inner.symbols
        case .and(let left, let right), .or(let left, let right): left.symbols.union(right.symbols)
        case .compare(_, let left, let right):
            KconfigExpression.value(left).symbols.union(KconfigExpression.value(right).symbols)
        }
    }

    /// What an expression is made of.
    enum Operand: Sendable {
        /// A symbol, by its number in the tree.
        case symbol(Int)
        /// A quoted text, or `y`, `m`, `n`.
        case constant(String)
        /// A macro that only the build environment can answer, as it is written.
        case opaque(String)
    }

    /// The comparisons.
    enum Comparison: String, Sendable {
        case equal = "="
        case unequal = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="

        /// What it says of an order (-1, 0, 1).
        func holds(_ order: Int) -> Bool {
            switch self {
            case .equal: order == 0
            case .unequal: order != 0
            case .less: order < 0
            case .lessOrEqual: order <= 0
            case .greater: order > 0
            case .greaterOrEqual: order >= 0
            }
        }
    }
}

/// The types of symbols.
enum KconfigType: String, Sendable {
    case bool, tristate, string, int, hex
    /// Mentioned, but not defined with a type.
    case unknown
}

/// A place in the tree's Kconfig files.
struct KconfigPlace: Sendable {
    /// The number of the file.
    let file: Int32
    /// The line, counted from 1.
    let line: Int32
}

/// A menu, `if` block or choice: what its entries depend on.
struct KconfigBlock: Sendable {
    enum Kind: Sendable { case menu, conditional, choice }
    let kind: Kind
    /// The block around it; -1 for none.
    let parent: Int
    /// Its own conditions, each with its place.
    var depends: [(condition: KconfigExpression, place: KconfigPlace)] = []
    /// Conditions under which its entries show their prompts only.
    var visible: [(condition: KconfigExpression, place: KconfigPlace)] = []
    /// The members of a choice.
    var members: [Int] = []
}

/// One definition of a symbol; a symbol can have several.
struct KconfigDefinition: Sendable {
    let symbol: Int
    let place: KconfigPlace
    /// The block it stands in; -1 for none.
    let block: Int
    var type = KconfigType.unknown
    var prompt: String?
    var promptCondition: KconfigExpression?
    var depends: [(condition: KconfigExpression, place: KconfigPlace)] = []
    var defaults: [(value: KconfigExpression, condition: KconfigExpression?, place: KconfigPlace)] = []
    /// The symbols it selects (or implies), each with its condition.
    var selects: [(symbol: Int, condition: KconfigExpression?, place: KconfigPlace)] = []
    var implies: [(symbol: Int, condition: KconfigExpression?, place: KconfigPlace)] = []
    var ranges:
        [(
            low: KconfigExpression.Operand, high: KconfigExpression.Operand, condition: KconfigExpression?,
            place: KconfigPlace
        )] = []
    /// `option env="NAME"` of kernels before 4.18.
    var environment: String?
    /// `option defconfig_list` of kernels before 5.14: never written to a `.config`.
    var isUnwritten = false
    /// Keeps an old name's value for its successor.
    var isTransitional = false
}
