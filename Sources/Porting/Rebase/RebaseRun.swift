import Bytes
import Concurrency
import Diagnostics
import KernelTree
import Merging
import Patching
import Series
import SystemPackage

/// A series being moved: the trees are opened once, and the patches are moved as often as more is known.
///
/// What comes of it depends on nothing but the two trees, the series, the resolutions and what is left out. So to go on
/// after a conflict is to do it again with one resolution more.
struct RebaseRun {
    let request: RebaseRequest
    private let progress: any ProgressSink
    private let loaded: LoadedSeries
    private let old: any FetchedTree
    private let new: any FetchedTree
    private let renames: UpstreamRenames
    private let learning: UpstreamLearning
    private let pieces: UpstreamPieces
    private let paths: [RelativePath]
    /// Those, and the native files of twins.
    private let named: Set<RelativePath>
    private let twinPorter: TwinPorter?
    /// The last patch that makes or changes a twin.
    private let lastTwinEntry: SeriesEntry?

    var resolutions = Resolutions()
    var skipped: Set<String> = []
    private(set) var patches: [PortedPatch] = []
    private(set) var unfit: SeriesReport?
    private(set) var twins: [PortedTwin] = []

    /// The patches as they were; the one for the twins, which was not there, is empty.
    var inputs: [PatchInput] {
        loaded.inputs + (patches.count > loaded.patches.count ? [PatchInput(name: twinPatch, bytes: [])] : [])
    }
    /// The digest of the series as it was.
    var digest: String { loaded.digest.hex }

    /// Reads the series and the files it names.
    init(_ request: RebaseRequest, progress: any ProgressSink) async throws {
        self.request = request
        self.progress = progress
        loaded = try request.series.load(workers: request.workers)
        paths = try Set(loaded.inputs.flatMap { try Self.paths(of: $0, request.policy) }).sorted()
        old = try await TreeSource.open(request.from, environment: request.environment)
        new = try await TreeSource.open(request.to, environment: request.environment)
        for tree in [old, new] { try await tree.fetch(paths) }
        let porter = try await TwinPorter(paths, names: request.twins ?? TwinNames(), old: old, new: new)
        let twins = Set(porter.pairs.map(\.twin))
        var all = Set(paths)
        if request.twins != nil {
            all.formUnion(porter.pairs.map(\.native))
            lastTwinEntry = try loaded.patches.last {
                try Self.paths(of: $0.input, request.policy).contains(where: twins.contains)
            }?.entry
            twinPorter = porter
        } else {
            (twinPorter, lastTwinEntry) = (nil, nil)
        }
        named = all
        renames = try await UpstreamRenames.find(all.sorted(), old: old, new: new)
        learning = UpstreamLearning(
            old: old, new: new, renames: renames, paths: all.sorted(), twins: twins, workers: request.workers)
        pieces = UpstreamPieces(old: old, new: new)
        try await pieces.prepare(
            try paths.filter { path in
                try renames[path] == nil && old.read(path)?.kind == .regular && new.read(path) == nil
            })
    }

    /// The files that a patch names.
    private static func paths(of input: PatchInput, _ policy: PlacementPolicy) throws -> [RelativePath] {
        try ParsedPatch.parse(input.blob, name: input.name, strip: input.strip, reading: policy.reading).files.flatMap {
            [$0.oldPath, $0.newPath, $0.indexPath].compactMap { $0 }
        }
    }

    /// Takes the resolutions that lie beside the series, and those of the folders named.
    mutating func takeResolutions() throws {
        let beside = request.series.folder.appending(RebaseFolder.resolutions)
        var seen: Set<FilePath> = []
        for folder in [beside] + request.resolutions where seen.insert(folder.lexicallyNormalized()).inserted {
            try resolutions.take(folder: folder, isOwn: false)
        }
    }

    /// Moves every patch, with what is known now.
    mutating func port() async throws {
        var porter = PatchPorter(
            old: old, new: new, renames: renames, learning: learning, pieces: pieces, paths: paths,
            resolutions: resolutions,
            skipped: skipped, policy: request.policy, workers: request.workers)
        patches = []
        let inputs = loaded.inputs
        for (index, input) in inputs.enumerated() {
            try Task.checkCancellation()
            progress.report(.advanced(done: index, total: inputs.count, item: input.name))
            switch try await porter.port(input) {
            case .ported(let patch): patches.append(patch)
            case .unfit(let report):
                unfit = report
                return
            }
        }
        patches = patches.withPrerequisites()
        let reading = request.policy.reading
        let differences = try Parallel.map(count: inputs.count, workers: request.workers) { [patches] index in
            guard let blob = patches[index].blob, blob !== inputs[index].blob else { return PatchDifference?.none }
            var new = inputs[index]
            new.blob = blob
            return try PatchDifference(from: inputs[index], to: new, reading: reading)
        }
        for (index, difference) in differences.enumerated() { patches[index].difference = difference }
        guard let twinPorter else { return }
        let outcome = try twinPorter.port(
            old: old, new: new, moved: porter.new, renames: renames, learning: learning, resolutions: resolutions,
            name: twinPatch,
            isSkipped: skipped.contains(twinPatch))
        twins = outcome.twins
        if let patch = outcome.patch { patches.append(patch) }
    }

    /// What the patch for the twins is called: it lies where the last patch for twins does.
    private var twinPatch: String {
        let folder = FilePath(lastTwinEntry?.name ?? "").removingLastComponent()
        let taken = Set(request.series.entries.map(\.name))
        for number in 0... {
            let name = folder.appending(number == 0 ? "twins.patch" : "twins-\(number).patch").string
            if !taken.contains(name) { return name }
        }
        return ""
    }

