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
    static func embeddedConfig(_ elf: [UInt8], path: FilePath) throws(ImageError) -> [UInt8]? {
        guard let start = elf.position(of: Array("IKCFG_ST".utf8) + [0x1f, 0x8b]) else { return nil }
        guard let end = elf.position(of: Array("IKCFG_ED".utf8), from: start) else {
            throw .malformed(path, reason: "its embedded configuration has no end")
        }
        do {
            return try Decompressor.decompress(
                Array(elf[(start + 8)..<end]), name: "\(path): embedded configuration", limit: 16 << 20)
        } catch {
            throw .malformed(path, reason: "its embedded configuration cannot be decompressed: \(error.message)")
        }
    }
}
