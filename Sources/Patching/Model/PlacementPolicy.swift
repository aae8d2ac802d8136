/// How far a hunk may differ from the place it names, and what becomes of emptied files: the options of patch(1).
public struct PlacementPolicy: Sendable, Hashable {
    /// Who applies patches that way, for reports.
    public var name: String
    /// The most lines of leading and trailing context that may be ignored (`patch -F`).
    public var fuzz: Int
    /// Whether a file that a patch leaves empty is removed (`patch -E`).
    public var removesEmptyFiles: Bool
    /// Whether `GIT binary patch` is applied; GNU patch refuses it.
    public var acceptsBinary: Bool
    /// Whether context diffs are applied; `patch -u` and git do not.
    public var acceptsContextDiffs: Bool
    /// Whose search for a hunk's place it is.
    public var search: Search
    /// Whose rules for odd input it is.
    public var reading: PatchReading

    /// A way to search for a hunk's place.
    public enum Search: Sendable, Hashable {
        /// GNU patch: the offset of a hunk carries over to the next, fuzz is possible.
        case gnu
        /// git apply: a hunk that names line 1 must be at the start of the file, one without trailing context at its
        /// end; offsets do not carry over.
        case git
    }

    /// A custom policy.
    public init(
        name: String, fuzz: Int, removesEmptyFiles: Bool = false, acceptsBinary: Bool = true,
        acceptsContextDiffs: Bool = true, search: Search = .gnu, reading: PatchReading = .gnu
    ) {
        self.name = name
        self.fuzz = fuzz
        self.removesEmptyFiles = removesEmptyFiles
        self.acceptsBinary = acceptsBinary
        self.acceptsContextDiffs = acceptsContextDiffs
        self.search = search
        self.reading = reading
    }

    /// GNU patch 2.7.6 without options.
    public static let gnu = PlacementPolicy(name: "gnu", fuzz: 2, acceptsBinary: false)
    /// quilt 0.66: `patch -p1 -f` with the default fuzz; it does not pass `-E`.
    public static let quilt = PlacementPolicy(name: "quilt", fuzz: 2, acceptsBinary: false)
    /// The kernel-source scripts of SUSE: `patch -s -F0 -E -p1 --no-backup-if-mismatch`.
    public static let suse = PlacementPolicy(name: "suse", fuzz: 0, removesEmptyFiles: true, acceptsBinary: false)
    /// dpkg-source 3.0 (quilt): `patch -t -F 0 -N -p1 -u -V never -E -b`.
    public static let dpkg = PlacementPolicy(
        name: "dpkg", fuzz: 0, removesEmptyFiles: true, acceptsBinary: false, acceptsContextDiffs: false)
    /// rpm since 4.6: `patch -p1 -s --fuzz=0 --no-backup-if-mismatch -f`.
    public static let rpm = PlacementPolicy(name: "rpm", fuzz: 0, acceptsBinary: false)
    /// `git apply`: no fuzz, binary patches accepted.
    public static let git = PlacementPolicy(
        name: "git", fuzz: 0, acceptsContextDiffs: false, search: .git, reading: .git)
    /// Dom0Kit's own choice where nothing is asked for: no fuzz, everything git can express.
    public static let standard = PlacementPolicy(name: "dom0kit", fuzz: 0, reading: .kit)

    /// The policies that have a name, for `--like`.
    public static let named: [PlacementPolicy] = Consumer.allCases.map(\.policy)
}
