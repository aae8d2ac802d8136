import Archive
import Bytes
public import SystemPackage

/// Reads series of every dialect.
public struct SeriesReader: Sendable {
    /// How to read it; detected where `nil`.
    public var dialect: SeriesDialect?
    /// The symbols that are defined for guards (architecture, flavour, user), and the architecture and featureset of a
    /// Debian kernel package (`featureset=xen`, `arch=amd64`, or the bare words).
    public var guards: Set<String>
    /// Whose `debian/patches/VENDOR.series` is taken in the place of `series`, as dpkg-source does on that vendor's systems.
    public var vendor = "debian"

    /// The architecture that `%ifarch` of a spec is held against, in RPM's terms.
    public var architecture = "x86_64"
    /// Macros that a spec finds defined, as `rpmbuild --define` gives them.
    public var macros: [String: String] = [:]
    /// How many threads read long lists; the result does not depend on it.
    public var workers = 1

    /// Makes a reader.
    public init(dialect: SeriesDialect? = nil, guards: Set<String> = []) {
        self.dialect = dialect
        self.guards = guards
    }

    /// Reads the list of a series. Patch files are not opened yet: ``PatchSeries/load(workers:)`` does.
    /// - Parameter path: A folder with a `series` or `series.conf` file, such a file, a source package's folder, a folder
    ///   of `git format-patch` files, a mailbox, or a single patch.
    /// - Throws: ``SeriesError``, `BytesError` or `ArchiveError`.
    public func read(_ path: FilePath) throws -> PatchSeries {
        if Files.isDirectory(path) { return try read(folder: path) }
        guard Files.exists(path) else { throw SeriesError.missing(path: path) }
        if !Files.isRegular(path) { return try read(stream: path) }
        return try read(file: path)
    }

    private func read(folder: FilePath) throws -> PatchSeries {
        let name = folder.lastComponent?.string ?? folder.string
        func has(_ file: String) -> Bool { Files.isRegular(folder.pushing(FilePath(file))) }
        if dialect == nil || dialect == .lenny, let patches = LennySeries.patches(of: folder) {
            return try LennySeries(symbols: guards).read(patches: patches, name: name)
        }
        if dialect == nil || dialect == .debian, has("debian/patches/\(vendor).series") || has("debian/patches/series")
        {
            return try debian(folder.pushing("debian/patches"), name: name)
        }
        if dialect == nil || dialect == .rpm, let template = try SpecTemplate.inUse(in: folder) {
            return try list(template, .rpm, name: name)
        }
        if dialect == nil || dialect == .suse, has("series.conf") {
            return try list(folder.appending("series.conf"), .suse, name: name)
        }
        if dialect == nil || dialect == .quilt, !has("series"), has("patches/series") {
            return try list(folder.pushing("patches/series"), .quilt, name: name)
        }
        if dialect != .git, dialect != .patch, has("series") {
            let isDebian = folder.lexicallyNormalized().removingLastComponent().lastComponent == "debian"
            if isDebian, dialect != .quilt { return try debian(folder, name: name) }
            return try list(folder.appending("series"), dialect ?? .quilt, name: name)
        }
        let names = try Files.list(folder)
        let specs = names.filter { $0.hasSuffix(".spec") }
        if dialect == nil || dialect == .rpm, specs.count == 1 {
            return try list(folder.appending(specs[0]), .rpm, name: name)
        }
        let specFolder = folder.appending("SPECS")
        if dialect == nil || dialect == .rpm, Files.isDirectory(specFolder) {
            let specs = try Files.list(specFolder).filter { $0.hasSuffix(".spec") }
            if specs.count == 1 { return try list(specFolder.appending(specs[0]), .rpm, name: name) }
        }
        let patches = names.filter {
            let plain = Compression.stripSuffix($0)
            return (plain.hasSuffix(".patch") || plain.hasSuffix(".diff")) && Files.isRegular(folder.appending($0))
        }
        // `0001-a.patch` of git format-patch, `100-a.patch` of OpenWrt.
        let numbered = patches.filter { Self.number($0) != nil }
        let inOrder = zip(numbered, numbered.dropFirst()).allSatisfy {
            (Self.number($0) ?? 0) <= (Self.number($1) ?? 0)
        }
        if dialect == .git || dialect == nil, inOrder, !numbered.isEmpty,
            numbered.count == patches.count || dialect == .git
        {
            return try Mailbox.read(folder: folder, files: numbered, name: name)
        }
        if dialect == .patch, !patches.isEmpty { return alphabetical(folder, patches, name: name) }
        if let dialect {
            throw SeriesError.unknown(path: folder, reason: "it has none of the files of a \(dialect.rawValue) series")
        }
        let reason =
            patches.isEmpty
            ? "it has no series file and no patches"
            : "it has no series file, and the names of its patches give them no order (the dialect 'patch' takes them in "
                + "alphabetical order)"
        throw SeriesError.unknown(path: folder, reason: reason)
    }

