/// The expressions of `%if`, as rpm evaluates them: numbers, strings, comparisons, logic and arithmetic.
struct SpecExpression {
    /// A value.
    enum Value: Equatable {
        case number(Int)
        case string(String)

        var isTrue: Bool {
            switch self {
            case .number(let number): number != 0
            case .string(let text): !text.isEmpty
            }
        }

        var text: String {
            switch self {
            case .number(let number): "\(number)"
            case .string(let text): text
            }
        }
    }

    private enum Token: Equatable {
        case value(Value)
        case sign(String)
    }

    private var tokens: [Token]
    private var index = 0
    private let line: Int

    /// The value of an expression whose macros are expanded already.
    static func evaluate(_ text: String, line: Int) throws(SpecProblem) -> Value {
        var expression = SpecExpression(tokens: try tokens(text, line), line: line)
        let value = try expression.either()
        guard expression.index == expression.tokens.count else {
            throw SpecProblem(line: line, reason: "the condition '\(text)' goes on behind its end")
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
            } else if character == "\"" {
                guard let end = characters[(index + 1)...].firstIndex(of: "\"") else {
                    throw SpecProblem(line: line, reason: "a string in the condition is not closed")
                }
                tokens.append(.value(.string(String(characters[(index + 1)..<end]))))
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
                } else if "!<>()+-*/".contains(character) {
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

    private mutating func either() throws(SpecProblem) -> Value {
        var left = try both()
        while take(["||"]) != nil {
            let right = try both()
            left = left.isTrue ? left : right
        }
        return left
    }

    private mutating func both() throws(SpecProblem) -> Value {
        var left = try comparison()
        while take(["&&"]) != nil {
            let right = try comparison()
            left = left.isTrue ? right : left
        }
        return left
    }

    private mutating func comparison() throws(SpecProblem) -> Value {
        let left = try sum()
        guard let sign = take(["==", "!=", "<=", ">=", "<", ">"]) else { return left }
        let right = try sum()
        let order: Int
        switch (left, right) {
        case (.number(let a), .number(let b)): order = a < b ? -1 : a > b ? 1 : 0
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
        return .number(holds ? 1 : 0)
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
        if take(["!"]) != nil { return .number(try unary().isTrue ? 0 : 1) }
        if take(["-"]) != nil { return try arithmetic(.number(0), try unary()) { $0.subtractingReportingOverflow($1) } }
        if take(["("]) != nil {
            let value = try either()
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
