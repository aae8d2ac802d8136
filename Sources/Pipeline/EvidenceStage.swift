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
        try evidence.take(ConfigureStage.configuration, as: "config")
        try evidence.take(BuildStage.image, as: "kernel")
        try evidence.take("logs")
        try evidence.take(ApplyStage.series)
        try evidence.take(BootStage.folder)
        result.stages.append(
            StageSummary(
                name: .evidence, verdict: .pass, seconds: (ContinuousClock.now - start).inSeconds, cached: false,
                key: "",
                reason: "always made anew", summary: evidence.folder.string, artefacts: []))
        try evidence.finish(report: result)
    }
}
