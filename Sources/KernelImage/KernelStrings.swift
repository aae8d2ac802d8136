import Archive
import SystemPackage

/// Texts inside a kernel.
enum KernelStrings {
    /// The banner after `Linux version `, up to the end of its line.
    static func banner(_ elf: [UInt8]) -> String? {
        let mark = Array("Linux version ".utf8)
        var start = 0
        while let place = elf.position(of: mark, from: start) {
            let text = elf.text(at: place + mark.count, limit: 512)?.prefix { $0 != "\n" } ?? ""
            // The format string of /proc/version begins the same way.
            if let first = text.utf8.first, (48...57).contains(first) { return String(text) }
            start = place + mark.count
        }
        return nil
    }

    /// The release: the first word of a banner.
    static func release(_ banner: String) -> String { String(banner.prefix { $0 != " " }) }

    /// The `.config` between `IKCFG_ST` and `IKCFG_ED`, a gzip file (Linux: `kernel/configs.c`, `scripts/extract-ikconfig`).
    /// - Returns: The configuration, and why it could not be read where something looks like one.
    static func embeddedConfig(_ elf: [UInt8], path: FilePath) -> (content: [UInt8]?, damage: String?) {
        var from = 0
        var damage: String?
        // The mark may also stand in other data, such as a tool's.
        for _ in 0..<mostMarks {
            guard let start = elf.position(of: Array("IKCFG_ST".utf8) + [0x1f, 0x8b], from: from) else { break }
            from = start + 8
            guard let end = elf.position(of: Array("IKCFG_ED".utf8), from: start) else {
                return (nil, "its embedded configuration has no end, and is not looked at")
            }
            do {
                let name = "\(path): embedded configuration"
                let content = try Decompressor.decompress(Array(elf[from..<end]), name: name, limit: 16 << 20)
                return (content, nil)
            } catch { damage = "its embedded configuration cannot be decompressed, and is not looked at" }
        }
        return (nil, damage)
    }

    /// How many marks of a configuration are tried.
    private static let mostMarks = 16
}
