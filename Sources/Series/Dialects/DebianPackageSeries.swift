import Archive
import Bytes
import SystemPackage

/// Reads the patches of a Debian source package (`.dsc`, format 3.0 quilt) out of its packaging archive, without unpacking
/// it to disk.
struct DebianPackageSeries {
    let vendor: String
    let featuresets: Set<String>

    func read(_ control: FilePath, name: String) throws -> PatchSeries {
        let archive = try packaging(of: control)
        var files: [String: [UInt8]] = [:]
        try Archives.forEachEntry(in: .file(archive)) { entry, content in
            let path = entry.path.string
            if entry.kind == .file, path.hasPrefix("debian/patches"), entry.size <= 256 << 20 {
                files[path] = try content.bytes(limit: 256 << 20)
            }
            return .next
        }
        let stored = files
        func list(_ folder: String, _ file: String) throws -> PatchSeries? {
            guard let bytes = stored["debian/\(folder)/\(file)"] else { return nil }
            let place = archive.pushing(FilePath("debian/" + folder))
            return try QuiltSeries.read(
                bytes, of: place.appending(file), folder: place, name: name, dialect: .debian
            ) { entry, path in
                stored["debian/\(folder)/" + FilePath(entry).lexicallyNormalized().string].map { .bytes($0) }
                    ?? .file(path)
            }
        }
        guard var series = try list("patches", vendor + ".series") ?? list("patches", "series") else {
            throw SeriesError.unknown(path: control, reason: "its packaging has no debian/patches/series")
        }
        for featureset in featuresets.sorted() {
            guard let extra = try list("patches-" + featureset, "series") else { continue }
            series.add(extra, featureset: featureset)
        }
        return series
    }

    /// The packaging archive that a control file names, held against its checksum.
    private func packaging(of control: FilePath) throws -> FilePath {
        var isInside = false
        for (number, text) in try SeriesText.lines(of: control) {
            if text.hasPrefix(" ") == false { isInside = text.hasPrefix("Checksums-Sha256:") }
            let words = text.split(separator: " ").map(String.init)
            guard isInside, words.count == 3, words[2].contains(".debian.tar"), !words[2].contains("/") else {
                continue
            }
            let position = SeriesPosition(file: control, line: number)
            let path = control.removingLastComponent().appending(words[2])
            guard Files.isRegular(path) else { throw SeriesError.missingPatch(at: position, name: words[2]) }
            guard try Digest(ofFile: path).hex == words[0].lowercased() else {
                throw SeriesError.malformed(at: position, reason: "\(words[2]) has another SHA-256")
            }
            return path
        }
        throw SeriesError.unknown(
            path: control, reason: "it names no .debian.tar: only format 3.0 (quilt) is read as a series")
    }
}

extension PatchSeries {
    /// Puts the patches of a featureset after those of the package.
    mutating func add(_ extra: PatchSeries, featureset: String) {
        lines += extra.lines.map { line in
            guard case .entry(var entry) = line else { return line }
            entry.name = "patches-\(featureset)/" + entry.name
            entry.guards = ["featureset=" + featureset]
            return .entry(entry)
        }
        remarks += extra.remarks
    }
}
