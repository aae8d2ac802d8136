/// A script of sed(1), as far as it is made of substitutions, deletions and prints of single lines.
package struct SedScript: Equatable {
    /// The script as written.
    package let source: String
    /// Whether its expressions are extended ones (`-E`, `-r`).
    package let isExtended: Bool
    /// Whether lines are printed only where it says so (`-n`).
    package let isQuiet: Bool
    private let commands: [Command]

    package static func == (left: SedScript, right: SedScript) -> Bool {
        left.source == right.source && left.isExtended == right.isExtended && left.isQuiet == right.isQuiet
    }

    private struct Command {
        enum Address {
            case all
            case line(Int)
            case matching(PosixRegex)
        }
        enum Action {
            case delete, print
            case substitute(PosixRegex, [Piece], everywhere: Bool, prints: Bool)
        }
        /// A part of a replacement: text, or a group of the match (0 is all of it).
        enum Piece {
            case text([UInt8])
            case group(Int)
        }
        let address: Address
        let isNegated: Bool
        let action: Action
    }

    /// Reads a script; `nil` for one with other commands.
    init?(_ source: String, isExtended: Bool, isQuiet: Bool) {
        self.source = source
        self.isExtended = isExtended
        self.isQuiet = isQuiet
        var commands: [Command] = []
        let text = Array(source)
        var index = 0
        while index < text.count {
            if " ;\n\t".contains(text[index]) {
                index += 1
                continue
            }
            guard commands.count < 1000, let command = Self.command(text, &index, isExtended) else { return nil }
            commands.append(command)
            while index < text.count, text[index] == " " { index += 1 }
            guard index == text.count || text[index] == ";" || text[index] == "\n" else { return nil }
        }
        guard !commands.isEmpty else { return nil }
        self.commands = commands
    }

    private static func command(_ text: [Character], _ index: inout Int, _ extended: Bool) -> Command? {
        var address = Command.Address.all
        if text[index] == "/" {
            index += 1
            guard let pattern = delimited(text, &index, by: "/"), let regex = PosixRegex(pattern, extended: extended)
            else {
                return nil
            }
            address = .matching(regex)
        } else if text[index].isNumber {
            let digits = String(text[index...].prefix { $0.isNumber })
            guard let number = Int(digits), number > 0 else { return nil }
            index += digits.count
            address = .line(number)
        }
        while index < text.count, text[index] == " " { index += 1 }
        var isNegated = false
        if index < text.count, text[index] == "!" {
            isNegated = true
            index += 1
        }
        guard index < text.count else { return nil }
        let name = text[index]
        index += 1
        switch name {
        case "d": return Command(address: address, isNegated: isNegated, action: .delete)
        case "p": return Command(address: address, isNegated: isNegated, action: .print)
        case "s":
            guard index < text.count, text[index] != "\\", text[index] != "\n" else { return nil }
            let mark = text[index]
            index += 1
            guard let pattern = delimited(text, &index, by: mark), let replacement = delimited(text, &index, by: mark)
            else { return nil }
            var (everywhere, ignoresCase, prints) = (false, false, false)
            while index < text.count, "gIip".contains(text[index]) {
                if text[index] == "g" {
                    everywhere = true
                } else if text[index] == "p" {
                    prints = true
                } else {
                    ignoresCase = true
                }
                index += 1
            }
            guard let regex = PosixRegex(pattern, extended: extended, ignoresCase: ignoresCase),
                let pieces = pieces(replacement)
            else { return nil }
            return Command(
                address: address, isNegated: isNegated,
                action: .substitute(regex, pieces, everywhere: everywhere, prints: prints))
        default: return nil
        }
    }

    /// The text up to a mark; the index goes behind it.
    private static func delimited(_ text: [Character], _ index: inout Int, by mark: Character) -> String? {
        var result = ""
        while index < text.count {
            let character = text[index]
            if character == "\\", index + 1 < text.count {
                // A mark behind a backslash is the mark itself.
                if text[index + 1] == mark {
                    result.append(mark)
                } else {
                    result += String(text[index...(index + 1)])
                }
                index += 2
                continue
            }
            if character == "\n" { return nil }
            if character == mark {
                index += 1
                return result
            }
            result.append(character)
            index += 1
        }
        return nil
    }

    private static func pieces(_ text: String) -> [Command.Piece]? {
        var pieces: [Command.Piece] = []
        var literal: [UInt8] = []
        var isEscaped = false
        func flush() {
            if !literal.isEmpty { pieces.append(.text(literal)) }
            literal = []
        }
        for character in text {
            if isEscaped {
                isEscaped = false
                if let digit = character.wholeNumberValue, character.isASCII {
                    flush()
                    pieces.append(.group(digit))
                } else if character.isLetter || character == "\n" {
                    return nil
                } else {
                    literal += Array(String(character).utf8)
                }
            } else if character == "\\" {
                isEscaped = true
            } else if character == "&" {
                flush()
                pieces.append(.group(0))
            } else {
                literal += Array(String(character).utf8)
            }
        }
        if isEscaped { return nil }
        flush()
        return pieces
    }

    /// What it makes of a file; `nil` for one with lines longer than 64 KiB, or with more than it should come to.
    package func run(on bytes: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        let endsOpen = bytes.last != UInt8(ascii: "\n")
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) }
        if !endsOpen { lines.removeLast() }
        if bytes.isEmpty { lines = [] }
        for (number, original) in lines.enumerated() {
            guard original.count <= 1 << 16, output.count <= 64 << 20 else { return nil }
            var line = original
            var isDeleted = false
            let end: [UInt8] = number == lines.count - 1 && endsOpen ? [] : [UInt8(ascii: "\n")]
            for command in commands where !isDeleted {
                let applies =
                    switch command.address {
                    case .all: true
                    case .line(let wanted): wanted == number + 1
                    case .matching(let regex): regex.find(in: line, from: 0) != nil
                    }
                guard applies != command.isNegated else { continue }
                switch command.action {
                case .delete: isDeleted = true
                case .print: output += line + [UInt8(ascii: "\n")]
                case .substitute(let regex, let pieces, let everywhere, let prints):
                    guard let changed = Self.substituted(line, regex, pieces, everywhere) else { continue }
                    guard changed.count <= 1 << 16 else { return nil }
                    line = changed
                    if prints { output += line + [UInt8(ascii: "\n")] }
                }
            }
            if !isDeleted, !isQuiet { output += line + end }
        }
        return output
    }

    private static func substituted(
        _ line: [UInt8], _ regex: PosixRegex, _ pieces: [Command.Piece], _ everywhere: Bool
    ) -> [UInt8]? {
        var result: [UInt8] = []
        var start = 0
        var isFound = false
        while start <= line.count, let match = regex.find(in: line, from: start), let whole = match[0] {
            isFound = true
            result += line[start..<whole.lowerBound]
            for piece in pieces {
                switch piece {
                case .text(let bytes): result += bytes
                case .group(let number): if let range = match[number] { result += line[range] }
                }
            }
            start = whole.upperBound
            if whole.isEmpty {
                if start < line.count { result.append(line[start]) }
                start += 1
            }
            if !everywhere || result.count > 1 << 17 { break }
        }
        guard isFound else { return nil }
        if start < line.count { result += line[start...] }
        return result
    }
}
