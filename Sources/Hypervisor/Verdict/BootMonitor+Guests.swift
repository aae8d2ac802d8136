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

    /// What a guest wrote to xenstore, if it is proven to come from it.
    func proven(_ value: String, from mode: DomainMode, number: String) -> String? {
        guard let token = plan.guestTokens[mode], let blank = value.firstIndex(of: " ") else { return nil }
        let text = String(value[value.index(after: blank)...])
        return value[..<blank] == Digest(of: "\(token) \(number) \(text)").hex ? text : nil
    }

    /// Judges the start of a guest by what was reported of it.
    /// - Parameter name: What its records are called: the mode, or the mode and `-again`.
    /// - Returns: What shows that it runs, or what is wrong.
    func judgeStart(_ mode: DomainMode, records name: String) -> (evidence: [String], problem: RecordProblem?) {
        let console = records["console \(mode.rawValue)"]?.lines ?? []
        let created = records["output create-\(name)"]?.output
        let stateLines = records["output state-\(name)"]?.output?.lines ?? []
        let state = DomainState(stateLines, name: "dom0kit-\(mode.rawValue)")
        let value = records["output value-\(name)"]?.output?.lines.first ?? "-"
        func problem(_ kind: FailureClass, _ reason: String, _ lines: [String] = []) -> ([String], RecordProblem?) {
            ([], RecordProblem(kind: kind, reason: "the \(mode.rawValue) guest " + reason, lines: lines))
        }
        let model = records["devicemodel \(mode.rawValue)"]?.lines ?? []
        guard let created else { return problem(.infrastructure, "was not reported on") }
        guard created.status == 0 else {
            return (
                [],
                RecordProblem(
                    kind: .guestFailed, reason: "xl create failed for the \(mode.rawValue) guest",
                    lines: created.lines.suffix(40) + model.suffix(10) + console.suffix(20))
            )
        }
        guard value != "-" else {
            if let line = console.first(where: { if case .kernelPanic = ConsoleSign.of($0) { true } else { false } }) {
                return problem(.panic, "panicked: \(line)", console.suffix(30))
            }
            if state?.ended == "crash" { return problem(.panic, "crashed", stateLines + console.suffix(30)) }
            if let line = console.first(where: { ConsoleSign.of($0) == .oops }) {
                return problem(.oops, "reported a defect in its kernel: \(line)", console.suffix(30))
            }
            if state?.ended == nil {
                let early = records["early \(mode.rawValue)"]?.lines ?? []
                let isSilent =
                    mode == .hvm && console.isEmpty && !early.isEmpty && !early.contains { $0.contains("] ") }
                // Where its processor stood comes last.
                let registers = records["registers \(mode.rawValue)"]?.lines ?? []
                var shown: [String] = stateLines
                for part in [model.suffix(10), early.suffix(15), console.suffix(30), registers.suffix(14)] {
                    shown += part
                }
                return problem(
                    .hang,
                    isSilent
                        ? "stood still before its kernel's first word, in its firmware or in what unpacks the kernel"
                        : "did not reach its init in time",
                    shown)
            }
            return problem(.guestFailed, "ended without reaching its init", stateLines + console.suffix(30))
        }
        guard let text = proven(value, from: mode, number: "init") else {
            return problem(.mismatch, "wrote something other than its proof to xenstore", [value])
        }
        let seen = text.split(separator: " ").map(String.init)
        guard seen.count == 3, let uuid = state?.uuid else {
            return problem(.guestFailed, "runs, and xl does not list it", stateLines + [text])
        }
        guard seen[0] == mode.guestType else {
            return problem(.mismatch, "runs as '\(seen[0])', not \(mode.guestType)")
        }
        guard seen[1] == uuid else { return problem(.mismatch, "has UUID \(seen[1]), and xl says \(uuid)") }
        guard plan.hasOwnGuestKernel || seen[2] == release else {
            return problem(.mismatch, "runs kernel \(seen[2]), not \(release ?? "")")
        }
        let mark = "dom0kit-guest \(value.prefix { $0 != " " })"
        guard name != mode.rawValue || console.contains(where: { $0.contains(mark) }) else {
            return problem(
                .guestFailed, "reached its init, but its console did not come through xenconsoled", console.suffix(30))
        }
        return (["xenstore data/dom0kit-init: \(text)"] + stateLines, nil)
    }

    /// Judges a guest when it has reached its init, or will not.
    mutating func judgeGuest(_ mode: DomainMode, at time: Double) -> RecordProblem? {
        let (evidence, problem) = judgeStart(mode, records: mode.rawValue)
        let lines = records["output state-\(mode.rawValue)"]?.output?.lines ?? []
        let state = DomainState(lines, name: "dom0kit-\(mode.rawValue)")
        let value = records["output value-\(mode.rawValue)"]?.output?.lines.first ?? "-"
        let type = proven(value, from: mode, number: "init")?.split(separator: " ").first.map(String.init)
        guests.append(BootVerdict.Guest(mode: mode, uuid: state?.uuid, type: type, ended: state?.ended))
        if let problem { return problem }
        pass(.guest(mode), evidence, at: time)
        return nil
    }

    /// How a guest ended, once it did.
    mutating func noteEnd(of mode: DomainMode, _ ended: String?) {
        guard let index = guests.lastIndex(where: { $0.mode == mode }) else { return }
        let guest = guests[index]
        guests[index] = BootVerdict.Guest(mode: mode, uuid: guest.uuid, type: guest.type, ended: ended)
    }

    /// Judges a check by its record, whose name is `MODE/CHECK`.
    mutating func judgeCheck(_ record: ResultRecord, at time: Double) -> RecordProblem? {
        let parts = record.name.split(separator: "/").map(String.init)
        guard parts.count == 2, let mode = DomainMode(rawValue: parts[0]) else {
            return RecordProblem(kind: .infrastructure, reason: "'\(record.name)' is no check", lines: record.lines)
        }
        let facts = CheckFacts(record.lines)
        func problem(_ reason: String, _ kind: FailureClass = .guestFailed) -> RecordProblem {
            let console = records["log \(mode.rawValue)"]?.lines ?? records["console \(mode.rawValue)"]?.lines ?? []
            return RecordProblem(
                kind: kind, reason: "the \(mode.rawValue) guest \(reason)",
                lines: record.lines.suffix(30) + console.suffix(20))
        }
        if parts[1] == "end" {
            noteEnd(of: mode, facts.state(of: mode)?.ended)
            guard facts.state(of: mode)?.ended == "poweroff" else { return problem("did not switch itself off") }
            guard let value = facts["answer"], let text = proven(value, from: mode, number: "off") else {
                return problem("switched itself off without being asked")
            }
            return Self.countsFault(text) ? problem("ran with a fault that its kernel counts: \(text)", .oops) : nil
        }
        guard let check = GuestCheck(rawValue: parts[1]) else {
            return RecordProblem(kind: .infrastructure, reason: "'\(record.name)' is no check", lines: record.lines)
        }
        if let reason = facts["skip"] {
            skip(.check(mode, check), reason)
            return nil
        }
        do throws(CheckFault) {
            let shown = try judge(check, facts, of: mode)
            pass(.check(mode, check), shown, at: time)
            return nil
        } catch {
            switch error {
            case .failed(let reason): return problem(reason)
            case .faulty(let reason): return problem(reason, .oops)
            case .notChecked(let reason):
                skip(.check(mode, check), reason)
                return nil
            }
        }
    }

    /// Whether the word `taint=` of a guest's last answer has the bit of an oops or of a damaged page, or is missing.
    private static func countsFault(_ text: String) -> Bool {
        Answer(text)["taint"].flatMap { Int($0) }.map { $0 & (1 << 5 | 1 << 7) != 0 } ?? true
    }

    /// Why a check does not hold.
    private enum CheckFault: Error {
        case failed(String)
        /// The guest's kernel counts a fault of its own.
        case faulty(String)
        case notChecked(String)
    }

    /// What a guest answered: proven, and in words `key=value`.
    private func answer(_ facts: CheckFacts, _ index: Int, from mode: DomainMode) throws(CheckFault) -> Answer {
        guard facts.asked.indices.contains(index) else { throw .failed("was not asked what it should have been") }
        let (number, question, value) = facts.asked[index]
        guard value != "-", !value.isEmpty else { throw .failed("did not answer '\(question)' in time") }
        guard let text = proven(value, from: mode, number: number) else {
            throw .failed("answered '\(question)' with something other than its proof: \(value)")
        }
        return Answer(text)
    }

    private func judge(_ check: GuestCheck, _ facts: CheckFacts, of mode: DomainMode) throws(CheckFault) -> [String] {
        switch check {
        case .`init`: return []
        case .console:
            let answer = try answer(facts, 0, from: mode)
            guard answer.text == "echo \(plan.probe)" else {
                throw .failed("got something else on its console than was written: \(answer.text)")
            }
            return ["written to the guest's console and answered through xenstore: \(answer.text)"]
        case .disk, .emulatedDisk: return try judgeDisk(facts, 0, of: mode, isEmulated: check == .emulatedDisk)
        case .network, .emulatedNetwork:
            return try judgeNetwork(facts, 0, of: mode, isEmulated: check == .emulatedNetwork)
        case .pause:
            guard facts["pause"] == "0" else { throw .failed("could not be paused") }
            guard facts["paused"]?.contains("p") == true else {
                throw .failed("was paused, and xl says \(facts["paused"] ?? "nothing")")
            }
            guard facts["early"] == nil else { throw .failed("went on although it was paused") }
            guard facts["unpause"] == "0" else { throw .failed("could not be unpaused") }
            return [
                "paused: \(facts["paused"] ?? ""); afterwards it answered: \(try answer(facts, 0, from: mode).text)"
            ]
        case .balloon: return try judgeBalloon(facts, of: mode)
        case .save:
            guard facts["save"] == "0" else { throw .failed("could not be saved") }
            guard facts["restore"] == "0" else { throw .failed("could not be restored") }
            return ["after it was saved and restored it answered: \(try answer(facts, 0, from: mode).text)"]
        case .shutdown:
            guard facts["shutdown"] == "0" else { throw .failed("could not be asked to shut down") }
            guard let ended = facts.state(of: mode)?.ended else { throw .failed("did not shut down in time") }
            guard ended == "poweroff" else { throw .failed("ended by \(ended), not by poweroff") }
            guard let value = facts["answer"], let text = proven(value, from: mode, number: "off"),
                text.hasPrefix("shutdown ")
            else { throw .failed("ended without its init being asked to shut down") }
            if Self.countsFault(text) { throw .faulty("ran with a fault that its kernel counts: \(text)") }
            return ["xl shutdown, and the guest's \(text)"]
        case .restart:
            let (evidence, problem) = judgeStart(mode, records: "\(mode.rawValue)-again")
            if let problem { throw .failed("did not start a second time: " + problem.reason) }
            var shown = evidence + ["answered: \(try answer(facts, 0, from: mode).text)"]
            var index = 1
            if facts.asked.indices.contains(index), facts.asked[index].question.hasPrefix("disk") {
                shown += try judgeDisk(facts, index, of: mode, isEmulated: false)
                index += 1
            }
            if facts.asked.indices.contains(index) {
                shown += try judgeNetwork(facts, index, of: mode, isEmulated: false)
            }
            return shown
        }
    }

    private func judgeDisk(_ facts: CheckFacts, _ index: Int, of mode: DomainMode, isEmulated: Bool)
        throws(CheckFault) -> [String]
    {
        let answer = try answer(facts, index, from: mode)
        guard let device = answer["device"], let driver = answer["driver"] else {
            if isEmulated { throw .notChecked("the guest's kernel has no driver for the emulated IDE disk") }
            throw .failed("has no disk: its kernel has no block front-end, or dom0's back-end did not connect")
        }
        guard isEmulated || driver == "vbd" else {
            throw .failed("has the disk \(device), whose driver is \(driver) and not that of blkfront")
        }
        guard let before = facts["before"], answer["read"] == before else {
            throw .failed("reads other bytes from its disk than dom0 serves")
        }
        guard let after = facts["after"], answer["wrote"] == after else {
            throw .failed("wrote to its disk, and dom0 has other bytes")
        }
        guard after != before else { throw .failed("wrote to its disk, and nothing has changed") }
        return ["\(device) (\(driver)): read \(before.prefix(16))…, wrote \(after.prefix(16))…, as dom0 sees it"]
    }

    private func judgeNetwork(_ facts: CheckFacts, _ index: Int, of mode: DomainMode, isEmulated: Bool)
        throws(CheckFault) -> [String]
    {
        if let reason = facts["failed"], facts.asked.isEmpty {
            throw .failed("has no network: dom0 \(reason)")
        }
        let answer = try answer(facts, index, from: mode)
        guard let device = answer["device"], let driver = answer["driver"] else {
            if isEmulated { throw .notChecked("the guest's kernel has no driver for the emulated RTL8139") }
            throw .failed("has no network: its kernel has no network front-end, or dom0's back-end did not connect")
        }
        guard let sent = facts["sent"], answer["received"] == sent else {
            throw .failed("receives other bytes over \(device) than dom0 sends")
        }
        guard let got = facts["got"], answer["sent"] == got else {
            throw .failed("sent bytes over \(device), and dom0 got others")
        }
        let size = facts["size"] ?? "?"
        return ["\(device) (\(driver)): \(size) KiB received \(sent.prefix(16))…, as many sent \(got.prefix(16))…"]
    }

    private func judgeBalloon(_ facts: CheckFacts, of mode: DomainMode) throws(CheckFault) -> [String] {
        let memory = facts.all("memory").compactMap(Int.init)
        guard facts.all("mem-set") == ["0", "0"] else { throw .failed("could not be given another size of memory") }
        guard memory.count == 3 else { throw .failed("has a size of memory that xl does not tell") }
        var inside: [Int] = []
        for index in 0..<3 {
            guard let size = try answer(facts, index, from: mode)["balloon"].flatMap({ Int($0) }) else {
                throw .failed("does not tell the size of its memory")
            }
            inside.append(size / 1024)
        }
        guard memory[1] <= memory[0] - 40, inside[1] <= inside[0] - 40 else {
            throw .failed("did not give memory back: \(memory[0]) MiB before and \(memory[1]) MiB after it was told to")
        }
        guard memory[2] >= memory[0] - 4, inside[2] >= inside[0] - 4 else {
            throw .failed("did not get its memory again: \(memory[0]) MiB before, \(memory[2]) MiB afterwards")
        }
        let shown = zip(memory, inside).map { "\($0) MiB (\($1) as the guest sees it)" }
        return [shown.joined(separator: ", then ")]
    }
}

