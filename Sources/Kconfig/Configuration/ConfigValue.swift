public import SystemPackage

/// The place a setting comes from.
public struct ConfigOrigin: Sendable, Hashable, CustomStringConvertible {
    /// The file.
    public let file: FilePath
    /// The line, counted from 1.
    public let line: Int

    /// Names a place.
    public init(file: FilePath, line: Int) {
        self.file = file
        self.line = line
    }

    /// `FILE:LINE`.
    public var description: String { "\(file):\(line)" }
}

/// The value of a configuration symbol, as a `.config` writes it.
public enum ConfigValue: Sendable, Hashable {
    /// `# CONFIG_X is not set`, `CONFIG_X=n`, or no line at all.
    case no
    /// `CONFIG_X=m`.
    case module
    /// `CONFIG_X=y`.
    case yes
    /// A decimal or hexadecimal number, in the digits it was written with.
    case number(String)
    /// A string, without its quotes and escapes.
    case text([UInt8])

    /// Reads what follows the `=`; `nil` if it is not a value.
    init?(_ bytes: ArraySlice<UInt8>) {
        switch bytes.first {
        case UInt8(ascii: "y") where bytes.count == 1: self = .yes
        case UInt8(ascii: "m") where bytes.count == 1: self = .module
        case UInt8(ascii: "n") where bytes.count == 1: self = .no
        case UInt8(ascii: "\""):
            guard let text = Self.unquoted(bytes) else { return nil }
            self = .text(text)
        default:
            guard Self.isNumber(bytes) else { return nil }
            self = .number(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Whether it is the same value: numbers are compared as numbers (`0x10` is `16`).
    public func matches(_ other: ConfigValue) -> Bool {
        guard case .number(let left) = self, case .number(let right) = other else { return self == other }
        guard let one = Self.integer(left), let two = Self.integer(right) else { return left == right }
        return one == two
    }

    /// As a `.config` writes it after the `=`.
    public var bytes: [UInt8] {
        switch self {
        case .no: return [UInt8(ascii: "n")]
        case .module: return [UInt8(ascii: "m")]
        case .yes: return [UInt8(ascii: "y")]
        case .number(let digits): return Array(digits.utf8)
        case .text(let text):
            var quoted: [UInt8] = [UInt8(ascii: "\"")]
            for byte in text {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { quoted.append(UInt8(ascii: "\\")) }
                quoted.append(byte)
            }
            return quoted + [UInt8(ascii: "\"")]
        }
    }

    /// The number a `.config` or Kconfig file writes, in base 16 after `0x`, else in base 10.
    static func integer(_ text: String) -> Int128? {
        let negative = text.hasPrefix("-")
        let digits = negative ? text.dropFirst() : text[...]
        let lower = digits.lowercased()
        let magnitude = lower.hasPrefix("0x") ? Int128(lower.dropFirst(2), radix: 16) : Int128(lower, radix: 10)
        guard let magnitude, !lower.hasPrefix("-"), !lower.hasPrefix("+") else { return nil }
        return negative ? -magnitude : magnitude
    }

    /// The text between the quotes; `nil` unless the last byte is the closing quote.
    private static func unquoted(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        var index = bytes.startIndex + 1
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index == bytes.endIndex - 1 ? text : nil
            case UInt8(ascii: "\\"):
                index += 1
                guard index < bytes.endIndex else { return nil }
                text.append(bytes[index])
            default: text.append(bytes[index])
            }
            index += 1
        }
        return nil
    }

    /// Decimal digits with an optional minus, or hexadecimal digits with or without `0x`, as conf accepts them.
    private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        var digits = bytes
        if digits.first == UInt8(ascii: "-") { digits = digits.dropFirst() }
        if digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) { digits = digits.dropFirst(2) }
        return !digits.isEmpty
            && digits.allSatisfy { (48...57).contains($0) || (65...70).contains($0) || (97...102).contains($0) }
    }
}

extension ConfigValue: CustomStringConvertible, Codable {
    /// As a `.config` writes it, for display.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// Reads the form of ``description``.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = ConfigValue(Array(text.utf8)[...]) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a configuration value: \(text)"))
        }
        self = value
    }

    /// Writes the form of ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