    /// The number that a patch's name begins with: digits, then `-` or `_`.
    private static func number(_ name: String) -> Int? {
        let digits = name.utf8.prefix { (48...57).contains($0) }
        guard (1...9).contains(digits.count), let next = name.utf8.dropFirst(digits.count).first,
            next == UInt8(ascii: "-") || next == UInt8(ascii: "_")
        else { return nil }
        return Int(String(Substring(digits)))
    }

    /// All patches of a folder by the bytes of their names, as Void's packages apply them.
    private func alphabetical(_ folder: FilePath, _ files: [String], name: String) -> PatchSeries {
        PatchSeries(
            name: name, dialect: .patch, file: folder, folder: folder,
            lines: files.map { file in
                let path = folder.appending(file)
                return .entry(
                    SeriesEntry(name: file, content: .file(path), position: SeriesPosition(file: path, line: 1)))
            })
    }

    /// `debian/patches` of a source package: its vendor's list, then those of the featuresets asked for, which Debian's
    /// kernel package applies on top of it (`debian/patches-FEATURESET/series`).
    private func debian(_ patches: FilePath, name: String) throws -> PatchSeries {
        let own = patches.appending(vendor + ".series")
        var series = try list(Files.isRegular(own) ? own : patches.appending("series"), .debian, name: name)
        let above = patches.removingLastComponent()
        for featureset in featuresets.sorted() where !featureset.contains("/") {
            let folder = above.appending("patches-" + featureset)
            guard Files.isRegular(folder.appending("series")) else { continue }
            series.add(try list(folder.appending("series"), .debian, name: name), featureset: featureset)
        }
        return series
    }

    /// The featuresets that the symbols may mean.
    private var featuresets: Set<String> {
        Set(guards.map { $0.hasPrefix("featureset=") ? String($0.dropFirst(11)) : $0 })
    }

    /// What can be read only once, such as a pipe: a patch or a mailbox.
    private func read(stream: FilePath) throws -> PatchSeries {
        let name = stream.lastComponent?.string ?? stream.string
        let content = try Files.read(stream)
        let first = content.prefix { $0 != UInt8(ascii: "\n") }
        if dialect == .git || MailEncoding.isEncodedMessage(content) || Mailbox.startsMessage(first) {
            return try Mailbox.read(content, of: stream, name: name)
        }
        guard dialect == nil || dialect == .patch, PatchHeader.hasDiff(content) else {
            throw SeriesError.unknown(
                path: stream, reason: "of what is read from a pipe, only a patch and a mailbox are a series")
        }
        let entry = SeriesEntry(name: name, content: .bytes(content), position: SeriesPosition(file: stream, line: 1))
        return PatchSeries(
            name: name, dialect: .patch, file: stream, folder: stream.removingLastComponent(), lines: [.entry(entry)])
    }

