/// What is wanted of an application beside its report.
public struct ApplicationOptions: Sendable {
    /// Whether the changes of the tree are kept for ``AppliedSeries/changes``; a verification does without.
    public var buildsChanges: Bool
    /// Who takes the changes instead, one by one while the series is being applied.
    public var staging: (any ChangeSink)?
    /// Whether the state before each patch is kept, for quilt's `.pc`.
    public var keepsPreimages: Bool
    /// Whether ``SeriesReport/resultDigest`` is computed.
    public var digestsResult: Bool
    /// Whether it is looked into why something does not apply; otherwise there is the reason only.
    public var explainsFailures = true
    /// The permission bits that new files do not get: the process' mask (umask(2)).
    public var mask: UInt16 = 0o022
    /// Whether hunks that moved are rewritten, for ``SeriesRefresh``.
    var refreshes: Bool
    /// Whether it is written down what was read of the tree, for ``SeriesVerifier``.
    var remembersInputs = false

    /// Whether anybody wants to know the changes.
    var needsChanges: Bool { buildsChanges || digestsResult || staging != nil }

    /// Chooses; without arguments the changes and nothing else.
    public init(buildsChanges: Bool = true, keepsPreimages: Bool = false, digestsResult: Bool = false) {
        self.init(
            buildsChanges: buildsChanges, keepsPreimages: keepsPreimages, digestsResult: digestsResult,
            refreshes: false)
    }

    init(
        buildsChanges: Bool = true, keepsPreimages: Bool = false, digestsResult: Bool = false, refreshes: Bool
    ) {
        self.buildsChanges = buildsChanges
        self.keepsPreimages = keepsPreimages
        self.digestsResult = digestsResult
        self.refreshes = refreshes
    }
}
