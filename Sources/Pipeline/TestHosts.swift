import Archive
import Bytes
import DebianPackages
import Diagnostics
import Hypervisor
import SystemPackage

/// Makes the test host of a run.
struct TestHosts {
    let request: RunRequest

    func prepare(progress: any ProgressSink) async throws -> PreparedHost {
        let name = request.hypervisor ?? request.profile.boot.hypervisor
        let path = request.store.resolve("Profiles/hypervisors/\(name).yaml")
        guard Files.isRegular(path) else {
            let known = try Files.list(request.store.resolve("Profiles/hypervisors")).map { String($0.dropLast(5)) }
            throw PipelineError.profileNames(what: "hypervisor", value: name, known: known)
        }
        let fetcher = PackageFetcher(folder: request.packages, environment: request.variables)
        return try await TestHost.prepare(
            try HypervisorDescription.read(path), cache: request.work.appending("hosts"),
            provider: DebianPackageProvider(fetcher: fetcher, progress: progress),
            deviceModel: request.profile.boot.guests.contains("hvm"), progress: progress)
    }
}

/// Debian packages, signature-checked by apt, unpacked into one root.
struct DebianPackageProvider: PackageProvider {
    let fetcher: PackageFetcher
    let progress: any ProgressSink

    func unpack(_ packages: [String], suite: String, into folder: FilePath) async throws -> [HostPackage] {
        let fetched = try await fetcher.fetch(packages.map { PackageRequest($0) }, suite: suite, progress: progress)
        var extraction = Extraction()
        extraction.links = .rootFileSystem
        extraction.merging = true
        for package in fetched { try await extraction.unpack(.debianPackage(package.path), into: folder) }
        return fetched.map { HostPackage(name: $0.name, version: $0.version, sha256: $0.digest.hex) }
    }
}