    private func read(file: FilePath) throws -> PatchSeries {
        let name = file.lastComponent?.string ?? file.string
        if name.hasSuffix(".dsc"), dialect == nil || dialect == .debian {
            return try DebianPackageSeries(vendor: vendor, featuresets: featuresets).read(file, name: name)
        }
        if let dialect { return try list(file, dialect, name: name) }
        if name.hasSuffix(".spec") || name.hasSuffix(".spec.in") || name.hasSuffix(".src.rpm") {
            return try list(file, .rpm, name: name)
        }
        if name == "series.conf" { return try list(file, .suse, name: Self.folderName(file)) }
        if name == "series" || name.hasSuffix(".series") || name.hasPrefix("series-") || name.hasPrefix("series.") {
            let above = file.removingLastComponent().lexicallyNormalized()
            let isDebian = above.lastComponent == "patches" && above.removingLastComponent().lastComponent == "debian"
            return try list(file, isDebian ? .debian : .quilt, name: Self.folderName(file))
        }
        let content = try Decompressor.decompress(file: file, limit: 1 << 28)
        let first = content.prefix { $0 != UInt8(ascii: "\n") }
        if MailEncoding.isEncodedMessage(content) { return try Mailbox.read(file, name: name) }
        if Mailbox.startsMessage(first), Self.messages(content) > 1 || !Mailbox.isMessageStart(first) {
            return try Mailbox.read(file, name: name)
        }
        if PatchHeader.hasDiff(content) || content.isEmpty { return try list(file, .patch, name: name) }
        throw SeriesError.unknown(
            path: file, reason: "its name is not that of a list of patches, and it contains no diff")
    }

    private func list(_ file: FilePath, _ dialect: SeriesDialect, name: String) throws -> PatchSeries {
        let folder = file.removingLastComponent()
        switch dialect {
        case .quilt, .debian:
            return try QuiltSeries.read(
                file, folder: try Self.patches(of: file), name: name, dialect: dialect,
                guards: dialect == .quilt ? guards : nil, workers: workers)
        case .suse: return try SuseSeries.read(file, folder: folder, name: name, defined: guards)
        case .lenny:
            guard let patches = LennySeries.patches(of: folder) else {
                throw SeriesError.unknown(path: file, reason: "it is not in a folder 'series' of files by revision")
            }
            return try LennySeries(symbols: guards).read(patches: patches, name: name)
        case .git: return try Mailbox.read(file, name: name)
        case .rpm:
            let rpm = RpmSeries(architecture: architecture, macros: macros, guards: guards)
            return name.hasSuffix(".rpm")
                ? try rpm.read(package: file, name: name) : try rpm.read(spec: file, name: name)
        case .patch:
            let entry = SeriesEntry(name: name, content: .file(file), position: SeriesPosition(file: file, line: 1))
            return PatchSeries(name: name, dialect: .patch, file: file, folder: folder, lines: [.entry(entry)])
        }
    }

    /// Where the patches of a quilt series are: beside it, or, as quilt itself works, in the folder `patches` beside it.
    private static func patches(of file: FilePath) throws -> FilePath {
        let folder = file.removingLastComponent()
        let inner = folder.appending("patches")
        guard file.lastComponent == "series", Files.isDirectory(inner) else { return folder }
        let names = try SeriesText.lines(of: file).compactMap { SeriesText.words(SeriesText.comment($0.text).0).first }
        func isIn(_ place: FilePath) -> Bool {
            names.contains { !$0.contains("..") && Files.exists(place.pushing(FilePath($0))) }
        }
        return !isIn(folder) && isIn(inner) ? inner : folder
    }

    private static func folderName(_ file: FilePath) -> String {
        file.removingLastComponent().lastComponent?.string ?? file.lastComponent?.string ?? file.string
    }

    private static func messages(_ content: [UInt8]) -> Int {
        content.split(separator: UInt8(ascii: "\n")).count(where: Mailbox.startsMessage)
    }
}
