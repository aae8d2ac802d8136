import Bytes
import Diagnostics
import Host
import Synchronization
import SystemPackage

/// What runs the instructions of the emulated machine, as it is asked for.
public enum Accelerator: String, Sendable, CaseIterable {
    /// QEMU translates them: it works everywhere, with AMD-V emulated.
    case tcg
    /// The host's processors, through KVM; a host on which Xen does not start so is an error.
    case kvm
    /// KVM where Xen starts so and finds what the guests need, TCG elsewhere.
    case auto
}

/// What runs the machine, once that was tried.
struct Acceleration: Sendable {
    /// Whether it is KVM.
    let isKvm: Bool
    /// What Xen found for PVH and HVM under KVM: `VT-x` or `AMD-V`.
    let virtualization: String?
    /// Why it is not KVM although that could have been taken.
    let remark: String?

    /// Without KVM.
    static let translated = Acceleration(isKvm: false, virtualization: nil, remark: nil)

    /// Finds out what can run the machine of a request.
    /// - Throws: ``HypervisorError/acceleration(reason:)`` where KVM is asked for and does not do; `HostError`,
    ///   ``BytesError``.
    static func choose(_ request: BootRequest, on host: PreparedHost) async throws -> Acceleration {
        if request.accelerator == .tcg { return .translated }
        let trial = KvmTrial(request: request, host: host)
        let reason: String
        switch try await trial.run() {
        case .works(let virtualization):
            if virtualization != nil || !trial.needsVirtualization {
                return Acceleration(isKvm: true, virtualization: virtualization, remark: nil)
            }
            reason = "under KVM, Xen finds neither VT-x nor AMD-V here, which PVH and HVM need"
        case .fails(let why): reason = why
        }
        if request.accelerator == .kvm { throw HypervisorError.acceleration(reason: reason) }
        return Acceleration(isKvm: false, virtualization: nil, remark: "KVM is not used: \(reason)")
    }
}

/// Tries whether Xen really starts under KVM here.
///
/// A `/dev/kvm` that makes a virtual machine says little: some are software without what a hypervisor needs. So the
/// hypervisor of the boot itself is started on the machine of the boot, with a module that is no kernel. It works if Xen comes
/// all the way to building domain 0, and finds that it cannot.
package struct KvmTrial {
    /// What it showed.
    package enum Outcome: Equatable, Sendable {
        /// Xen starts, and found this: `VT-x`, `AMD-V` or nothing.
        case works(virtualization: String?)
        /// Xen does not start, and why.
        case fails(String)
    }

    private static let device: FilePath = "/dev/kvm"
    /// A processor that runs Xen has done it in two seconds.
    private static let limit = Duration.seconds(60)
    /// Why the device alone does not do; `nil` where only a trial can tell.
    private static var unusable: String? {
        do {
            try FileDescriptor.open(device, .readWrite).close()
            return nil
        } catch {
            return "\(device) cannot be opened: \(error)"
        }
    }

    private static let moduleName = "no-kernel"
    static let logName = "kvm-trial.log"

    let request: BootRequest
    let host: PreparedHost
    let isKvm: Bool

    /// Plans a trial.
    /// - Parameter isKvm: Whether KVM is tried; without it the same is done with QEMU's translator.
    package init(request: BootRequest, host: PreparedHost, isKvm: Bool = true) {
        self.request = request
        self.host = host
        self.isKvm = isKvm
    }

    var needsVirtualization: Bool { Emulator(request: request, description: host.description).needsVirtualization }

    /// Makes it.
    /// - Throws: `HostError`, ``BytesError``, ``HypervisorError``.
    package func run() async throws -> Outcome {
        if isKvm, let reason = Self.unusable { return .fails(reason) }
        let folder = request.runFolder
        try Files.createDirectories(folder)
        let hypervisor = try request.hypervisorImage.map { try TestHost.image($0) } ?? Files.read(host.image)
        try Files.write(hypervisor, to: folder.appending(Emulator.Name.hypervisor))
        try Files.write("This is no kernel.\n", to: folder.appending(Self.moduleName))
        let command = Emulator(
            request: request, description: host.description,
            acceleration: Acceleration(isKvm: isKvm, virtualization: nil, remark: nil)
        ).trial(module: Self.moduleName)
        let heard = TrialConsole()
        let outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask {
                let end = try await command.streamTethered(
                    log: folder.appending(Self.logName), largestFile: 16 << 20
                ) { heard.take($0) }
                return heard.outcome ?? .fails("Xen does not come to its end: QEMU \(end)")
            }
            group.addTask {
                let began = ContinuousClock.now
                while heard.outcome == nil, began.duration(to: .now) < Self.limit {
                    try await Task.sleep(for: .milliseconds(20))
                }
                return heard.outcome ?? .fails("Xen does not come to its end in \(Self.limit)")
            }
            let first = try await group.next()
            group.cancelAll()
            // The machine is gone before the boot's own is made.
            while await group.nextResult() != nil {}
            return first
        }
        try Task.checkCancellation()
        return outcome ?? .fails("the trial was not run")
    }
}

/// What the trial's machine and QEMU said, as far as it decides: whole lines of Xen's, since its console also repeats the
/// command line, which can hold any text.
package final class TrialConsole: Sendable {
    private struct State {
        var outcome: KvmTrial.Outcome?
        var virtualization: String?
    }

    private let state = Mutex(State())

    /// Begins with nothing said.
    package init() {}

    /// What it shows; `nil` as long as it shows nothing.
    package var outcome: KvmTrial.Outcome? { state.withLock { $0.outcome } }

    /// Takes a line, without its end.
    package func take(_ raw: String) {
        // Serial lines end with `\r\n`.
        let line = raw.hasSuffix("\r") ? String(raw.dropLast()) : raw
        state.withLock {
            if line == "(XEN) HVM: VMX enabled" { $0.virtualization = "VT-x" }
            if line == "(XEN) HVM: SVM enabled" { $0.virtualization = "AMD-V" }
            guard $0.outcome == nil else { return }
            if line == "(XEN) Could not construct domain 0" {
                $0.outcome = .works(virtualization: $0.virtualization)
            } else if line.hasPrefix("KVM internal error") || line.hasPrefix("qemu-system-x86_64: error")
                || (line.hasPrefix("qemu-system-x86_64: ") && line.contains("Assertion `"))
            {
                $0.outcome = .fails("Xen does not start: \(line)")
            }
        }
    }
}
