import Bytes
public import Diagnostics
public import KernelTree
public import Patching
public import Series
public import SystemPackage

/// A series to move from the tree it was made for to another one.
public struct RebaseRequest: Sendable {
    /// The tree that the series applies to.
    public var from: SourceLocation
    /// The tree that it is to apply to.
    public var to: SourceLocation
    /// The series.
    public var series: PatchSeries
    /// The folder for the new series; `nil` for a look at what would happen.
    public var into: FilePath?
    /// How the series is applied to the old tree.
    public var policy: PlacementPolicy
    /// How many threads work.
    public var workers = 1
    /// The environment of git.
    public var environment: [String: String] = [:]
    /// Folders with resolutions from elsewhere; what is decided in this run is kept in the first.
    public var resolutions: [FilePath] = []
    /// How the native files of twins are found, where their changes are to be carried over to the twins.
    public var twins: TwinNames?
    /// The words of the command line, so that it can be gone on with.
    public var command: [String] = []
    /// The folder in which they were said.
    public var folder: String = ""

    /// Asks for a series to be moved.
    public init(
        from: SourceLocation, to: SourceLocation, series: PatchSeries, into: FilePath?, policy: PlacementPolicy
    ) {
        self.from = from
        self.to = to
        self.series = series
        self.into = into
        self.policy = policy
    }

    /// What became of the series.
    public struct Outcome: Sendable {
        /// The patches, in order; those before the one that does not apply to the old tree, where one does not.
        public var patches: [PortedPatch] = []
        /// What became of the patch that does not apply to the old tree: then nothing is written.
        public var unfit: SeriesReport?
        /// What of the series was to be moved, and what is left out.
        public let selection: SeriesSelection
        /// The list of the new series; `nil` where nothing was written.
        public var list: FilePath?
        /// The folder of what could not be moved; `nil` where there is none.
        public var conflicts: FilePath?
        /// Resolutions that are not used, and why.
        public var refused: [Resolutions.Refused] = []
        /// What upstream's changes of native files mean for their twins; `nil` where nobody asked.
        public var twins: [PortedTwin]?
        /// The patch of the new series that carries them; `nil` where there is none.
        public var twinPatch: String?
        /// How many conflicts were decided in this folder.
        public var decided = 0
        /// The series as it is applied to the old tree.
        public var old: [PatchInput] = []
        /// What of it is in the new series, in order.
        public var new: [PatchInput] = []
        /// What somebody should know before all else.
        public var remarks: [String] = []
    }

    /// Moves the series, and writes the new one.
    /// - Throws: `SeriesError`, `KernelTreeError`, `PatchError`, `BytesError`.
    public func perform(progress: any ProgressSink) async throws -> Outcome {
        if let into, Files.exists(into) { throw SeriesError.taken(path: into) }
        var run = try await RebaseRun(self, progress: progress)
        try run.takeResolutions()
        guard let into else {
            try await run.port()
            return try run.outcome()
        }
        try await run.portAndTellHistory()
        guard run.unfit == nil else { return try run.outcome() }
        let folder = try RebaseFolder(into)
        do {
            try run.write(to: folder, state: RebaseState(command: command, folder: self.folder, series: run.digest))
            try folder.place()
        } catch {
            folder.discard()
            throw error
        }
        return try run.outcome(in: into)
    }
}
