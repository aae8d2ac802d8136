import Archive
import Bytes
import SystemPackage

/// The upstream source and the list of patches of an openSUSE kernel-source checkout, or of its unpacked source package.
package struct SuseSource {
    package let folder: FilePath
    /// The version of the archive that the patches are for (`SRCVERSION` of its `config.sh`).
    package let version: String
    /// The archive, where it is there.
    package let archive: FilePath?

    /// Where the settings are: in a checkout, in a source package, and in a checkout of 2008 and before.
    private static let settings = ["rpm/config.sh", "config.sh", "scripts/config.sh"]

    /// Whether a folder is one.
    package static func isOne(_ folder: FilePath) -> Bool {
        guard Files.isRegular(folder.appending("series.conf")), !Files.isRegular(folder.appending("Makefile")) else {
            return false
        }
        return settings.contains { Files.isRegular(folder.pushing(FilePath($0))) }
            || ((try? archives(in: folder)) ?? []).count == 1
    }

    package init(_ folder: FilePath) throws {
        self.folder = folder
        let archives = try Self.archives(in: folder)
        let settings = Self.settings.map { folder.pushing(FilePath($0)) }.first(where: Files.isRegular)
        if let settings {
            let text = String(decoding: try Files.read(settings), as: UTF8.self)
            guard let version = Self.value("SRCVERSION", text) else {
                throw KernelTreeError.malformedControl(path: settings, reason: "it does not say SRCVERSION=VERSION")
            }
            self.version = version
            archive = archives.first { Self.version(of: $0) == version }.map(folder.appending)
        } else {
            guard archives.count == 1, let version = archives.first.flatMap(Self.version) else {
                throw KernelTreeError.missingSource(of: folder, name: "one linux-VERSION.tar.xz", address: nil)
            }
            self.version = version
            archive = folder.appending(archives[0])
        }
    }

    /// A setting of a shell file: `NAME=VALUE`, without anything that a shell would have to work out.
    private static func value(_ name: String, _ text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(name + "=") {
            let value = line.dropFirst(name.count + 1).filter { $0 != "\"" && $0 != "'" }
            let isPlain = !value.isEmpty && value.allSatisfy { $0.isLetter || $0.isNumber || ".-_".contains($0) }
            return isPlain ? String(value) : nil
        }
        return nil
    }

    private static func archives(in folder: FilePath) throws -> [String] {
        try Files.list(folder).filter { $0.hasPrefix("linux-") && $0.contains(".tar") && version(of: $0) != nil }
    }

    private static func version(of archive: String) -> String? {
        guard archive.hasPrefix("linux-"), let end = range(of: ".tar", in: archive) else { return nil }
        let version = archive[archive.index(archive.startIndex, offsetBy: 6)..<end]
        return version.first?.isNumber == true ? String(version) : nil
    }

    private static func range(of part: String, in text: String) -> String.Index? {
        text.indices.last { text[$0...].hasPrefix(part) }
    }

    /// Where kernel.org keeps the archive.
    package var address: String {
        if version.contains("-rc") { return "https://git.kernel.org/torvalds/t/linux-\(version).tar.gz" }
        let parts = version.split(separator: ".")
        let folder =
            parts.first == "2" || parts.first == "1"
            ? "v\(parts.prefix(2).joined(separator: "."))" : "v\(parts.first ?? "").x"
        return "https://cdn.kernel.org/pub/linux/kernel/\(folder)/linux-\(version).tar.xz"
    }
}
