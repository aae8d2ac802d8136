import Concurrency
public import Diagnostics
public import KernelTree
public import Patching
public import Series
public import SystemPackage

/// Series held against trees: does each fit each, by the rules of each consumer? Nothing is changed.
public struct VerifyRequest: Sendable {
    /// A tree with what the results call it.
    public struct Tree: Sendable {
        /// Its name in results.
        public let name: String
        /// Where it is.
        public let location: SourceLocation

        /// Names a tree.
        public init(name: String, location: SourceLocation) {
            self.name = name
            self.location = location
        }
    }

    /// Where a verification remembers what it has found for the next one.
    public struct Memory: Sendable {
        /// The folder.
        public let folder: FilePath
        /// The program to the build: what another has written is not used.
        public let writer: String

        /// Names a folder and who writes to it.
        public init(folder: FilePath, writer: String) {
            self.folder = folder
            self.writer = writer
        }
    }

    /// The trees.
    public var trees: [Tree]
    /// The series, each held against every tree by itself.
    public var series: [SeriesStack]
    /// Whose rules are tried.
    public var policies: [PlacementPolicy]
    /// Where results are remembered; not at all where `nil`.
    public var memory: Memory?
    /// How many threads work.
    public var workers = 1
    /// The environment of git.
    public var environment: [String: String] = [:]

    /// Asks whether series fit trees.
    public init(trees: [Tree], series: [SeriesStack], policies: [PlacementPolicy]) {
        self.trees = trees
        self.series = series
        self.policies = policies
    }

    /// Holds every series against every tree, by every policy. Patch files are mapped meanwhile.
    /// - Returns: The outcome. Keeping it to the end of the process saves the time to free its memory.
    /// - Throws: `KernelTreeError`, `FolderTreeError`, `SeriesError`, `BytesError`; `PatchError` for a series that no
    ///   policy can read.
    public func perform(progress: any ProgressSink) async throws -> VerifyOutcome {
        let began = ContentIdentity.Time.now
        var sources: [any FetchedTree] = []
        for tree in trees { sources.append(try await TreeSource.open(tree.location, environment: environment)) }
        let store = try memory.map { try VerificationStore($0.folder, writer: $0.writer, workers: workers) }
        var outcome = VerifyOutcome()
        for stack in series {
            try await verify(stack, on: sources, store, began, into: &outcome, progress)
        }
        return outcome
    }

    private func verify(
        _ stack: SeriesStack, on sources: [any FetchedTree], _ store: VerificationStore?,
        _ began: ContentIdentity.Time, into outcome: inout VerifyOutcome, _ progress: any ProgressSink
    ) async throws {
        let patches = try stack.sources(mapped: true)
        let options = ApplicationOptions(buildsChanges: false, digestsResult: policies.count > 1)
        var unreadable: [PatchError] = []
        let selection = stack.selection
        for policy in policies {
            let name = memoryName(stack, policy, options)
            func add(_ report: SeriesReport, _ tree: Tree) {
                outcome.cells.append(
                    VerifyOutcome.Cell(
                        tree: tree.name, series: stack.name, policy: policy, report: report, selection: selection))
            }
            let verifier: SeriesVerifier
            do {
                try stack.requireList(for: policy)
                verifier = try SeriesVerifier(
                    sources: patches, policy: policy, workers: workers, options: options, memory: store?.memory(name),
                    sharesWork: sources.count > 1 || !(sources.first is FolderTree))
            } catch let error as PatchError where policies.count > 1 {
                // What one consumer cannot read others may.
                unreadable.append(error)
                for tree in trees { add(SeriesReport(unreadable: error, patches: patches.map(\.name)), tree) }
                continue
            }
            for (tree, source) in zip(trees, sources) {
                try Task.checkCancellation()
                add(try await verifier.verify(fetching: source), tree)
            }
            outcome.verifiers.append(verifier)
            if let store, let memory = verifier.memory(asOf: began) {
                do {
                    try store.keep(memory, as: name)
                } catch { progress.report(.warning("the cache is not kept: \(error.message)")) }
            }
        }
        if unreadable.count == policies.count, let error = unreadable.first { throw error }
    }

    /// Under what a verification is remembered: everything but the patches and the trees, which have names of their own.
    private func memoryName(_ stack: SeriesStack, _ policy: PlacementPolicy, _ options: ApplicationOptions) -> String {
        let files = stack.series.map(\.file.string).joined(separator: " ")
        return "\(files) \(policy.name) \(policy.fuzz)\(options.digestsResult ? " compared" : "")"
    }
}
