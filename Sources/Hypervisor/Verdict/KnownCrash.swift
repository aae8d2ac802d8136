/// A processor on which a kernel is known to crash, and what of Xen's options keeps it from that: what a profile says.
public struct KnownCrash: Sendable, Equatable, Codable {
    /// QEMU's models; a `*` at the end stands for any rest.
    public var processors: [String]
    /// The word of Xen's command line that avoids it; `nil` where nothing does.
    public var unless: String?
    /// What of the processor the kernel does not bear.
    public var why: String

    /// States one.
    public init(processors: [String], unless: String? = nil, why: String) {
        self.processors = processors
        self.unless = unless
        self.why = why
    }

    /// Whether a machine of this model, with Xen started like this, makes the kernel crash.
    package func isExpected(processor: String, hypervisorArguments: String) -> Bool {
        // Behind a comma are features: `qemu64,+svm`.
        let model = processor.prefix { $0 != "," }
        let isNamed = processors.contains { name in
            name.hasSuffix("*") ? model.hasPrefix(name.dropLast()) : model == name
        }
        guard isNamed else { return false }
        guard let unless else { return true }
        return !hypervisorArguments.split(separator: " ").contains { $0 == unless }
    }

    /// One sentence on it, for a machine of this model.
    func sentence(processor: String) -> String {
        "on the processor \(processor) this kernel is known to crash: \(why)"
            + (unless.map { "; Xen's '\($0)' avoids it" } ?? "")
    }
}

extension BootRequest {
    /// The crash that is to be expected of this boot, in one sentence.
    func expectedCrash(on description: HypervisorDescription) -> String? {
        let processor = processor ?? description.processor
        return knownCrashes.first {
            $0.isExpected(
                processor: processor, hypervisorArguments: "\(description.arguments) \(hypervisorArguments)")
        }?.sentence(processor: processor)
    }
}
