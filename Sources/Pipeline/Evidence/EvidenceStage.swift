import Bytes
import Diagnostics
import SystemPackage

/// Gathers the evidence of a run.
struct EvidenceStage {
    let request: RunRequest

    func run(_ result: inout RunResult) throws {
        let start = ContinuousClock.now
        let evidence = try EvidenceFolder(work: request.work)
        result.evidence = evidence.folder.string
        // Only what this run made or took from the cache: files of an earlier run say nothing about this one.
        let reached = Set(result.stages.map(\.name))
        if reached.contains(.apply) { try evidence.take(ApplyStage.series) }
        if reached.contains(.configure) { try evidence.take(ConfigureStage.configuration, as: "config") }
        if reached.contains(.build) { try evidence.take("logs") }
        if result.build?.kernel != nil { try evidence.take(BuildStage.image, as: "kernel") }
        if reached.contains(.boot) { try evidence.take(BootStage.folder) }
        result.stages.append(
            StageSummary(
                name: .evidence, verdict: .pass, seconds: (ContinuousClock.now - start).inSeconds, cached: false,
                key: "",
                inputs: [:], reason: "always made again", summary: evidence.folder.string, artefacts: []))
        try evidence.finish(report: result)
    }
}
