import Bytes
public import Debian
public import Diagnostics
import Glibc
import Host
public import KernelModel
public import SystemPackage

/// Kernels by hypervisors by modes of dom0: every combination booted, in one table.
public enum BootMatrix {
    /// One combination with what it showed.
    public struct Cell: Sendable, Codable, Equatable {
        /// The kernel, as it was given.
        public let kernel: String
        /// The test hypervisor.
        public let hypervisor: String
        /// How dom0 ran.
        public let dom0: DomainMode
        /// What it showed.
        public let result: BootVerdict
    }

    /// Boots every combination. Each has a folder of its own, `cell-N` in the work folder.
    /// - Parameters:
    ///   - request: What they have in common.
    ///   - jobs: How many machines run at once.
    /// - Returns: The cells in the order of the kernels, then the hypervisors, then the modes.
    /// - Throws: ``HypervisorError``, `PackagesError`, `HostError`, `ArchiveError` or `BytesError`.
    public static func run(
        _ request: BootRequest, kernels: [FilePath], hypervisors: [HypervisorDescription], modes: [DomainMode],
        jobs: Int, work: FilePath, packages: PackageFetcher, progress: any ProgressSink = NoProgress()
    ) async throws -> [Cell] {
        for kernel in kernels { _ = try request.requireKernel(kernel) }
        guard Tools.find(Emulator.program, in: request.environment["PATH"] ?? "") != nil else {
            throw HostError.toolMissing(name: Emulator.program, package: Emulator.package)
        }
        try Files.createDirectories(work)
        let lock = try WorkspaceLock(folder: work, holder: "dom0kit boot, process \(getpid())")
        defer { lock.release() }
        var hosts: [PreparedHost] = []
        for description in hypervisors {
            hosts.append(
                try await TestHost.prepare(
                    description, cache: work.appending("hosts"),
                    provider: DebianPackageProvider(fetcher: packages, progress: progress),
                    deviceModel: request.guests.contains(.hvm), userland: request.userland,
                    programs: request.triesPrograms, variables: request.environment, progress: progress))
        }
        var pending: [(kernel: FilePath, host: PreparedHost, request: BootRequest)] = []
        for kernel in kernels {
            var unpacked = request
            unpacked.kernel = kernel
            try await unpacked.unpackPackages(cache: work.appending("kernels"), progress: progress)
            for host in hosts {
                for mode in modes {
                    unpacked.dom0Mode = mode
                    unpacked.runFolder = work.appending("cell-\(pending.count + 1)")
                    pending.append((kernel, host, unpacked))
                }
            }
        }
        let cells = pending
        return try await withThrowingTaskGroup(of: (Int, Cell).self) { group in
            var done: [Int: Cell] = [:]
            var next = 0
            func startOne() {
                guard next < cells.count else { return }
                let (index, cell) = (next, cells[next])
                next += 1
                group.addTask {
                    let verdict = try await cell.host.boot(cell.request)
                    return (
                        index,
                        Cell(
                            kernel: cell.kernel.string, hypervisor: cell.host.description.name,
                            dom0: cell.request.dom0Mode, result: verdict)
                    )
                }
            }
            for _ in 0..<max(jobs, 1) { startOne() }
            while let (index, cell) = try await group.next() {
                done[index] = cell
                progress.report(
                    .advanced(
                        done: done.count, total: cells.count,
                        item: "\(cell.hypervisor), \(cell.dom0.rawValue): \(cell.result.verdict.rawValue)"))
                startOne()
            }
            return cells.indices.compactMap { done[$0] }
        }
    }
}
