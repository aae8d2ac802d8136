import Bytes
import Diagnostics
import Host
import Hypervisor
import KernelModel
import SystemPackage

/// Boots Xen with the kernel as dom0, and starts the guests.
struct BootStage {
    let profile: Profile
    let work: FilePath
    let host: PreparedHost
    let variables: [String: String]
    /// The release the image must report, and what its patches must show.
    let release: String
    let series: String
    let hash: String

    /// Where the run's files are, relative to the work folder.
    static let folder = FilePath("boot")

    /// What the running dom0 has to show.
    var expectations: [Expectation] {
        let files = (profile.boot.sysfs ?? [:]).sorted { $0.key < $1.key }.map { file, content in
            Expectation.file(
                path: "/sys/hypervisor/\(file)",
                content: content.replacing("{series}", with: series).replacing("{hash}", with: hash))
        }
        return [.release(release)] + files + (profile.boot.log ?? []).map { .kernelLog(matching: $0) }
    }

    private var checks: [GuestCheck] { profile.boot.checks ?? GuestCheck.choices }

    /// What is booted, and on which machine.
    private var request: BootRequest {
        var request = BootRequest(
            kernel: work.pushing(BuildStage.image), dom0Mode: profile.boot.dom0, guests: profile.boot.guests,
            checks: checks, expectations: expectations, kernelArguments: profile.boot.append ?? "",
            hypervisorArguments: profile.boot.xenAppend ?? "", runFolder: work.pushing(Self.folder),
            environment: variables)
        let map = work.pushing("build/System.map")
        if Files.isRegular(map) { request.systemMap = map }
        profile.boot.adapt(&request)
        if let memory = profile.boot.dom0Memory { request.giveDom0(memory) }
        return request
    }

    /// Everything the result depends on beyond the image and the host.
    func inputs() throws -> StageInputs {
        // What the profile leaves open the request says: defaults may change.
        let request = request
        return [
            "dom0": profile.boot.dom0.rawValue, "guests": profile.boot.guests.map(\.rawValue).joined(separator: " "),
            "expectations": "\(expectations)", "checks": checks.map(\.rawValue).joined(separator: " "),
            "dom0Memory": "\(request.dom0Memory)", "memory": "\(request.memory)", "append": profile.boot.append ?? "",
            "xenAppend": profile.boot.xenAppend ?? "", "userland": (profile.boot.userland ?? .full).rawValue,
            "programs": "\(profile.boot.programs ?? false)",
            "console": profile.boot.console ?? "", "processor": profile.boot.processor ?? "",
            "processors": "\(request.processors)", "crashes": "\(profile.boot.crashes ?? [])",
        ]
    }

    func run(progress: any ProgressSink) async throws -> StageOutput<BootVerdict> {
        let request = request
        let verdict = try await host.boot(request, progress: progress)
        let guests = verdict.guests.map { "\($0.mode.rawValue) guest" }.joined(separator: ", ")
        let summary =
            verdict.failure.map { "\($0.stage): \($0.kind.rawValue): \($0.reason)" }
            ?? "\(verdict.hypervisor.name) \(verdict.hypervisor.version ?? "") booted it as \(profile.boot.dom0.rawValue) dom0; \(guests)"
        return StageOutput(
            value: verdict, verdict: verdict.verdict, summary: summary,
            artefacts: verdict.artefacts.map { Self.folder.appending($0) })
    }
}
