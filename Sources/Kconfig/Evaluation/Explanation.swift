/// Why a symbol has its value, and what would change it.
public struct Explanation: Sendable, Codable, Equatable {
    /// A condition of the Kconfig files with its value.
    public struct Condition: Sendable, Codable, Equatable {
        /// As the file writes it.
        public let text: String
        /// `n`, `m`, `y`, or `unknown` where only the build environment can tell.
        public let value: String
        /// `FILE:LINE`.
        public let place: String
    }

    /// A place where the symbol is defined.
    public struct Definition: Sendable, Codable, Equatable {
        /// `FILE:LINE`.
        public let place: String
        /// The prompt by which a user can set it; `nil` where there is none.
        public let prompt: String?
        /// Whether the prompt is to be seen: `n`, `m`, `y`, `unknown`.
        public let visible: String
        /// Everything the definition depends on, from the outermost menu in.
        public let depends: [Condition]
        /// Its defaults, each with its condition.
        public let defaults: [String]
    }

    /// A `select` or `imply` of another symbol.
    public struct Selector: Sendable, Codable, Equatable {
        /// The symbol that selects.
        public let symbol: String
        /// The condition, where there is one.
        public let condition: String?
        /// `FILE:LINE`.
        public let place: String
        /// What it comes to: `n`, `m`, `y`, `unknown`.
        public let value: String
    }

    /// A symbol on the way from what is wanted to what has to be set.
    public struct Step: Sendable, Codable, Equatable {
        /// What a step demands of the next ones.
        public struct Need: Sendable, Codable, Equatable {
            /// The condition as the file writes it; `nil` for the step's own setting.
            public let condition: String
            /// `FILE:LINE`.
            public let place: String
            /// The symbols that make it false.
            public let steps: [Step]
        }

        /// The symbol.
        public let symbol: String
        /// The value it has.
        public let value: String
        /// The value it should have.
        public let wanted: String
        /// What is to be said of it: `can be set`, `has no prompt`, `does not exist in this kernel`.
        public let remark: String?
        /// What it needs.
        public let needs: [Need]
    }

    /// The symbol, without `CONFIG_`.
    public let symbol: String
    /// The value it has.
    public let value: ConfigValue
    /// The value it should have.
    public let wanted: ConfigValue
    /// `bool`, `tristate`, `int`, `hex`, `string`; `nil` where it is not defined.
    public let type: String?
    /// Where it is defined; empty where this kernel has no such symbol.
    public let definitions: [Definition]
    /// What selects it, active ones first.
    public let selectedBy: [Selector]
    /// What implies it, active ones first.
    public let impliedBy: [Selector]
    /// The way to the value wanted; `nil` where it has it.
    public let step: Step?
    /// Settings that together give it the value wanted, such as `CONFIG_PCI=y`; empty where there are none.
    public let fix: [String]
    /// What stands in the way that no setting changes.
    public let obstacles: [String]
    /// Defined symbols with similar names, where it is not defined.
    public let nearest: [String]
    /// All of it in one line.
    public let summary: String
}
