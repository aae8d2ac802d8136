public import Diagnostics
public import SystemPackage

/// A series of patches in one normalized form, whatever it was written in.
public struct PatchSeries: Sendable {
    /// The last part of the path that makes sense as a name: the folder's, or the file's.
    public var name: String
    /// What it was written in.
    public var dialect: SeriesDialect
    /// The file that lists the patches; the folder or mailbox itself where there is none.
    public var file: FilePath
    /// The folder the patches' names start from.
    public var folder: FilePath
    /// Every line in order: entries, and comments and blank lines as they are.
    public var lines: [SeriesLine]
    /// Things in the series that are read in one way here and may be read in another elsewhere.
    public var remarks: [SeriesRemark]
    /// Patches that belong to the series but cannot be told from it: it must not be taken for complete.
    public var gaps: [SeriesRemark] = []

    /// States a series.
    public init(
        name: String, dialect: SeriesDialect, file: FilePath, folder: FilePath, lines: [SeriesLine],
        remarks: [SeriesRemark] = []
    ) {
        self.name = name
        self.dialect = dialect
        self.file = file
        self.folder = folder
        self.lines = lines
        self.remarks = remarks
    }

    /// Every entry that is listed, those left out by a condition among them.
    public var entries: [SeriesEntry] {
        lines.compactMap { line in
            if case .entry(let entry) = line { entry } else { nil }
        }
    }

    /// The entries that are to be applied, in order.
    public var included: [SeriesEntry] {
        lines.compactMap { line in
            if case .entry(let entry) = line, entry.isIncluded { entry } else { nil }
        }
    }
}

/// A line of a series.
public enum SeriesLine: Sendable, Equatable {
    /// A comment or a blank line, as it is.
    case text(String)
    /// A patch.
    case entry(SeriesEntry)
}

/// Something about a line that a maintainer should know.
public struct SeriesRemark: Sendable, Equatable {
    /// The line.
    public let position: SeriesPosition
    /// What about it.
    public let text: String

    /// As what is not understood.
    public var gap: Gap { Gap(file: position.file.string, line: position.line, text: text) }
}

/// A patch of a series: what, how, where it is listed, and under which condition.
public struct SeriesEntry: Sendable, Equatable {
    /// Where its bytes are.
    public indirect enum Content: Sendable, Equatable {
        /// A file, possibly compressed.
        case file(FilePath)
        /// A message of a mailbox, or a file inside an archive, possibly compressed.
        case bytes([UInt8])
        /// Of another patch only what it does to files below these folders.
        case part(of: Content, below: [String])
    }

    /// What an entry is.
    public enum Action: Sendable, Equatable {
        /// A patch that is applied or reverted.
        case patch
        /// A list of files to remove (`X` of the Lenny era).
        case files
    }

    /// Its name in the series, with sub-folders.
    public var name: String
    /// Its bytes.
    public var content: Content
    /// How many leading folders file names lose (`-p`).
    public var strip: Int
    /// Whether it is reverted instead of applied (`-R`).
    public var reverse: Bool
    /// The line that lists it.
    public var position: SeriesPosition
    /// What its line says beyond that, where it does.
    private var extras = Extras.none

    /// What few entries have: kept apart, since there are many entries, and they are handed around.
    private indirect enum Extras: Sendable, Equatable {
        case none
        case some(Fields)

        struct Fields: Sendable, Equatable {
            var guards: [String] = []
            var exclusions: [Exclusion] = []
            var comment: String?
            var action = Action.patch
            var fuzz: Int?
            var isForGit = false
            var backup: String?
            var condition: String?
        }

        private static let nothing = Fields()

        var fields: Fields {
            get { if case .some(let fields) = self { fields } else { Self.nothing } }
            set { self = newValue == Self.nothing ? .none : .some(newValue) }
        }

        var isSomething: Bool { if case .some = self { true } else { false } }
    }

    /// Its guards as written, such as `+xen -armv7hl` or `featureset=xen`; none for an unconditional entry.
    public var guards: [String] {
        get { extras.fields.guards }
        set { extras.fields.guards = newValue }
    }
    /// Why it is not applied; empty for an entry that is.
    public var exclusions: [Exclusion] {
        get { extras.fields.exclusions }
        set { extras.fields.exclusions = newValue }
    }
    /// A comment on its line, without the `#`.
    public var comment: String? {
        get { extras.fields.comment }
        set { extras.fields.comment = newValue }
    }
    /// What it is.
    public var action: Action {
        get { extras.fields.action }
        set { extras.fields.action = newValue }
    }
    /// The most context lines that may differ, where its line says so (`-F1`).
    public var fuzz: Int? {
        get { extras.fields.fuzz }
        set { extras.fields.fuzz = newValue }
    }
    /// Whether it is applied as `git apply` does, rather than as patch(1).
    public var isForGit: Bool {
        get { extras.fields.isForGit }
        set { extras.fields.isForGit = newValue }
    }
    /// The suffix of the copies that are left of the files it changes (`%patch -b`).
    public var backup: String? {
        get { extras.fields.backup }
        set { extras.fields.backup = newValue }
    }
    /// The condition around its line, as written (`%if %{includexen}`).
    public var condition: String? {
        get { extras.fields.condition }
        set { extras.fields.condition = newValue }
    }

    /// Whether it is applied.
    public var isIncluded: Bool { !extras.isSomething || extras.fields.exclusions.isEmpty }

    /// Whether it is a patch that is applied, with nothing else said of it.
    var isPlain: Bool { !extras.isSomething }

    /// States an entry.
    public init(
        name: String, content: Content, strip: Int = 1, reverse: Bool = false, position: SeriesPosition,
        guards: [String] = [], exclusions: [Exclusion] = [], comment: String? = nil
    ) {
        self.name = name
        self.content = content
        self.strip = strip
        self.reverse = reverse
        self.position = position
        if !guards.isEmpty || !exclusions.isEmpty || comment != nil {
            extras = .some(Extras.Fields(guards: guards, exclusions: exclusions, comment: comment))
        }
    }
}
