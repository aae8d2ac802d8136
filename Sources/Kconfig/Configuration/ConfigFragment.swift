import Bytes
import KernelModel
public import SystemPackage

/// One setting of a `.config` or fragment.
public struct ConfigEntry: Sendable, Hashable {
    /// The symbol, without `CONFIG_`.
    public let symbol: String
    /// Its value.
    public let value: ConfigValue
    /// Where it stands.
    public let origin: ConfigOrigin

    /// States a setting and where it was made.
    public init(symbol: String, value: ConfigValue, origin: ConfigOrigin) {
        self.symbol = symbol
        self.value = value
        self.origin = origin
    }

    /// Its line in a `.config`, without the end of line: an unset symbol is `# CONFIG_X is not set`.
    public var line: [UInt8] {
        value == .no
            ? Array("# CONFIG_\(symbol) is not set".utf8) : Array("CONFIG_\(symbol)=".utf8) + value.bytes
    }
}

/// The settings of a `.config` or fragment file, in the order of the file.
///
/// The grammar is that of conf (`conf_read_simple` in `scripts/kconfig/confdata.c`), read strictly: what conf would drop
/// with a warning, or take for something other than it says (`CONFIG_X=yes`), is an error here.
public struct ConfigFragment: Sendable {
    /// The file.
    public let path: FilePath
    /// The settings, one for each symbol.
    public let entries: [ConfigEntry]
    /// The kernel that made it, as conf writes at the top: `# Linux/x86 6.1.192 Kernel Configuration`.
    public let kernelVersion: KernelVersion?

    /// Reads a file.
    /// - Throws: ``KconfigError``.
    public init(path: FilePath) throws(KconfigError) {
        let content: [UInt8]
        do { content = try Files.read(path) } catch { throw .file(error) }
        try self.init(content, path: path)
    }

    /// Reads a file's content.
    /// - Parameters:
    ///   - content: The bytes.
    ///   - path: The file's name, for origins and errors.
    /// - Throws: ``KconfigError/malformedLine(_:reason:)``, ``KconfigError/contradiction(symbol:first:second:)``.
    public init(_ content: [UInt8], path: FilePath) throws(KconfigError) {
        self.path = path
        var entries: [ConfigEntry] = []
        var places: [String: Int] = [:]
        var number = 0
        var version: KernelVersion?
        var start = content.startIndex
        while start < content.endIndex {
            let end = content[start...].firstIndex(of: UInt8(ascii: "\n")) ?? content.endIndex
            var line = content[start..<end]
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            start = end == content.endIndex ? end : end + 1
            number += 1
            let origin = ConfigOrigin(file: path, line: number)
            guard let entry = try Self.entry(line, origin) else {
                if version == nil, number <= 8 { version = Self.version(line) }
                continue
            }
            if let place = places[entry.symbol] {
                // Saying the same thing twice does no harm; saying two things does.
                guard entries[place].value == entry.value else {
                    throw .contradiction(symbol: entry.symbol, first: entries[place].origin, second: origin)
                }
            } else {
                places[entry.symbol] = entries.count
                entries.append(entry)
            }
        }
        self.entries = entries
        kernelVersion = version
    }

    /// The version in a line like `# Linux/x86 6.1.192 Kernel Configuration` (before 2.6.38: `# Linux kernel version:
    /// 2.6.18`).
    private static func version(_ line: ArraySlice<UInt8>) -> KernelVersion? {
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard words.count >= 3, words[0] == "#", words[1].hasPrefix("Linux") else { return nil }
        return words.lazy.compactMap { KernelVersion(String($0)) }.first
    }

    /// The setting of one line; `nil` for a comment or an empty line.
    private static func entry(_ line: ArraySlice<UInt8>, _ origin: ConfigOrigin) throws(KconfigError) -> ConfigEntry? {
        guard let first = line.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }) else { return nil }
        if first == UInt8(ascii: "#") { return unset(line, origin) }
        guard line.starts(with: prefix) else {
            throw .malformedLine(origin, reason: "neither a setting nor a comment: '\(text(line))'")
        }
        let rest = line.dropFirst(prefix.count)
        guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else {
            throw .malformedLine(origin, reason: "a setting without '=': '\(text(line))'")
        }
        let name = rest[..<equals]
        guard isName(name) else {
            throw .malformedLine(origin, reason: "'\(text(line[..<equals]))' is not a symbol name")
        }
        guard let value = ConfigValue(rest[(equals + 1)...]) else {
            throw .malformedLine(
                origin,
                reason: "the value of CONFIG_\(text(name)) is not y, m, n, a number or a quoted string: "
                    + "'\(text(rest[(equals + 1)...]))'")
        }
        return ConfigEntry(symbol: String(decoding: name, as: UTF8.self), value: value, origin: origin)
    }

    /// `# CONFIG_X is not set`, which conf knows by these exact words at the beginning of the line.
    private static func unset(_ line: ArraySlice<UInt8>, _ origin: ConfigOrigin) -> ConfigEntry? {
        let mark = Array("# ".utf8) + prefix
        guard line.starts(with: mark) else { return nil }
        let rest = line.dropFirst(mark.count)
        guard let space = rest.firstIndex(of: UInt8(ascii: " ")), isName(rest[..<space]),
            rest[(space + 1)...].starts(with: "is not set".utf8)
        else { return nil }
        return ConfigEntry(
            symbol: String(decoding: rest[..<space], as: UTF8.self), value: .no, origin: origin)
    }

    private static let prefix = Array("CONFIG_".utf8)

    /// Whether it can be a symbol's name.
    static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    /// At most 120 bytes of a line, for a message.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.count > 120
            ? String(decoding: bytes.prefix(117), as: UTF8.self) + "…" : String(decoding: bytes, as: UTF8.self)
    }
}
