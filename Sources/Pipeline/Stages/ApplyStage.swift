import Bytes
import Diagnostics
import KernelBuild
import KernelSource
import KernelTree
import Patching
import Series
import SystemPackage

/// A series on a tree.
public struct ApplyResult: Sendable, Codable, Equatable {
    /// What it is called, as the kernel shows it.
    public let seriesName: String
    /// The SHA-256 of the series as applied, as the kernel shows it.
    public let seriesSHA256: String
    /// The patches in order.
    public let patches: [PatchSummary]
    /// The patches that make a tree of another age build on a machine of today, in order, and how each went.
    public let host: [PatchSummary]
    /// The patches that let programs of today run on the kernel, in order; `nil` where they were not asked for.
    public let compat: [PatchSummary]?
    /// What a maintainer should know: patches that were left out, a tree that was cleaned.
    public let notes: [String]
    /// How many files were changed.
    public let changedFiles: Int
    /// A hash of the tree's content: the source's and the series'.
    public let treeKey: String
    /// A hash of the very files afterwards, inodes and times of change among them.
    public let fingerprint: String
    /// Why it does not apply.
    public let failure: Failure?

    /// One patch.
    public struct PatchSummary: Sendable, Codable, Equatable {
        /// Its name in the series.
        public let name: String
        /// The SHA-256 of its file.
        public let sha256: String
        /// How it went: `clean`, `offset`, `fuzz`, `ambiguous`, `alreadyApplied`, `failed`, `skipped`.
        public let verdict: String
        /// Its hunks.
        public let hunks: Int
    }

    /// The first thing that does not apply.
    public struct Failure: Sendable, Codable, Equatable {
        /// `PATCH:LINE: FILE: hunk N does not apply: why`.
        public let message: String
        /// What was learned about it, line by line.
        public let explanation: [String]
    }
}

/// Applies the series to a clone of the source, in memory first, then all or nothing.
struct ApplyStage {
    let request: RunRequest
    let source: ImportResult
    /// What make is run with, where a tree that was built in has to be cleaned.
    let environment: BuildEnvironment
    private let parts: [Part]
    private let host: [Part]
    private let compat: [Part]

    /// A series with whose rules it is applied.
    private struct Part {
        let name: String
        let policy: PlacementPolicy
        let series: LoadedSeries
    }

    init(request: RunRequest, source: ImportResult, environment: BuildEnvironment) throws {
        self.request = request
        self.source = source
        self.environment = environment
        let given = request.series.map { Profile.Series(path: DataFile($0)) }
        parts = try (given.isEmpty ? request.profile.series : given).map { try Self.part($0, request) }
        host = try (request.profile.host ?? []).map { try Self.part($0, request) }
        compat = try request.compat ? (request.profile.compat?.series ?? []).map { try Self.part($0, request) } : []
    }

    private static func part(_ series: Profile.Series, _ request: RunRequest) throws -> Part {
        var reader = SeriesReader(guards: [request.profile.architecture.rawValue])
        reader.macros = request.macros
        let read = try reader.read(series.path.path)
        try SeriesStack(name: series.path.name, series: [read]).requireSelection()
        let loaded = try read.load(workers: request.jobs)
        return Part(
            name: series.path.path.lastComponent?.string ?? series.path.name, policy: series.policy, series: loaded)
    }

    /// The patched tree.
    var tree: FilePath { request.work.appending("tree") }
    /// Where the series is kept as applied, relative to the work folder.
    static let series = FilePath("series")

    private var seriesName: String { parts.map(\.name).joined(separator: "+") }

    /// The SHA-256 of the series (`LoadedSeries.digest`); of several, the SHA-256 of a line each.
    private var seriesSHA256: String {
        if let only = parts.first, parts.count == 1 { return only.series.digest.hex }
        return Digest(of: parts.map { "\($0.series.digest)  \($0.name)\n" }.joined()).hex
    }

    func inputs() -> StageInputs {
        var inputs: StageInputs = ["source": source.identity, "series": seriesName]
        Self.add(parts, "", to: &inputs)
        Self.add(host, "host ", to: &inputs)
        Self.add(compat, "compat ", to: &inputs)
        return inputs
    }

    private static func add(_ parts: [Part], _ kind: String, to inputs: inout StageInputs) {
        for (index, part) in parts.enumerated() {
            // Two series may have the same name, and patches of the same name.
            let place = kind + (parts.count == 1 ? "" : "\(index + 1): ")
            inputs["\(place)policy of \(part.name)"] = "\(part.policy)"
            inputs["\(place)order of \(part.name)"] = part.series.patches.map {
                "\($0.entry.name) -p\($0.entry.strip) \($0.entry.reverse ? "-R" : "")"
            }.joined(separator: "\n")
            for (number, patch) in part.series.patches.enumerated() {
                // Nor need a name be there only once in a series.
                let isFirst = part.series.patches.firstIndex { $0.entry.name == patch.entry.name } == number
                let name = isFirst ? patch.entry.name : "\(patch.entry.name) (\(number + 1))"
                inputs["\(place)patch \(name)"] = patch.digest.hex
            }
        }
    }

