import Archive
public import Debian
public import Diagnostics
public import SystemPackage

/// Debian packages, signature-checked by apt and unpacked without root into one folder.
public struct DebianPackageProvider: PackageProvider {
    /// Gets the packages.
    public let fetcher: PackageFetcher
    /// Receives what is downloaded.
    public let progress: any ProgressSink

    /// Gets packages through a fetcher.
    public init(fetcher: PackageFetcher, progress: any ProgressSink = NoProgress()) {
        self.fetcher = fetcher
        self.progress = progress
    }

    /// Gets, checks and unpacks the packages.
    /// - Throws: `PackagesError`, `ArchiveError`, `HostError` or `BytesError`.
    public func unpack(_ packages: [String], suite: String, into folder: FilePath) async throws -> [HostPackage] {
        let fetched = try await fetcher.fetch(packages.map { PackageRequest($0) }, suite: suite, progress: progress)
        var extraction = Extraction()
        extraction.links = .rootFileSystem
        extraction.merging = true
        for package in fetched { try await extraction.unpack(.debianPackage(package.path), into: folder) }
        return fetched.map { HostPackage(name: $0.name, version: $0.version, sha256: $0.digest.hex) }
    }
}