    /// Asks the history about what could not be moved, and about what the new tree has.
    mutating func tellHistory() async throws {
        let history = try await RebaseHistory(from: request.from, to: request.to, environment: request.environment)
        guard hasQuestions, let history else { return }
        progress.report(.began(what: "read the history between the trees"))
        patches = try await history.told(patches, try await history.changes(of: named))
    }

    /// The same after every patch was moved; git looks into the history meanwhile.
    mutating func portAndTellHistory() async throws {
        let history = try await RebaseHistory(from: request.from, to: request.to, environment: request.environment)
        let named = named
        async let changes = history?.changes(of: named)
        try await port()
        guard unfit == nil, hasQuestions, let history else { return }
        progress.report(.began(what: "read the history between the trees"))
        guard let changes = try await changes else { return }
        patches = try await history.told(patches, changes)
    }

    /// Whether there is something that the history could tell of.
    private var hasQuestions: Bool {
        patches.contains { $0.verdict == .conflict || $0.files.contains { $0.verdict == .upstream } }
    }

    // MARK: the new series

    /// Writes the new series; what was decided is kept in the folder for resolutions as well.
    func write(to folder: RebaseFolder, kept: RebaseFolder.Kept = [:], state: RebaseState) throws {
        var state = state
        state.skipped = skipped.sorted()
        try folder.write(moved, as: dialect, Array(zip(patches, inputs)), resolutions, kept: kept, state: state)
    }

    /// Keeps what was decided in the first folder for resolutions.
    mutating func keep() throws {
        guard let folder = request.resolutions.first else { return }
        try Files.createDirectories(folder)
        for (name, content) in resolutions.files() {
            let file = folder.appending(name)
            if Files.exists(file) {
                if try Files.read(file) != content { resolutions.refuse(file, "it is not what was decided here") }
            } else {
                try Files.write(content, to: file)
            }
        }
    }

    private var dialect: SeriesDialect {
        switch request.series.dialect {
        case .quilt, .debian, .suse: request.series.dialect
        default: .quilt
        }
    }

    /// The name of the new list.
    var listName: String { SeriesWriter.fileName(dialect) }

    /// The new series.
    private var moved: PatchSeries {
        var moved = request.series
        moved.lines = []
        var index = 0
        for line in request.series.lines {
            guard case .entry(let entry) = line, entry.isIncluded else {
                moved.lines.append(line)
                continue
            }
            moved.lines += Self.lines(for: entry, patches[index], loaded.patches[index].blob)
            index += 1
        }
        if let patch = patches.last, patches.count > loaded.patches.count, let blob = patch.blob {
            moved.lines.append(
                .entry(
                    SeriesEntry(
                        name: patch.name, content: .bytes(blob.bytes),
                        position: SeriesPosition(file: moved.file, line: moved.lines.count + 1),
                        guards: lastTwinEntry?.guards ?? [])))
        }
        return moved
    }

    /// What stands in the new list for a patch.
    private static func lines(for entry: SeriesEntry, _ patch: PortedPatch, _ old: Blob) -> [SeriesLine] {
        var entry = entry
        switch patch.verdict {
        // Its bytes are those of its file, compressed or not.
        case .fits: return [.entry(entry)]
        case .upstream, .skipped: return [.text("# \(patch.verdict.rawValue): \(entry.name)")]
        case .moved, .merged, .conflict:
            let remark =
                patch.verdict == .conflict ? "# conflict\(patch.blob == nil ? "" : ", in part"): \(entry.name)" : nil
            guard let blob = patch.blob else { return [.text(remark ?? "")] }
            let isKept = if case .file = entry.content { blob === old } else { false }
            if !isKept {
                entry.content = .bytes(blob.bytes)
                entry.name = plainName(entry.name)
            }
            return (remark.map { [.text($0)] } ?? []) + [.entry(entry)]
        }
    }

    /// The name without what says how the file was compressed: what is written anew is not.
    static func plainName(_ name: String) -> String {
        for suffix in [".gz", ".bz2", ".xz", ".zst"] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return name
    }

    // MARK: the result

    /// What became of the series.
    /// - Parameter folder: Where the new series is; `nil` where nothing was written.
    func outcome(in folder: FilePath? = nil) throws -> RebaseRequest.Outcome {
        var outcome = RebaseRequest.Outcome(selection: request.series.selection)
        outcome.patches = patches
        outcome.unfit = unfit
        outcome.refused = resolutions.refused
        outcome.old = loaded.inputs
        outcome.new = zip(patches, inputs).compactMap { patch, input in
            guard let blob = patch.blob else { return nil }
            var moved = input
            moved.blob = blob
            return moved
        }
        outcome.decided = resolutions.decided.count
        if twinPorter != nil { outcome.twins = twins }
        if patches.count > loaded.patches.count, patches.last?.blob != nil { outcome.twinPatch = twinPatch }
        outcome.list = folder?.appending(listName)
        if let folder, patches.contains(where: { $0.verdict == .conflict }) {
            outcome.conflicts = folder.appending(RebaseFolder.conflicts)
        }
        if let remark = try unrelated() { outcome.remarks.append(remark) }
        return outcome
    }

    /// What is to be said where the trees have little in common.
    private func unrelated() throws -> String? {
        let there = try paths.filter { try old.read($0)?.kind == .regular }
        let both = try there.count { try new.read($0)?.kind == .regular }
        guard there.count >= 3, both * 10 < there.count else { return nil }
        return "of \(there.count) files that the series changes the new tree has \(both): is it the same program?"
    }
}
