import Diagnostics
import Hypervisor
import KernelImage
import KernelModel
import SystemPackage

/// Holds the image against Xen's own rules for a dom0.
struct InspectStage {
    let image: FilePath
    let dom0: DomainMode

    func run() throws -> StageOutput<ImageFacts> {
        let facts = try KernelImageInspector.inspect(image)
        let acceptance = dom0 == .pvh ? facts.dom0.pvh : facts.dom0.pv
        let mode = dom0.rawValue.uppercased()
        let container = "\(facts.image.format), \(facts.image.compression), \(facts.image.version ?? "unknown version")"
        return StageOutput(
            value: facts, verdict: acceptance.supported ? .pass : .fail,
            summary: acceptance.supported
                ? "\(container): Xen takes it as \(mode) dom0"
                : "Xen would refuse it as \(mode) dom0: \(acceptance.reasons.joined(separator: "; "))")
    }
}
