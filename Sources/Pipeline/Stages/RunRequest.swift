import Debian
public import KernelTree
public import SystemPackage

/// A run of a profile.
public struct RunRequest: Sendable {
    /// The profile.
    public var profile: Profile
    /// Where the files a profile names are.
    public var store: ProfileStore
    /// The work folder, absolute; made where it is not there.
    public var work: FilePath
    /// A source to take instead of the profile's, its path absolute.
    public var source: SourceLocation?
    /// The upstream source of a checkout or a spec that does not carry it, its path absolute.
    public var base: SourceLocation?
    /// A compiler to take instead of the profile's: a name, a program's path, or the folder of an unpacked package.
    public var toolchain: String?
    /// Whether the profile's compat series are applied, so that programs of today run on the kernel.
    public var compat = false
    /// Series to apply instead of the profile's.
    public var series: [FilePath]
    /// Fragments laid over the profile's configuration.
    public var fragments: [FilePath]
    /// A test hypervisor to take instead of the profile's.
    public var hypervisor: String?
    /// The last stage to run.
    public var stopAfter: Stage
    /// How many jobs run at once.
    public var jobs: Int
    /// The environment external tools run in.
    public var variables: [String: String]
    /// Whether the mirrors are asked again for the newest source and hypervisor.
    public var refresh: Bool
    /// Macros that a spec finds defined.
    public var macros: [String: String]
    /// The kit's own version, for the evidence.
    public var kitVersion: String

    /// Gets packages from the machine's mirrors, and keeps them between runs in the work folder.
    func fetcher(refresh: PackageFetcher.Refresh = .olderThan(.seconds(6 * 3600))) throws -> PackageFetcher {
        PackageFetcher(
            folder: work.appending("packages"), machine: .read(suites: try DebianSuites.load(data: store.data)),
            environment: variables, refresh: refresh)
    }

    /// Describes a run.
    public init(
        profile: Profile, store: ProfileStore, work: FilePath, source: SourceLocation? = nil, series: [FilePath] = [],
        fragments: [FilePath] = [], hypervisor: String? = nil, stopAfter: Stage = .evidence, jobs: Int,
        variables: [String: String], refresh: Bool = false, macros: [String: String] = [:],
        kitVersion: String
    ) {
        self.profile = profile
        self.store = store
        self.work = work
        self.source = source
        self.series = series
        self.fragments = fragments
        self.hypervisor = hypervisor
        self.stopAfter = stopAfter
        self.jobs = jobs
        self.variables = variables
        self.refresh = refresh
        self.macros = macros
        self.kitVersion = kitVersion
    }
}
