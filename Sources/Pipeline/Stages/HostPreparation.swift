import Bytes
import Diagnostics
import Host
import KernelBuild
import KernelSource
import KernelTree
import Patching
import Series
import SystemPackage

/// Makes a tree of another age build on a machine of today: small patches of the kit's own, and `mrproper` where it was
/// built in.
///
/// Such a patch is about one cause each, and a tree that has its change already (a later version of the distribution) needs
/// it no more: it is left out, with a note.
package struct HostPreparation {
    let tree: FilePath
    let jobs: Int
    let environment: BuildEnvironment
    /// What the patches are for, for the stage's summary.
    let purpose: String
    /// How each patch went.
    package private(set) var patches: [ApplyResult.PatchSummary] = []
    /// The files that were changed.
    package private(set) var changed: Set<RelativePath> = []
    /// What a maintainer should know.
    package private(set) var notes: [String] = []

    package init(
        tree: FilePath, jobs: Int, environment: BuildEnvironment, purpose: String = "for this host"
    ) {
        self.tree = tree
        self.purpose = purpose
        self.jobs = jobs
        self.environment = environment
    }

    /// Applies a series patch by patch; what it is called is for the notes.
    /// - Returns: The first patch that neither applies nor is in the tree already.
    package mutating func apply(
        _ series: LoadedSeries, named name: String, policy: PlacementPolicy
    ) throws -> ApplyFailure? {
        for (patch, input) in zip(series.patches, series.inputs) {
            try Task.checkCancellation()
            let applied = try TreeTransaction(in: tree, workers: jobs).apply([PatchSource(input)], policy: policy)
            patches += applied.report.patches.map { ApplyResult.PatchSummary($0, sha256: patch.digest.hex) }
            changed.formUnion(applied.changedPaths)
            guard let failure = applied.report.failure else { continue }
            guard applied.report.patches.first?.verdict == .alreadyApplied else { return failure }
            notes.append("\(name)/\(patch.entry.name) is left out: the tree has the change already")
        }
        return nil
    }

    /// Runs `make mrproper` where the tree was built in: Kbuild refuses another output folder then, and what programs it
    /// brings are those of another machine.
    package mutating func clean(_ progress: any ProgressSink) async throws {
        let traces = BuildTraces.of(tree)
        guard !traces.isEmpty else { return }
        progress.report(.began(what: "make mrproper"))
        let command = Command(
            "make", ["-C", tree.string, "ARCH=\(environment.architecture)"] + environment.compilers + ["mrproper"],
            environment: environment.variables, deadline: .seconds(300), package: "make")
        let output = try await command.capture(limit: 1 << 22)
        guard output.termination.succeeded else {
            let lines = String(decoding: output.standardError, as: UTF8.self).split(separator: "\n").suffix(4)
            throw BuildError.notCleaned(command.shellLine, lines: lines.map(String.init))
        }
        notes.append("the tree was built in (\(traces.joined(separator: ", "))) and is cleaned: make mrproper")
    }

    /// What to add to the stage's summary.
    package var summary: String {
        guard !patches.isEmpty else { return "" }
        let left = patches.count { $0.verdict == PlacementVerdict.alreadyApplied.rawValue }
        let applied = Wording.count(patches.count - left, "patch", "patches")
        return "; \(applied) \(purpose)" + (left == 0 ? "" : ", \(left) left out")
    }
}
