import Bytes
import Diagnostics
import Host
import KernelImage
import KernelModel

/// An image that Xen would not take, as the image alone shows: no machine is started for it.
enum Refusal {
    private static func tooOld(_ host: PreparedHost, for compression: String, first: String) -> String {
        "Xen before \(first) cannot decompress \(compression), and this is \(host.description.version): a kernel with "
            + "CONFIG_KERNEL_XZ or CONFIG_KERNEL_GZIP is for all"
    }

    /// Whether a version such as `4.14` is older than another.
    private static func isVersion(_ version: String, before other: String) -> Bool {
        func parts(_ version: String) -> [Int] { version.split(separator: ".").compactMap { Int($0) } }
        return parts(version).lexicographicallyPrecedes(parts(other))
    }

    /// The verdict on a request whose image cannot be a dom0; `nil` where only a boot can tell.
    /// - Throws: ``HypervisorError/noKernel(path:reason:)``, `ImageError` where the image cannot be read.
    static func verdict(of request: BootRequest, on host: PreparedHost) throws -> BootVerdict? {
        let kernel = try request.requireKernel()
        let reasons: [String]
        var release: String?
        do throws(ImageError) {
            let facts = try KernelImageInspector.inspect(request.kernel)
            let acceptance = request.dom0Mode == .pvh ? facts.dom0.pvh : facts.dom0.pv
            // A hypervisor of one's own may be another version than its toolstack.
            let first = request.hypervisorImage == nil ? acceptance.firstXen : nil
            let old = first.flatMap { isVersion(host.description.version, before: $0) ? $0 : nil }
            if acceptance.isStarted, old == nil { return nil }
            reasons =
                old.map { [tooOld(host, for: facts.image.compression, first: $0)] + acceptance.reasons }
                ?? acceptance.reasons
            release = facts.image.version
        } catch {
            guard error.category == .malformedInput else { throw error }
            reasons = [error.message]
        }
        let mode = request.dom0Mode.rawValue.uppercased()
        let stage = BootStage.dom0Build
        let others = BootStage.all(
            guests: request.guests, checks: request.checks, triesPrograms: request.triesPrograms
        ).filter { $0 != stage }
        return BootVerdict(
            verdict: .fail,
            hypervisor: .init(name: host.description.name, version: nil, packages: host.packages),
            dom0: .init(
                mode: request.dom0Mode, kernel: request.kernel.string, sha256: Digest(of: kernel).hex, release: release),
            stages: [StageResult(name: stage.name, verdict: .fail, seconds: 0, evidence: reasons)],
            notReached: others.map(\.name), notChecked: [], expectations: [], guests: [],
            failure: BootFailure(
                stage: stage.name, kind: .refused,
                reason: "Xen would not take the image as \(mode) dom0: " + (reasons.first ?? "no reason is known"),
                lines: reasons),
            warnings: [], seconds: 0,
            machine: .init(accelerator: "none", clock: request.clock.rawValue, virtualization: "none", share: 1),
            reproduce: "dom0kit inspect \(Shell.quoted(request.kernel.string))", artefacts: [])
    }
}
