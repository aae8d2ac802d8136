/// The expressions of `%if`, as rpm evaluates them: numbers, strings, comparisons, logic and arithmetic.
struct SpecExpression {
    /// A value.
    enum Value: Equatable {
        case number(Int)
        case string(String)
        case version(String)

        var isTrue: Bool {
            switch self {
            case .number(let number): number != 0
            case .string(let text), .version(let text): !text.isEmpty
            }
        }

        var text: String {
            switch self {
            case .number(let number): "\(number)"
            case .string(let text), .version(let text): text
            }
        }
    }

    private enum Token: Equatable {
        case value(Value)
        case sign(String)
    }

    private var tokens: [Token]
    private var index = 0
    /// Brackets and signs around the value at hand.
    private var depth = 0
    private let line: Int

    /// The value of an expression whose macros are expanded already.
    static func evaluate(_ text: String, line: Int) throws(SpecProblem) -> Value {
        var expression = SpecExpression(tokens: try tokens(text, line), line: line)
        let value = try expression.choice()
        guard expression.index == expression.tokens.count else {
            throw SpecProblem(line: line, reason: "the condition '\(text)' has more behind its end")
        }
        return value
    }

    private init(tokens: [Token], line: Int) {
        self.tokens = tokens
        self.line = line
    }

    private static func tokens(_ text: String, _ line: Int) throws(SpecProblem) -> [Token] {
        let characters = Array(text)
        var tokens: [Token] = []
        var index = 0
        while index < characters.count {
            let character = characters[index]
            if character == " " || character == "\t" {
                index += 1
            } else if character == "\""
                || character == "v" && index + 1 < characters.count && characters[index + 1] == "\""
            {
                let start = index + (character == "v" ? 2 : 1)
                guard let end = characters[start...].firstIndex(of: "\"") else {
                    throw SpecProblem(line: line, reason: "a string in the condition is not closed")
                }
                let content = String(characters[start..<end])
                tokens.append(.value(character == "v" ? .version(content) : .string(content)))
                index = end + 1
            } else if character.isASCII, character.isNumber {
                let end = characters[index...].firstIndex { !($0.isASCII && $0.isNumber) } ?? characters.count
                guard let number = Int(String(characters[index..<end])) else {
                    throw SpecProblem(line: line, reason: "a number in the condition is too large")
                }
                tokens.append(.value(.number(number)))
                index = end
            } else if character.isLetter || character == "_" || character == "." {
                // rpm before 4.16 takes a bare word for a string.
                let end =
                    characters[index...].firstIndex { !($0.isLetter || $0.isNumber || "_.-".contains($0)) }
                    ?? characters.count
                tokens.append(.value(.string(String(characters[index..<end]))))
                index = end
            } else {
                let pair = String(characters[index..<min(index + 2, characters.count)])
                if ["==", "!=", "<=", ">=", "&&", "||"].contains(pair) {
                    tokens.append(.sign(pair))
                    index += 2
                } else if "!<>()+-*/?:".contains(character) {
                    tokens.append(.sign(String(character)))
                    index += 1
                } else {
                    throw SpecProblem(line: line, reason: "the condition '\(text)' is not understood at '\(character)'")
                }
            }
        }
        return tokens
    }

    private mutating func take(_ signs: [String]) -> String? {
        guard index < tokens.count, case .sign(let sign) = tokens[index], signs.contains(sign) else { return nil }
        index += 1
        return sign
    }

