/// A distribution release as data: everything that differs between distributions.
///
/// Read from `Profiles/NAME.yaml`. File names in it are relative to the kit's data folder.
public struct Profile: Sendable, Codable, Equatable {
    /// The name of the profile, which is the name of its file.
    public var name: String
    /// What it is, for people.
    public var title: String
    /// The kernel's `ARCH`.
    public var architecture: String
    /// Where the kernel source comes from.
    public var source: Source
    /// The series applied to it, in this order.
    public var series: [Series]
    /// How the `.config` is made.
    public var configuration: Configuration
    /// What is built.
    public var build: Build
    /// The test host and what must happen on it.
    public var boot: Boot

    /// A kernel source.
    public struct Source: Sendable, Codable, Equatable {
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
    public struct File: Sendable, Codable, Equatable {
        /// Its name.
        public var name: String
        /// Where it is published.
        public var address: String?
        /// Its SHA-256, where that was verified.
        public var sha256: String?
    }

    /// A patch series.
    public struct Series: Sendable, Codable, Equatable {
        /// The folder or file of the series.
        public var path: String
        /// Whose placement rules apply: `quilt`, `suse`, `dpkg`, `rpm` or `git`.
        public var like: String?
        /// The most context lines of a hunk that may differ; the policy's own where not given.
        public var fuzz: Int?
    }

    /// How a `.config` is made: a base, in-tree fragments, then the kit's fragments; later ones win.
    public struct Configuration: Sendable, Codable, Equatable {
        /// A make target of the tree (`tinyconfig`, `defconfig`), a file of the kit (a name with a slash), or `tree:` and a
        /// file of the tree.
        public var base: String
        /// Fragments that the tree itself carries, as make targets (`xen_dom0.config`).
        public var targets: [String]
        /// Fragments of the kit.
        public var fragments: [String]
        /// The dom0 requirements it is held against.
        public var requirements: String
        /// The string options that carry where the kernel's patches came from.
        public var provenance: Provenance?
    }

    /// The Kconfig string options of the kit's provenance patch.
    public struct Provenance: Sendable, Codable, Equatable {
        /// Takes the series' name.
        public var series: String
        /// Takes the SHA-256 of the series as applied.
        public var hash: String
    }

    /// What is built.
    public struct Build: Sendable, Codable, Equatable {
        /// Make's targets.
        public var targets: [String]
        /// The image below the output folder.
        public var image: String
    }

    /// What is booted.
    public struct Boot: Sendable, Codable, Equatable {
        /// The test hypervisor's name, a file of `Profiles/hypervisors`.
        public var hypervisor: String
        /// How dom0 runs: `pv` or `pvh`.
        public var dom0: String
        /// The guests that must start: `pv`, `pvh`, `hvm`.
        public var guests: [String]
        /// Files below `/sys/hypervisor` and what they must hold; `{series}` and `{hash}` stand for the series applied.
        public var sysfs: [String: String]?
        /// Lines the kernel must have logged, as regular expressions.
        public var log: [String]?
    }
}
