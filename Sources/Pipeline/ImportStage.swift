import Archive
import Bytes
import DebianPackages
import Diagnostics
import Kconfig
import SystemPackage
import Glibc

/// The kernel source of a run.
public struct ImportResult: Sendable, Codable, Equatable {
    /// The unpacked tree.
    public let tree: String
    /// The kernel's version.
    public let version: String
    /// The package and its version, or the path it was given by.
    public let origin: String
    /// The SHA-256 of the archive.
    public let sha256: String
    /// How many files there are.
    public let files: Int
    /// A hash of all files' names, sizes and times after unpacking: tells a tree that was touched since.
    public let fingerprint: String
}

/// Fetches and unpacks the source.
struct ImportStage {
    let request: RunRequest

    var tree: FilePath { request.work.appending("source") }

    func inputs() throws -> StageInputs {
        let source = request.profile.source
        return ["suite": source.suite ?? "", "package": source.package ?? "", "source": request.source?.string ?? ""]
    }

    func run(progress: any ProgressSink) async throws -> StageOutput<ImportResult> {
        guard let suite = request.profile.source.suite, var name = request.profile.source.package else {
            throw PipelineError.noSource(profile: request.profile.name, hint: request.profile.source.hint)
        }
        let fetcher = PackageFetcher(folder: request.work.appending("packages"), environment: request.variables)
        if let pattern = PackagePattern(name) {
            name = try await fetcher.newest(pattern, named: name, suite: suite, progress: progress)
        }
        let package = try await fetcher.fetch([PackageRequest(name)], suite: suite, progress: progress)[0]
        let unpacked = request.work.appending("source.tmp")
        try Files.remove(unpacked)
        try Files.createDirectories(unpacked)
        let result = try await Extraction().unpack(
            .member(of: .debianPackage(package.path), MemberPattern(prefix: "usr/src/linux-source-", suffix: ".tar.xz")),
            into: unpacked, progress: progress)
        try Files.remove(tree)
        let top = try Files.list(unpacked)
        rename(unpacked.appending(top[0]).string, tree.string)
        let version = try KernelVersion(ofTree: tree)
        return StageOutput(
            value: ImportResult(
                tree: tree.string, version: version.description, origin: "\(package.name) \(package.version)",
                sha256: package.digest.hex, files: result.files, fingerprint: try Provisional.fingerprint(tree)),
            verdict: .pass, summary: "\(package.name) \(package.version), \(result.files) files")
    }
}