    /// `A ? B : C`.
    private mutating func choice() throws(SpecProblem) -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else { throw SpecProblem(line: line, reason: "the condition is nested too deeply") }
        let condition = try logic()
        guard take(["?"]) != nil else { return condition }
        let yes = try choice()
        guard take([":"]) != nil else {
            throw SpecProblem(line: line, reason: "a '?' in the condition has no ':'")
        }
        let no = try choice()
        return condition.isTrue ? yes : no
    }

    /// `&&` and `||`, which rpm reads from left to right, one as strong as the other.
    private mutating func logic() throws(SpecProblem) -> Value {
        var left = try comparison()
        while let sign = take(["&&", "||"]) {
            let right = try comparison()
            left = (sign == "&&") == left.isTrue ? right : left
        }
        return left
    }

    private mutating func comparison() throws(SpecProblem) -> Value {
        var left = try sum()
        while let sign = take(["==", "!=", "<=", ">=", "<", ">"]) {
            let right = try sum()
            let order: Int
            switch (left, right) {
            case (.number(let a), .number(let b)): order = a < b ? -1 : a > b ? 1 : 0
            case (.version(let a), .version(let b)): order = RpmVersion.compare(a, b)
            // A bare number beside a string is compared as text, as in `"6" == 6`.
            default: order = left.text == right.text ? 0 : left.text < right.text ? -1 : 1
            }
            let holds =
                switch sign {
                case "==": order == 0
                case "!=": order != 0
                case "<=": order <= 0
                case ">=": order >= 0
                case "<": order < 0
                default: order > 0
                }
            left = .number(holds ? 1 : 0)
        }
        return left
    }

    private mutating func sum() throws(SpecProblem) -> Value {
        var left = try product()
        while let sign = take(["+", "-"]) {
            let right = try product()
            if case .string(let a) = left, case .string(let b) = right, sign == "+" {
                left = .string(a + b)
            } else {
                left = try arithmetic(left, right) {
                    sign == "+" ? $0.addingReportingOverflow($1) : $0.subtractingReportingOverflow($1)
                }
            }
        }
        return left
    }

    private mutating func product() throws(SpecProblem) -> Value {
        var left = try unary()
        while let sign = take(["*", "/"]) {
            left = try arithmetic(left, try unary()) {
                sign == "*" ? $0.multipliedReportingOverflow(by: $1) : $0.dividedReportingOverflow(by: $1)
            }
        }
        return left
    }

    private mutating func unary() throws(SpecProblem) -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else { throw SpecProblem(line: line, reason: "the condition is nested too deeply") }
        if take(["!"]) != nil { return .number(try unary().isTrue ? 0 : 1) }
        if take(["-"]) != nil { return try arithmetic(.number(0), try unary()) { $0.subtractingReportingOverflow($1) } }
        if take(["("]) != nil {
            let value = try choice()
            guard take([")"]) != nil else {
                throw SpecProblem(line: line, reason: "a bracket in the condition is not closed")
            }
            return value
        }
        guard index < tokens.count, case .value(let value) = tokens[index] else {
            throw SpecProblem(line: line, reason: "the condition lacks a value")
        }
        index += 1
        return value
    }

    private func arithmetic(
        _ left: Value, _ right: Value, _ operation: (Int, Int) -> (partialValue: Int, overflow: Bool)
    ) throws(SpecProblem) -> Value {
        guard case .number(let a) = left, case .number(let b) = right else {
            throw SpecProblem(line: line, reason: "arithmetic with a string in a condition")
        }
        let (value, overflow) = operation(a, b)
        if overflow { throw SpecProblem(line: line, reason: "arithmetic in a condition overflows, or divides by zero") }
        return .number(value)
    }
}

/// Versions as rpm orders them (`rpmvercmp`).
enum RpmVersion {
    /// Below, equal to or above 0 as the first is older than, equal to or newer than the second.
    static func compare(_ first: String, _ second: String) -> Int {
        if first == second { return 0 }
        var (one, other) = (Array(first)[...], Array(second)[...])
        func isPart(_ character: Character) -> Bool { character.isASCII && (character.isLetter || character.isNumber) }
        while true {
            one = one.drop { !isPart($0) && $0 != "~" && $0 != "^" }
            other = other.drop { !isPart($0) && $0 != "~" && $0 != "^" }
            // A tilde is older than the end of the version.
            if one.first == "~" || other.first == "~" {
                if one.first != "~" { return 1 }
                if other.first != "~" { return -1 }
                (one, other) = (one.dropFirst(), other.dropFirst())
                continue
            }
            // A caret is newer than the end, and older than anything else.
            if one.first == "^" || other.first == "^" {
                if one.isEmpty { return -1 }
                if other.isEmpty { return 1 }
                if one.first != "^" { return 1 }
                if other.first != "^" { return -1 }
                (one, other) = (one.dropFirst(), other.dropFirst())
                continue
            }
            guard let start = one.first, let otherStart = other.first else {
                return one.isEmpty ? (other.isEmpty ? 0 : -1) : 1
            }
            let isNumber = start.isNumber
            // Digits are newer than letters.
            if isNumber != otherStart.isNumber { return isNumber ? 1 : -1 }
            let left = one.prefix { isPart($0) && $0.isNumber == isNumber }
            let right = other.prefix { isPart($0) && $0.isNumber == isNumber }
            (one, other) = (one.dropFirst(left.count), other.dropFirst(right.count))
            let (a, b) = isNumber ? (left.drop { $0 == "0" }, right.drop { $0 == "0" }) : (left, right)
            if isNumber, a.count != b.count { return a.count < b.count ? -1 : 1 }
            if String(a) != String(b) { return String(a) < String(b) ? -1 : 1 }
        }
    }
}
