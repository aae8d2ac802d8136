import Bytes
public import KernelModel
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

/// A symbol to which one file gives two different values.
public struct ConfigRepetition: Sendable, Hashable {
    /// What the file says first.
    public let replaced: ConfigEntry
    /// What holds: the later line.
    public let by: ConfigEntry

    /// For people, with both places.
    public var summary: String {
        "\(by.origin): CONFIG_\(by.symbol) is \(by.value) here and \(replaced.value) in line \(replaced.origin.line);"
            + " the later line holds, as for Kconfig"
    }
}

/// The settings of a `.config` or fragment file, in the order of the file.
///
/// The grammar is that of conf (`conf_read_simple` in `scripts/kconfig/confdata.c`), read strictly: what conf would drop
/// with a warning, or take for something other than it says (`CONFIG_X=yes`), is an error here. Of two lines about one
/// symbol the later holds.
public struct ConfigFragment: Sendable {
    /// The file.
    public let path: FilePath
    /// The settings, one for each symbol.
    public let entries: [ConfigEntry]
    /// The kernel that made it, as conf writes at the top: `# Linux/x86 6.1.192 Kernel Configuration`.
    public let kernelVersion: KernelVersion?
    /// The `ARCH` that those lines name, as they write it; `nil` where they name none.
    public let architecture: NamedArchitecture?
    /// Whether those lines say that Kconfig made the file, so that what it does not mention is off.
    public let isGenerated: Bool
    /// The symbols to which the file gives two different values.
    public let repetitions: [ConfigRepetition]

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
    /// - Throws: ``KconfigError/malformedLine(_:reason:)``.
    public init(_ content: [UInt8], path: FilePath) throws(KconfigError) {
        self.path = path
        var entries: [ConfigEntry?] = []
        var repetitions: [ConfigRepetition] = []
        var places: [String: Int] = [:]
        var number = 0
        var title = Title()
        var start = content.startIndex
        while start < content.endIndex {
            let end = content[start...].firstIndex(of: UInt8(ascii: "\n")) ?? content.endIndex
            var line = content[start..<end]
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            start = end == content.endIndex ? end : end + 1
            number += 1
            let origin = ConfigOrigin(file: path, line: number)
            guard let entry = try Self.entry(line, origin) else {
                if number <= 8 { title.read(line, origin) }
                continue
            }
            if let place = places[entry.symbol], let earlier = entries[place] {
                if earlier.value == entry.value { continue }
                repetitions.append(ConfigRepetition(replaced: earlier, by: entry))
                entries[place] = nil
            }
            places[entry.symbol] = entries.count
            entries.append(entry)
        }
        self.entries = entries.compactMap { $0 }
        self.repetitions = repetitions
        kernelVersion = title.version
        architecture = title.architecture
        isGenerated = title.isGenerated
    }

    /// What conf says in the first lines: `# Automatically generated file; DO NOT EDIT.` and `# Linux/x86 6.1.192 Kernel
    /// Configuration` (before 2.6.38: `# Linux kernel version: 2.6.18`). Source: `conf_write` in
    /// `scripts/kconfig/confdata.c` and the `mainmenu` of the top `Kconfig`.
    private struct Title {
        var version: KernelVersion?
        var architecture: NamedArchitecture?
        var isGenerated = false

        mutating func read(_ line: ArraySlice<UInt8>, _ origin: ConfigOrigin) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count >= 3, words[0] == "#" else { return }
            if words[1] == "Automatically", words[2] == "generated" { isGenerated = true }
            guard version == nil, words[1].hasPrefix("Linux") else { return }
            version = words.lazy.compactMap { KernelVersion(String($0)) }.first
            if words[1].hasPrefix("Linux/") {
                architecture = NamedArchitecture(name: String(words[1].dropFirst("Linux/".count)), origin: origin)
            }
        }
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
