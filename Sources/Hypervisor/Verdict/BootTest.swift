import Bytes
public import Debian
public import Diagnostics
import Glibc
import Host
public import SystemPackage

/// A boot from the description of a hypervisor to the verdict.
public enum BootTest {
    /// Gets the hypervisor and boots a kernel on it, alone in a work folder.
    /// - Parameters:
    ///   - request: What is booted.
    ///   - hypervisor: On what.
    ///   - work: The folder that is locked meanwhile and keeps the test hosts (`hosts`); made if it is not there.
    ///   - packages: Where packages come from.
    /// - Throws: ``HypervisorError``, `PackagesError`, `HostError` or `BytesError`.
    public static func run(
        _ request: BootRequest, hypervisor: HypervisorDescription, work: FilePath, packages: PackageFetcher,
        progress: any ProgressSink = NoProgress()
    ) async throws -> BootVerdict {
        try request.requireKernel()
        // Looked for first: packages are not downloaded for a boot that cannot begin.
        guard Tools.find(Emulator.program, in: request.environment["PATH"] ?? "") != nil else {
            throw HostError.toolMissing(name: Emulator.program, package: Emulator.package)
        }
        try Files.createDirectories(work)
        let lock = try WorkspaceLock(folder: work, holder: "dom0kit boot, process \(getpid())")
        defer { lock.release() }
        var request = request
        try await request.unpackPackages(cache: work.appending("kernels"), progress: progress)
        let host = try await TestHost.prepare(
            hypervisor, cache: work.appending("hosts"),
            provider: DebianPackageProvider(fetcher: packages, progress: progress),
            deviceModel: request.guests.contains(.hvm), userland: request.userland, programs: request.triesPrograms,
            variables: request.environment,
            progress: progress)
        return try await host.boot(request, progress: progress)
    }
}

extension BootVerdict {
    /// The exit status that the verdict stands for.
    public var exitStatus: ExitStatus {
        guard verdict == .fail else { return .success }
        return failure?.kind == .infrastructure ? .infrastructure : .bootFails
    }
}

extension BootRequest {
    /// Reads the kernel image.
    /// - Throws: ``HypervisorError/noKernel(path:reason:)``, or `BytesError` where it cannot be read.
    @discardableResult
    func requireKernel() throws -> [UInt8] { try requireKernel(kernel) }

    /// Reads a kernel image, dom0's or the guests'.
    func requireKernel(_ path: FilePath) throws -> [UInt8] {
        guard Files.isRegular(path) else {
            throw HypervisorError.noKernel(
                path: path, reason: Files.exists(path) ? "it is a folder or a special file" : "it is not there")
        }
        let content = try Files.read(path)
        guard !content.isEmpty else { throw HypervisorError.noKernel(path: path, reason: "it is empty") }
        return content
    }
}
