public import Hypervisor
public import KernelBuild
public import KernelModel
public import Patching

/// A distribution release as data: everything that differs between distributions.
///
/// Read from `Profiles/NAME.yaml` by ``ProfileStore``, which checks every value: what is here means something and exists.
/// File names in it are relative to the kit's data folder. Encoded, it has the fields of the file.
public struct Profile: Sendable, Encodable, Equatable {
    /// The name of the profile, which is the name of its file.
    public var name: String
    /// What it is, for display.
    public var title: String
    /// The kernel's `ARCH`.
    public var architecture: KernelArchitecture
    /// Where the kernel source comes from.
    public var source: Source
    /// The series applied to it, in this order.
    public var series: [Series]
    /// What a tree of another age needs to build on a machine of today: applied after the series, whichever that is, and
    /// apart from it; a patch of it whose change the tree has already is left out.
    public var host: [Series]?
    /// What lets programs of today run on it, for a run that asks for that.
    public var compat: Compat?
    /// How the `.config` is made.
    public var configuration: Configuration
    /// What is built.
    public var build: Build
    /// The test host and what must happen on it.
    public var boot: Boot

    /// A kernel source.
    public struct Source: Sendable, Encodable, Equatable {
        /// A Debian suite of the machine's mirror, such as `bookworm`.
        public var suite: String?
        /// A package of that suite that carries a kernel source; `*` stands for any digits, the newest is taken.
        public var package: String?
        /// A source package of that suite, in the place of ``package``.
        public var sourcePackage: String?
        /// Files that no mirror of the machine has, and that are given with `--source`; the first is the one to name.
        public var files: [File]?
        /// The upstream source that a checkout or a spec of ``files`` needs beside it.
        public var base: File?
        /// The version of Linux that it has to be; any where not given.
        public var version: String?
        /// Whether the patches that the source brings are applied: those of `debian/patches`, a spec or `series.conf`.
        public var patched: Bool?
        /// Symbols for the guards of those patches: flavour, architecture, featureset.
        public var guards: [String]?
        /// The fuzz of a spec's patches whose lines give none: 2 for rpm before 4.6.
        public var fuzz: Int?
        /// Where a source that no mirror of the machine has can be got, for the message.
        public var hint: String?
    }

    /// A file that has to be got.
    public struct File: Sendable, Encodable, Equatable {
        /// Its name.
        public var name: String
        /// Where it is published.
        public var address: String?
        /// Its SHA-256, where that was verified.
        public var sha256: String?
    }

    /// A patch series.
    public struct Series: Sendable, Encodable, Equatable {
        /// The folder or file of the series.
        public var path: DataFile
        /// Whose placement rules apply; the kit's own where not given.
        public var like: Consumer?
        /// The most context lines of a hunk that may differ, 0 to 3; the policy's own where not given.
        public var fuzz: Int?

        /// States a series.
        public init(path: DataFile, like: Consumer? = nil, fuzz: Int? = nil) {
            self.path = path
            self.like = like
            self.fuzz = fuzz
        }

        /// The placement rules with the fuzz asked for.
        public var policy: PlacementPolicy {
            var policy = like?.policy ?? .standard
            if let fuzz { policy.fuzz = fuzz }
            return policy
        }
    }

    /// What lets programs of today run on a kernel of another age, and how it is booted then.
    public struct Compat: Sendable, Encodable, Equatable {
        /// The series, applied after those of ``Profile/host`` and reported apart from them.
        public var series: [Series]
        /// More fragments of the kit.
        public var fragments: [DataFile]?
        /// What runs in the domains instead.
        public var userland: Userland?
        /// What each guest has to do instead.
        public var checks: [GuestCheck]?
        /// Whether programs of today are tried under the small userland.
        public var programs: Bool?
    }

    /// How a `.config` is made: a base, in-tree fragments, then the kit's fragments; later ones win.
    public struct Configuration: Sendable, Encodable, Equatable {
        /// A make target of the tree (`tinyconfig`, `defconfig`), a file of the kit (a name with a slash), or `tree:` and a
        /// file of the tree.
        public var base: BaseConfiguration
        /// Fragments that the tree itself carries, as make targets (`xen_dom0.config`).
        public var targets: [String]
        /// Fragments of the kit.
        public var fragments: [DataFile]
        /// The dom0 requirements it is held against.
        public var requirements: DataFile
        /// The string options that carry where the kernel's patches came from.
        public var provenance: Provenance?
    }

    /// The Kconfig string options of the kit's provenance patch.
    public struct Provenance: Sendable, Encodable, Equatable {
        /// Takes the series' name.
        public var series: String
        /// Takes the SHA-256 of the series as applied.
        public var hash: String
    }

    /// What is built.
    public struct Build: Sendable, Encodable, Equatable {
        /// Make's targets.
        public var targets: [String]
        /// The image below the output folder.
        public var image: String
        /// What it is built with; any compiler where not given.
        public var toolchain: CompilerRule?
    }

    /// What a table of boots combines.
    public struct Matrix: Sendable, Encodable, Equatable {
        /// The test hypervisors.
        public var hypervisors: [String]
        /// How dom0 runs.
        public var dom0: [DomainMode]
    }

    /// What is booted.
    public struct Boot: Sendable, Encodable, Equatable {
        /// The test hypervisor's name, a file of `Profiles/hypervisors`.
        public var hypervisor: String
        /// How dom0 runs: one of `DomainMode.dom0Modes`.
        public var dom0: DomainMode
        /// The guests that must start, each mode once.
        public var guests: [DomainMode]
        /// What each guest has to do; everything where not given.
        public var checks: [GuestCheck]?
        /// What runs in domain 0 and in the guests; the hypervisor's own toolstack where not given.
        public var userland: Userland?
        /// Whether programs of today are tried under the small userland.
        public var programs: Bool?
        /// What of a kernel's command line gives it a console on Xen; `console=hvc0` where not given.
        public var console: String?
        /// The processor model that QEMU emulates; the hypervisor description's where not given.
        public var processor: String?
        /// On which processors the kernel is known to crash, and what avoids it.
        public var crashes: [KnownCrash]?
        /// The machine's processors.
        public var processors: Int?
        /// Dom0's memory in MiB.
        public var dom0Memory: Int?
        /// More words for dom0's kernel command line.
        public var append: String?
        /// More words for Xen's command line.
        public var xenAppend: String?
        /// What `boot --matrix` combines.
        public var matrix: Matrix?
        /// Files below `/sys/hypervisor` and what they must hold; `{series}` and `{hash}` stand for the series applied.
        public var sysfs: [String: String]?
        /// Lines the kernel must have logged.
        public var log: [LogPattern]?
    }
}

extension Profile.Boot {
    /// Gives a request what the profile says of the machine and of what runs on it.
    public func adapt(_ request: inout BootRequest) {
        if let userland { request.userland = userland }
        if let programs { request.triesPrograms = programs }
        if let console { request.console = console }
        if let processors { request.processors = processors }
        if let processor { request.processor = processor }
        request.knownCrashes = crashes ?? []
    }
}

extension Profile {
    /// The profile with what lets programs of today run on its kernel.
    /// - Throws: ``PipelineError/noCompat(profile:)`` where it has nothing of the kind.
    public func withCompat() throws(PipelineError) -> Profile {
        guard let compat else { throw .noCompat(profile: name) }
        var profile = self
        profile.configuration.fragments += compat.fragments ?? []
        if let userland = compat.userland { profile.boot.userland = userland }
        if let checks = compat.checks { profile.boot.checks = checks }
        if let programs = compat.programs { profile.boot.programs = programs }
        return profile
    }
}
