import Bytes
import Diagnostics
import FoundationEssentials
import SystemPackage

/// Gathers what a run came to in one folder that can be archived or handed on.
struct EvidenceFolder {
    /// The folder; made again by every run.
    let folder: FilePath
    /// The work folder.
    let work: FilePath

    /// Begins with an empty folder.
    init(work: FilePath) throws {
        self.work = work
        folder = work.appending("evidence")
        try Files.remove(folder)
        try Files.createDirectories(folder)
    }

    /// Takes a file or a folder of the work folder over, under another name where one is given; one that is not there
    /// is passed over, since a run that failed early has not made it.
    func take(_ path: FilePath, as name: String? = nil) throws {
        let source = work.pushing(path)
        guard let last = path.lastComponent?.string else { return }
        try copy(source, to: folder.pushing(FilePath(name ?? last)))
    }

    private func copy(_ source: FilePath, to target: FilePath) throws {
        if Files.isDirectory(source) {
            try Files.createDirectories(target)
            for name in try Files.list(source) { try copy(source.appending(name), to: target.appending(name)) }
        } else if Files.isRegular(source) {
            try Files.createDirectories(target.removingLastComponent())
            try Files.write(try Files.read(source), to: target)
        }
    }

    /// Writes the report, and a checksum of every other file for `sha256sum -c`.
    func finish(report: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try Files.write(Array(try encoder.encode(report)) + [UInt8(ascii: "\n")], to: folder.appending("evidence.json"))
        var sums = ""
        for file in try files(below: folder) where file != "SHA256SUMS" {
            sums += "\(try Digest(ofFile: folder.pushing(FilePath(file))).hex)  \(file)\n"
        }
        try Files.write(sums, to: folder.appending("SHA256SUMS"))
    }

    private func files(below path: FilePath, prefix: String = "") throws -> [String] {
        try Files.list(path).flatMap { name -> [String] in
            let below = path.appending(name)
            return Files.isDirectory(below) ? try files(below: below, prefix: prefix + name + "/") : [prefix + name]
        }
    }
}
