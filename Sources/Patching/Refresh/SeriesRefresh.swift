/// A series rewritten so that it applies without offset and fuzz.
public struct SeriesRefresh: Sendable {
    /// A patch whose text changes.
    public struct Patch: Sendable {
        /// Its place in the series, from 0.
        public let index: Int
        /// Its new text; everything outside of the hunks that moved is as it was.
        public let blob: Blob
        /// How many of its hunks were rewritten.
        public let hunks: Int
    }

    /// What became of the series as it was.
    public let before: SeriesReport
    /// What becomes of the patches that fit now: the proof, made by applying them again without fuzz.
    public let after: SeriesReport
    /// The patches whose text changes.
    public let patches: [Patch]
    /// Whether the patches that fit now apply cleanly and give the same tree as before, byte for byte.
    public let isProven: Bool
    /// The patches that do not fit, by their places in the series: they stay as they are, and the others are made clean
    /// without them.
    public let unfit: [Int]
    /// How the others were placed, with their places in the series.
    private let fitted: [(index: Int, report: PatchReport)]

    /// A hunk of the series as it was whose place is in doubt: rewritten, it no longer says so.
    public struct DoubtfulHunk: Sendable {
        /// The patch's place in the series, from 0.
        public let patch: Int
        /// The file.
        public let file: RelativePath
        /// How it was placed.
        public let hunk: HunkReport
    }

    /// The hunks that were placed by fuzz, without context, ambiguously, or in another function.
    public var doubtful: [DoubtfulHunk] {
        fitted.flatMap { index, patch in
            patch.files.flatMap { file in
                file.hunks.filter { !$0.warnings.isEmpty }.map {
                    DoubtfulHunk(patch: index, file: file.path, hunk: $0)
                }
            }
        }
    }

    /// Applies a series in memory and writes down what would make it clean.
    /// - Parameter policy: How exact placement has to be for the series as it is.
    /// - Throws: ``PatchError``, and what `tree` throws.
    public static func run(
        patches: [PatchInput], on tree: any TreeReading, policy: PlacementPolicy, workers: Int = 1
    ) throws -> SeriesRefresh {
        let options = ApplicationOptions(buildsChanges: false, digestsResult: true, refreshes: true)
        let first = try SeriesApplication.run(
            patches: patches, on: tree, policy: policy, workers: workers, options: options)
        // What does not fit is left out, until the rest does.
        var fitting = Array(patches.indices)
        var placed = first
        while !placed.report.failures.isEmpty {
            let failed = Set(placed.report.failures.map(\.patchIndex))
            fitting = fitting.indices.filter { !failed.contains($0) }.map { fitting[$0] }
            if failed.isEmpty || fitting.isEmpty { break }
            placed = try SeriesApplication.run(
                patches: fitting.map { patches[$0] }, on: tree, policy: policy, workers: workers, options: options)
        }
        let unfit = patches.indices.filter { !fitting.contains($0) }
        guard placed.report.failures.isEmpty else {
            return SeriesRefresh(
                before: first.report, after: first.report, patches: [], isProven: false, unfit: unfit, fitted: [])
        }
        var renewed = fitting.map { patches[$0] }
        var changed: [Patch] = []
        var at = 0
        let rewritten = placed.rewritten
        while at < rewritten.count {
            let index = rewritten[at].entry.patch
            var hunks: [RewrittenHunk] = []
            while at < rewritten.count, rewritten[at].entry.patch == index {
                hunks.append(rewritten[at])
                at += 1
            }
            let blob = splice(renewed[index].blob, hunks.sorted { $0.range.lowerBound < $1.range.lowerBound })
            renewed[index].blob = blob
            changed.append(Patch(index: fitting[index], blob: blob, hunks: hunks.count))
        }
        var exact = policy
        exact.fuzz = 0
        let after: SeriesReport
        do {
            after = try SeriesApplication.run(
                patches: renewed, on: tree, policy: exact, workers: workers,
                options: .init(buildsChanges: false, digestsResult: true)
            ).report
        } catch let error as PatchError {
            // Odd text after a hunk may mean something else after the new one.
            after = SeriesReport(unreadable: error, patches: renewed.map(\.name))
        }
        let isClean = after.patches.allSatisfy { $0.verdict == .clean }
        return SeriesRefresh(
            before: first.report, after: after, patches: changed,
            isProven: isClean && after.resultDigest == placed.report.resultDigest, unfit: unfit,
            fitted: Array(zip(fitting, placed.report.patches)))
    }

    private static func splice(_ blob: Blob, _ hunks: [RewrittenHunk]) -> Blob {
        var text: [UInt8] = []
        text.reserveCapacity(blob.count + 1024)
        var at = 0
        func copy(to end: Int) {
            let line = blob.line(at, end)
            text.append(contentsOf: UnsafeBufferPointer(start: line.start, count: line.count))
        }
        for hunk in hunks {
            copy(to: hunk.range.lowerBound)
            text += hunk.text
            at = hunk.range.upperBound
        }
        copy(to: blob.count)
        return Blob(text)
    }
}
