/// How far a hunk may differ from the place it names, and what becomes of emptied files: the options of patch(1).
public struct PlacementPolicy: Sendable, Hashable, CustomStringConvertible {
    /// Who applies patches that way, for reports.
    public var name: String
    /// The command line whose rules these are, without files; `nil` for rules of the kit's own.
    public var command: String?
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
    /// Whether a patch is applied though it seems to be applied already (`patch -f`). Without it GNU patch looks, before
    /// each try with more fuzz, whether the first hunk of a file is there already, and leaves the file alone if it is.
    public var appliesRepeated: Bool
    /// Whether a patch may stand in a series only once: quilt finds it applied already the second time.
    public var refusesRepeated = false

    /// A way to search for a hunk's place.
    public enum Search: Sendable, Hashable {
        /// GNU patch: the offset of a hunk carries over to the next, fuzz is possible.
        case gnu
        /// git apply: a hunk that names line 1 must be at the start of the file, one without trailing context at its
        /// end; offsets do not carry over.
        case git
    }

    /// Creates a policy.
    public init(
        name: String, command: String? = nil, fuzz: Int, removesEmptyFiles: Bool = false, acceptsBinary: Bool = true,
        acceptsContextDiffs: Bool = true, search: Search = .gnu, reading: PatchReading = .gnu,
        appliesRepeated: Bool = false, refusesRepeated: Bool = false
    ) {
        self.refusesRepeated = refusesRepeated
        self.name = name
        self.command = command
        self.fuzz = fuzz
        self.removesEmptyFiles = removesEmptyFiles
        self.acceptsBinary = acceptsBinary
        self.acceptsContextDiffs = acceptsContextDiffs
        self.search = search
        self.reading = reading
        self.appliesRepeated = appliesRepeated
    }

    /// GNU patch 2.7.6 without options, and with nobody to answer its questions.
    public static let gnu = PlacementPolicy(name: "gnu", command: "patch -p1", fuzz: 2, acceptsBinary: false)
    /// quilt 0.66; it does not pass `-E`.
    public static let quilt = PlacementPolicy(
        name: "quilt", command: "patch -p1 -f", fuzz: 2, acceptsBinary: false, appliesRepeated: true,
        refusesRepeated: true)
    /// The kernel-source scripts of SUSE.
    public static let suse = PlacementPolicy(
        name: "suse", command: "patch -s -F0 -E -p1 --no-backup-if-mismatch", fuzz: 0, removesEmptyFiles: true,
        acceptsBinary: false)
    /// dpkg-source 3.0 (quilt).
    public static let dpkg = PlacementPolicy(
        name: "dpkg", command: "patch -t -F 0 -N -p1 -u -V never -E -b", fuzz: 0, removesEmptyFiles: true,
        acceptsBinary: false, acceptsContextDiffs: false)
    /// rpm since 4.6.
    public static let rpm = PlacementPolicy(
        name: "rpm", command: "patch -p1 -s --fuzz=0 --no-backup-if-mismatch -f", fuzz: 0, acceptsBinary: false,
        appliesRepeated: true)
    /// git: no fuzz, binary patches accepted.
    public static let git = PlacementPolicy(
        name: "git", command: "git apply", fuzz: 0, acceptsContextDiffs: false, search: .git, reading: .git)
    /// Dom0Kit's own choice where nothing is asked for: no fuzz, everything git can express.
    public static let standard = PlacementPolicy(name: "dom0kit", fuzz: 0, reading: .kit)

    /// All of it in one line: `quilt (patch -p1 -f), fuzz 2, no binary patches, applies repeated, …`.
    public var description: String {
        var parts = [command.map { "\(name) (\($0))" } ?? name, "fuzz \(fuzz)"]
        if removesEmptyFiles { parts.append("removes empty files") }
        if !acceptsBinary { parts.append("no binary patches") }
        if !acceptsContextDiffs { parts.append("no context diffs") }
        if appliesRepeated { parts.append("applies repeated") }
        return (parts + ["search: \(search)", "reading: \(reading)"]).joined(separator: ", ")
    }

    /// The policies that have a name, for `--like`.
    public static let named: [PlacementPolicy] = Consumer.allCases.map(\.policy)
}
