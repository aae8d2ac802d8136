import Bytes
import Diagnostics

/// What an emulated processor may have caused itself is seen twice before it is held against a kernel.
///
/// QEMU's AMD-V may deliver an interrupt twice. Its translator (seen with 7.2; `target/i386/tcg/sysemu/svm_helper.c`) keeps
/// the number of an interrupt that the hypervisor injects into a domain (EVENTINJ), and delivers it again where a time slice
/// ends before the domain next leaves to the hypervisor. Interrupts may be off by then, and a kernel that is in the handler
/// waits for a lock that it holds itself. Seen: the same vector twice on the interrupt stack of an HVM guest, the second time
/// with IF clear; counted: none to eleven such deliveries in the minutes of a boot that were watched, without consequence there. The same kernel does
/// the same things the next time. A kernel's own fault comes again.
package enum Confirmation {
    /// The end of the name of the folder in which the first boot's files are kept.
    static let suffix = "-first"

    /// Whether a failure could be the emulator's: sudden, and with a domain that runs on emulated AMD-V.
    package static func isNeeded(_ verdict: BootVerdict) -> Bool {
        guard let failure = verdict.failure, verdict.machine.accelerator == "tcg" else { return false }
        switch failure.kind {
        case .panic, .oops, .hang, .crashLoop, .timeout: break
        case .refused, .infrastructure, .interfaceMissing, .backendMissing, .toolstackMismatch, .guestFailed, .ended,
            .mismatch, .error:
            return false
        }
        if verdict.dom0.mode != .pv { return true }
        return ["guest-pvh", "guest-hvm"].contains { failure.stage == $0 || failure.stage.hasPrefix($0 + "/") }
    }

    /// The second boot's verdict with what the first one showed.
    package static func combine(_ first: BootVerdict, _ second: BootVerdict, keptIn folder: String) -> BootVerdict {
        guard let failure = first.failure else { return second }
        let what = "\(failure.stage): \(failure.kind.rawValue): \(failure.reason)"
        var result = second
        if second.verdict == .fail {
            result.remarks = (second.remarks ?? []) + ["booted twice; the first time too it failed, in \(what)"]
        } else {
            result.verdict = .warn
            result.warnings.append(
                "booted twice: this is the second boot; the first failed, in \(what); its files are in \(folder)")
        }
        result.seconds = ((first.seconds + second.seconds) * 100).rounded() / 100
        return result
    }
}
