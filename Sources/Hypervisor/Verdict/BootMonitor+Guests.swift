import Bytes
import Diagnostics
import KernelModel

extension BootMonitor {
    /// What `xl list -v` says of one domain.
    struct DomainState: Equatable {
        let uuid: String
        /// Such as `---s--`: running, blocked, paused, shut down, crashed, dying.
        let flags: String
        /// The number of `SHUTDOWN_*` in `xen/sched.h`; `nil` while it runs.
        let reason: Int?

        /// Finds a domain's line.
        init?(_ lines: [String], name: String) {
            guard
                let line = lines.map({ $0.split(separator: " ").map(String.init) }).first(where: { $0.first == name }),
                line.count >= 8
            else { return nil }
            flags = line[4]
            uuid = line[6]
            reason = Int(line[7], radix: 16)
        }

        /// The reason as a word.
        var ended: String? {
            guard let reason, flags.contains("s") || flags.contains("c") || flags.contains("d") else { return nil }
            let words = ["poweroff", "reboot", "suspend", "crash", "watchdog", "soft reset"]
            return words.indices.contains(reason) ? words[reason] : "reason \(reason)"
        }
    }

    /// Judges a guest by all that was reported of it; called when it is gone.
    mutating func judgeGuest(_ mode: DomainMode, at time: Double) -> RecordProblem? {
        let name = "dom0kit-\(mode.rawValue)"
        let console = records["console \(mode.rawValue)"]?.lines ?? []
        let state = DomainState(records["output state-\(mode.rawValue)"]?.output?.lines ?? [], name: name)
        let value = records["output value-\(mode.rawValue)"]?.output
        let words = value?.status == 0 ? (value?.lines.first ?? "").split(separator: " ").map(String.init) : []
        let seen = words.count == 4 ? words : nil
        guests.append(
            BootVerdict.Guest(mode: mode, uuid: state?.uuid, type: seen?[1], ended: state?.ended))
        func problem(_ kind: FailureClass, _ reason: String, _ lines: [String] = []) -> RecordProblem {
            RecordProblem(kind: kind, reason: "the \(mode.rawValue) guest " + reason, lines: lines + console.suffix(30))
        }
        let stateLines = records["output state-\(mode.rawValue)"]?.output?.lines ?? []
        if let line = console.first(where: { if case .kernelPanic = ConsoleSign.of($0) { true } else { false } }) {
            return problem(.panic, "panicked: \(line)")
        }
        if state?.ended == "crash" { return problem(.panic, "crashed", stateLines) }
        if let line = console.first(where: { ConsoleSign.of($0) == .oops }) {
            return problem(.oops, "reported a defect in its kernel: \(line)")
        }
        guard let seen else {
            if state?.ended == nil { return problem(.hang, "did not reach its init in time", stateLines) }
            return problem(.error, "ended without reaching its init", stateLines)
        }
        let facts = seen[1...].joined(separator: " ")
        guard let token = plan.guestTokens[mode], seen[0] == Digest(of: token + " " + facts).hex else {
            return problem(.mismatch, "wrote something other than its proof to xenstore", value?.lines ?? [])
        }
        guard let ended = state?.ended, let uuid = state?.uuid else {
            return problem(.hang, "reached its init but did not end in time", stateLines)
        }
        guard ended == "poweroff" else {
            return problem(.error, "ended by \(ended), not by poweroff", stateLines)
        }
        guard seen[1] == mode.guestType else {
            return problem(.mismatch, "runs as '\(seen[1])', not \(mode.guestType)")
        }
        guard seen[2] == uuid else { return problem(.mismatch, "has UUID \(seen[2]), and xl says \(uuid)") }
        guard seen[3] == release else { return problem(.mismatch, "runs kernel \(seen[3]), not \(release ?? "")") }
        guard let said = console.first(where: { $0.contains("dom0kit-guest \(seen[0])") }) else {
            return problem(.error, "reached its init, but its console did not come through xenconsoled")
        }
        pass(
            .guest(mode),
            ["xenstore data/dom0kit: \(seen.joined(separator: " "))"] + stateLines + ["guest console: \(said)"],
            at: time)
        return nil
    }

    /// Why a guest was not created.
    mutating func creationProblem(
        _ mode: DomainMode, _ created: (status: Int, lines: [String]), console: [String]
    ) -> RecordProblem {
        guests.append(BootVerdict.Guest(mode: mode, uuid: nil, type: nil, ended: nil))
        return RecordProblem(
            kind: .error,
            reason: "xl create failed for the \(mode.rawValue) guest with exit status \(created.status)",
            lines: created.lines.suffix(40) + console.suffix(20))
    }
}