    /// What of an earlier result cannot be used any more.
    func damage(_ result: ApplyResult) async throws -> String? {
        guard Files.isDirectory(tree) else { return "the patched tree is gone" }
        return try await TreeFingerprint.of(tree, .files).hex == result.fingerprint
            ? nil : "the patched tree was touched"
    }

    func run(progress: any ProgressSink) async throws -> StageOutput<ApplyResult> {
        try Files.remove(tree)
        let unpacked = request.work.appending("source")
        try await TreeClone.make(unpacked, at: tree, progress: progress)
        try keepSeries()
        var summaries: [ApplyResult.PatchSummary] = []
        var files: Set<RelativePath> = []
        var failure: ApplyFailure?
        var verdict = Verdict.pass
        for part in parts where failure == nil {
            try Task.checkCancellation()
            let applied = try TreeTransaction(in: tree, workers: request.jobs).apply(
                part.series.inputs.map { PatchSource($0) }, policy: part.policy)
            summaries += zip(applied.report.patches, part.series.patches).map {
                ApplyResult.PatchSummary($0, sha256: $1.digest.hex)
            }
            files.formUnion(applied.changedPaths)
            verdict = max(verdict, applied.report.verdict)
            failure = applied.report.failure
        }
        var prepared = HostPreparation(tree: tree, jobs: request.jobs, environment: environment)
        for part in host where failure == nil {
            failure = try prepared.apply(part.series, named: part.name, policy: part.policy)
        }
        // Made for what the host's leave.
        var fitted = HostPreparation(
            tree: tree, jobs: request.jobs, environment: environment, purpose: "for programs of today")
        for part in compat where failure == nil {
            failure = try fitted.apply(part.series, named: part.name, policy: part.policy)
        }
        if failure == nil { try await prepared.clean(progress) }
        files.formUnion(prepared.changed.union(fitted.changed))
        let notes = prepared.notes + fitted.notes
        for note in notes { progress.report(.note(note)) }
        // Linking files into the clone, and taking them out again where they are patched, has changed their times.
        try SourceState.note(
            try await TreeFingerprint.of(unpacked, .files).hex, in: request.work, imported: source.state)
        let value = ApplyResult(
            seriesName: seriesName, seriesSHA256: seriesSHA256, patches: summaries, host: prepared.patches,
            compat: request.compat ? fitted.patches : nil, notes: notes, changedFiles: files.count,
            treeKey: inputs().key, fingerprint: failure == nil ? try await TreeFingerprint.of(tree, .files).hex : "",
            failure: failure.map(ApplyResult.Failure.init))
        let hunks = summaries.reduce(0) { $0 + $1.hunks }
        return StageOutput(
            value: value, verdict: verdict,
            summary: failure?.message
                ?? (parts.isEmpty ? "" : "\(seriesName): ")
                + "\(Wording.count(summaries.count, "patch", "patches")), \(Wording.count(hunks, "hunk")), \(Wording.count(files.count, "file"))"
                + prepared.summary + fitted.summary
        )
    }

    /// Keeps the patches as they are applied, in order.
    private func keepSeries() throws {
        let folder = request.work.pushing(Self.series)
        try Files.remove(folder)
        for (index, part) in parts.enumerated() {
            let own = folder.appending(parts.count == 1 ? part.name : "\(index + 1)-\(part.name)")
            try Files.createDirectories(own)
            for patch in part.series.patches {
                let path = own.pushing(FilePath(patch.entry.name))
                try Files.createDirectories(path.removingLastComponent())
                try Files.write(patch.blob.bytes, to: path)
            }
            let lines = part.series.patches.map(\.entry).map {
                "\($0.name)\($0.strip == 1 ? "" : " -p\($0.strip)")\($0.reverse ? " -R" : "")\n"
            }
            try Files.write(lines.joined(), to: own.appending("series"))
        }
    }
}

extension ApplyResult.PatchSummary {
    init(_ report: PatchReport, sha256: String) {
        self.init(
            name: report.name, sha256: sha256, verdict: report.verdict.rawValue,
            hunks: report.files.reduce(0) { $0 + $1.hunks.count })
    }
}

extension ApplyResult.Failure {
    fileprivate init(_ failure: ApplyFailure) {
        self.init(message: failure.message, explanation: failure.explanation.lines)
    }
}
