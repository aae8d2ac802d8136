import Archive
import Bytes
import SystemPackage

/// Reads the patches that an RPM spec applies, from a spec file with its sources around it or from a source package.
///
/// The series holds what is applied in the main tree: the folder of the first patch. Patches for another folder (a second
/// phase, such as the hypervisor's own tree) are listed but left out, with their folder as the condition.
struct RpmSeries {
    let architecture: String
    let macros: [String: String]

    /// Reads a spec whose patches lie beside it, or in `SOURCES` beside its `SPECS`.
    func read(spec: FilePath, name: String) throws -> PatchSeries {
        let folder = spec.removingLastComponent()
        let sources = folder.removingLastComponent().appending("SOURCES")
        return try read(try SeriesText.lines(of: spec).map(\.text), spec: spec, folder: folder, name: name) { file in
            let beside = folder.appending(file)
            let other = sources.appending(file)
            return .file(!Files.isRegular(beside) && Files.isRegular(other) ? other : beside)
        }
    }

    /// Reads a source package (`.src.rpm`) without unpacking it to disk.
    func read(package: FilePath, name: String) throws -> PatchSeries {
        var spec: (name: String, lines: [String])?
        var files: [String: [UInt8]] = [:]
        try Archives.forEachEntry(in: .file(package)) { entry, content in
            guard entry.kind == .file, let file = entry.path.lastComponent?.string else { return .next }
            if file.hasSuffix(".spec") {
                let text = String(decoding: try content.bytes(limit: 16 << 20), as: UTF8.self)
                spec = (file, text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
            } else if !file.contains(".tar"), entry.size <= 64 << 20 {
                files[file] = try content.bytes(limit: 64 << 20)
            }
            return .next
        }
        guard let spec else { throw SeriesError.unknown(path: package, reason: "it has no spec file") }
        let stored = files
        return try read(spec.lines, spec: package.appending(spec.name), folder: package, name: name) { file in
            stored[file].map { .bytes($0) } ?? .file(package.appending(file))
        }
    }

    private func read(
        _ lines: [String], spec path: FilePath, folder: FilePath, name: String,
        content: (String) -> SeriesEntry.Content
    ) throws -> PatchSeries {
        let spec: SpecFile
        do throws(SpecProblem) {
            spec = try SpecFile(lines, architecture: architecture, macros: macros)
        } catch {
            throw SeriesError.malformed(at: SeriesPosition(file: path, line: error.line), reason: error.reason)
        }
        let main = spec.applied.first?.folder ?? ""
        var series = PatchSeries(name: name, dialect: .rpm, file: path, folder: folder, lines: [])
        for patch in spec.applied {
            let position = SeriesPosition(file: path, line: patch.line)
            _ = try SeriesText.file(patch.file, in: folder, at: position)
            let isMain = patch.folder == main
            if let backup = patch.backup {
                series.remarks.append(
                    SeriesRemark(
                        position: position,
                        text: "%patch -b \(backup) leaves backups; commands that use them are not run"))
            }
            series.lines.append(
                .entry(
                    SeriesEntry(
                        name: patch.file, content: content(patch.file), strip: patch.strip, reverse: patch.reverse,
                        position: position, guards: isMain ? [] : ["in:\(patch.folder)"], isIncluded: isMain,
                        comment: patch.number.map { "Patch\($0)" })))
        }
        let used = Set(spec.applied.map(\.file))
        for (number, listed) in spec.patches.sorted(by: { $0.key < $1.key }) where !used.contains(listed.file) {
            series.remarks.append(
                SeriesRemark(
                    position: SeriesPosition(file: path, line: listed.line),
                    text: "Patch\(number) (\(listed.file)) is listed, but %prep does not apply it"))
        }
        series.remarks += spec.remarks.map {
            SeriesRemark(position: SeriesPosition(file: path, line: $0.line), text: $0.text)
        }
        return series
    }
}