/// A guest's answer.
private struct Answer {
    let text: String

    init(_ text: String) { self.text = text }

    /// The value of a word `key=value`.
    subscript(key: String) -> String? {
        text.split(separator: " ").first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
    }
}

/// The lines of a check's record: a key and what follows it.
struct CheckFacts {
    private var lines: [(key: String, value: String)] = []
    /// What the guest was asked, and what it answered, in order.
    private(set) var asked: [(number: String, question: String, answer: String)] = []

    init(_ text: [String]) {
        for line in text {
            let key = String(line.prefix { $0 != " " })
            let value = String(line.dropFirst(key.count + 1))
            if key == "ask" {
                let number = String(value.prefix { $0 != " " })
                asked.append((number, String(value.dropFirst(number.count + 1)), "-"))
            } else if key == "answer", !asked.isEmpty, asked[asked.count - 1].answer == "-" {
                asked[asked.count - 1].answer = value
            } else {
                lines.append((key, value))
            }
        }
    }

    /// The first value of a key.
    subscript(key: String) -> String? { lines.first { $0.key == key }?.value }

    /// All values of a key.
    func all(_ key: String) -> [String] { lines.filter { $0.key == key }.map(\.value) }

    /// What `xl list` said of the guest at the end.
    func state(of mode: DomainMode) -> BootMonitor.DomainState? {
        BootMonitor.DomainState(all("state"), name: "dom0kit-\(mode.rawValue)")
    }
}
