import Bytes
public import Diagnostics
import Host
public import SystemPackage

/// Gets packages of any Debian suite from the machine's own mirror, without root, verified by apt.
///
/// Everything it needs lies in one folder: private apt state per suite, and the packages. The folder may be shared by
/// several suites and by later runs; a lock keeps runs apart.
public struct PackageFetcher: Sendable {
    /// When to ask the mirror what it has.
    public enum Refresh: Sendable, Equatable {
        /// On every call.
        case always
        /// When the stored index is older than this. An index that cannot be renewed is used with a warning.
        case olderThan(Duration)
        /// Never: only what is stored is used.
        case never
    }

    /// The folder of state and packages.
    public let folder: FilePath
    /// The machine's sources.
    public let machine: MachineSources
    /// The architecture packages are wanted for, in dpkg's terms.
    public let architecture: String
    /// Names the key in sources that name none.
    public let keyring: FilePath?
    /// The environment of apt's processes: `PATH`, and proxies where the caller has them.
    public let environment: [String: String]
    /// When the index is renewed.
    public var refresh: Refresh
    /// How long apt may take to renew the index.
    public var updateDeadline: Duration = .seconds(300)

    /// Makes a fetcher.
    public init(
        folder: FilePath, machine: MachineSources, architecture: String = "amd64",
        keyring: FilePath? = "/usr/share/keyrings/debian-archive-keyring.gpg", environment: [String: String],
        refresh: Refresh = .olderThan(.seconds(6 * 3600))
    ) {
        self.folder = folder
        self.machine = machine
        self.architecture = architecture
        self.keyring = keyring.flatMap { Files.isRegular($0) ? $0 : nil }
        self.environment = environment
        self.refresh = refresh
    }

    /// Where packages are stored.
    public var packagesFolder: FilePath { folder.appending("packages") }

    /// Gets packages of a suite, in the order asked for.
    ///
    /// An exact version that is stored already needs no network at all.
    /// - Throws: ``PackagesError``, `HostError` or `BytesError`.
    public func fetch(
        _ requests: [PackageRequest], suite: String, progress: any ProgressSink = NoProgress()
    ) async throws -> [FetchedPackage] {
        try Files.createDirectories(packagesFolder)
        if let stored = try storedExactly(requests, suite: suite) { return stored }
        return try await withState(of: suite) { state, lock in
            try await renew(state, suite: suite, progress: progress)
            let available = try await resolve(requests, suite: suite, state: state)
            var fetched: [FetchedPackage] = []
            for package in available {
                fetched.append(try await download(package, state: state, progress: progress))
            }
            return fetched
        }
    }

    /// What a suite offers for the requests, without downloading them.
    /// - Throws: ``PackagesError``, `HostError` or `BytesError`.
    public func lookUp(
        _ requests: [PackageRequest], suite: String, progress: any ProgressSink = NoProgress()
    ) async throws -> [AvailablePackage] {
        try Files.createDirectories(packagesFolder)
        return try await withState(of: suite) { state, lock in
            try await renew(state, suite: suite, progress: progress)
            return try await resolve(requests, suite: suite, state: state)
        }
    }

    /// Runs `body` with the suite's apt state, which no other run uses meanwhile.
    func withState<Value: Sendable>(
        of suite: String, kind: AptSource.Kind = .binary, _ body: (AptState, WorkspaceLock) async throws -> Value
    ) async throws -> Value {
        let name = kind == .binary ? "\(suite)-\(architecture)" : "\(suite)-source"
        let state = AptState(
            folder: folder.appending("apt").appending(name), kind: kind, architecture: architecture,
            environment: environment)
        try Files.createDirectories(state.folder)
        let lock = try await Self.lock(state.folder)
        defer { lock.release() }
        // Made again each time: what the machine says on how to reach mirrors may have changed.
        let dump = try await Command(
            "apt-config", ["dump"], environment: environment, deadline: .seconds(30), package: "apt"
        ).capture()
        try state.prepare(acquire: AptState.reachingMirrors(dump: dump.text))
        return try await body(state, lock)
    }

    /// Takes the lock, waiting for another run's download.
    private static func lock(_ folder: FilePath) async throws -> WorkspaceLock {
        for _ in 0..<1200 {
            do {
                return try WorkspaceLock(folder: folder, holder: "another download")
            } catch HostError.locked {
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        return try WorkspaceLock(folder: folder, holder: "another download")
    }
}
