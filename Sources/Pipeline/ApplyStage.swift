import Bytes
import Diagnostics
import KernelTree
import Patching
import SystemPackage

/// A series on a tree.
public struct ApplyResult: Sendable, Codable, Equatable {
    /// What it is called, as the kernel shows it.
    public let seriesName: String
    /// The SHA-256 of the series as applied, as the kernel shows it.
    public let seriesSHA256: String
    /// The patches in order.
    public let patches: [PatchSummary]
    /// How many files were changed.
    public let changedFiles: Int
    /// A hash of the tree's content: the source's and the series'.
    public let treeKey: String
    /// A hash of all files' names, sizes and times afterwards.
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
        /// What was found out about it, line by line.
        public let explanation: [String]
    }
}

/// Applies the series to a clone of the source, in memory first, then all or nothing.
struct ApplyStage {
    let request: RunRequest
    let source: ImportResult
    let patches: [PatchInput]
    let policy: PlacementPolicy
    let names: [(name: String, sha256: String)]

    init(request: RunRequest, source: ImportResult) throws {
        self.request = request
        self.source = source
        policy = .dpkg
        var patches: [PatchInput] = []
        var names: [(name: String, sha256: String)] = []
        for series in request.profile.series {
            let folder = request.store.resolve(series.path)
            let text = String(decoding: try Files.read(folder.appending("series")), as: UTF8.self)
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                let bytes = try Files.read(folder.appending(String(line)))
                patches.append(PatchInput(name: String(line), bytes: bytes))
                names.append((String(line), Digest(of: bytes).hex))
            }
        }
        self.patches = patches
        self.names = names
    }

    var tree: FilePath { request.work.appending("tree") }
    var seriesName: String { request.profile.series.map { FilePath($0.path).lastComponent?.string ?? $0.path }.joined(separator: "+") }
    var seriesSHA256: String { Digest(of: names.map { "\($0.sha256)  \($0.name)\n" }.joined()).hex }

    func inputs() throws -> StageInputs {
        ["series": seriesSHA256, "series name": seriesName, "policy": "\(policy.name) \(policy.fuzz)"]
    }

    func damage(_ result: ApplyResult) throws -> String? {
        guard Files.isDirectory(tree) else { return "the patched tree is gone" }
        return try Provisional.fingerprint(tree) == result.fingerprint ? nil : "the patched tree was touched"
    }

    func run(progress: any ProgressSink) throws -> StageOutput<ApplyResult> {
        try Files.remove(tree)
        try Provisional.clone(request.work.appending("source"), to: tree)
        let applied = try SeriesApplication.run(
            patches: patches, on: try FolderTree(tree), policy: policy, workers: request.jobs)
        let report = applied.report
        if report.failures.isEmpty { try TreeTransaction.commit(applied.changes, in: tree, workers: request.jobs) }
        let value = ApplyResult(
            seriesName: seriesName, seriesSHA256: seriesSHA256,
            patches: zip(report.patches, names).map { patch, name in
                ApplyResult.PatchSummary(
                    name: patch.name, sha256: name.sha256, verdict: patch.verdict.rawValue,
                    hunks: patch.files.reduce(0) { $0 + $1.hunks.count })
            },
            changedFiles: report.summary.files, treeKey: Digest(of: source.sha256 + seriesSHA256).hex,
            fingerprint: report.failures.isEmpty ? try Provisional.fingerprint(tree) : "",
            failure: report.failure.map { .init(message: $0.message, explanation: [$0.explanation.advice]) })
        return StageOutput(
            value: value, verdict: report.verdict,
            summary: report.failure?.message
                ?? "\(report.summary.patches) patches, \(report.summary.hunks) hunks, \(report.summary.files) files")
    }
}
