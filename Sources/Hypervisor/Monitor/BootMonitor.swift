import Diagnostics
import KernelModel

/// Follows a boot: takes console lines and records as they come, and says how far it is and whether it is over.
///
/// Pure: times are handed in, in seconds since the start of the machine. 1. Console signs and records move it from stage to
/// stage. 2. What the console says of a failure is held back: anything can put such a text there. It counts once the
/// machine has ended or nothing more comes, and only explains why. 3. Only the last record, with every stage passed, makes
/// a pass.
package struct BootMonitor: Sendable {
    /// What a run is judged against.
    package struct Plan: Sendable {
        /// The secret of this run.
        package var token: String
        /// Each guest's own secret.
        package var guestTokens: [DomainMode: String]
        /// What was written to xenstore as a probe.
        package var probe: String
        /// The version the hypervisor must have.
        package var version: String
        /// The guests asked for, in order.
        package var guests: [DomainMode]
        /// What each guest has to do.
        package var checks: [GuestCheck]
        /// Whether programs of today are tried.
        package var triesPrograms: Bool
        /// Whether the guests' kernel is another one than dom0's.
        package var hasOwnGuestKernel: Bool
        /// What the running dom0 has to show.
        package var expectations: [Expectation]

        /// Plans a boot.
        package init(
            token: String, guestTokens: [DomainMode: String] = [:], probe: String, version: String,
            guests: [DomainMode], checks: [GuestCheck] = [.`init`], triesPrograms: Bool = false,
            hasOwnGuestKernel: Bool = false, expectations: [Expectation] = []
        ) {
            self.token = token
            self.guestTokens = guestTokens
            self.probe = probe
            self.version = version
            self.guests = guests
            self.checks = checks
            self.triesPrograms = triesPrograms
            self.hasOwnGuestKernel = hasOwnGuestKernel
            self.expectations = expectations
        }
    }

    private struct Held {
        var trouble: Trouble
        let stage: BootStage
        let firstLine: Int
        let since: Double
    }

    /// How long nothing more may be heard until the console's word is taken for the end, in seconds.
    private static let silenceAfterTrouble = 20.0

    let plan: Plan
    private var order: [BootStage]
    private var reader: ResultReader
    private let consoleSegments: ConsoleSegments
    private let lostChannel: LostChannel
    private var held: Held?
    /// A failure that an oops may explain: decided with the kernel's own account of its faults.
    private var deferred: RecordProblem?
    /// Where domain 0 said it is.
    private var announced: BootStage?
    /// When domain 0's init last said something.
    private var lastResult = 0.0
    private var lines: [String] = []
    private var stageBegan = 0.0
    /// When domain 0 said that a stage begins.
    private var begins: [String: Double] = [:]

    /// The stages that are decided, in order.
    package private(set) var stages: [StageResult] = []
    /// Why it failed; once set, nothing changes any more.
    package private(set) var failure: BootFailure?
    /// Whether the last record came.
    package private(set) var ended = false
    /// When something was last heard.
    package private(set) var lastHeard = 0.0
    /// Complaints that did not stop anything.
    package internal(set) var warnings: [String] = []
    /// What could not be checked.
    package private(set) var notChecked: [UncheckedPart] = []
    /// What the hypervisor says its version is.
    package internal(set) var hypervisorVersion: String?
    /// `uname -r` of dom0.
    package internal(set) var release: String?
    /// Expectations with what was found.
    package internal(set) var expectations: [ExpectationResult] = []
    /// The guests that were judged.
    package internal(set) var guests: [BootVerdict.Guest] = []
    /// Records by kind and name.
    var records: [String: ResultRecord] = [:]
    /// Evidence of the current stage, gathered until it passes.
    var evidence: [String] = []

    /// Begins.
    package init(plan: Plan) {
        self.plan = plan
        order = BootStage.all(guests: plan.guests, checks: plan.checks, triesPrograms: plan.triesPrograms)
        reader = ResultReader(token: plan.token)
        consoleSegments = ConsoleSegments(token: plan.token)
        lostChannel = LostChannel(token: plan.token)
    }

    /// The stage in which the boot is; the last one when all have passed.
    package var stage: BootStage { order[min(stages.count, order.count - 1)] }

    /// The stage in which the boot is by domain 0's own word, where that is later than what it has shown.
    private var currentStage: BootStage {
        guard let announced, let index = order.firstIndex(of: announced), index > stages.count else { return stage }
        return announced
    }

    /// Whether there is nothing more to wait for.
    package var isOver: Bool { failure != nil || ended }

    /// The stages that were asked for and are not decided.
    package var notReached: [String] { order.dropFirst(stages.count).map(\.name) }

    // MARK: What comes in

    /// Takes a line of the console, without its end.
    package mutating func console(_ raw: String, at time: Double) {
        guard !isOver else { return }
        // Serial lines end with `\r\n`, and Xen adds a `\r` to the kernel's own.
        let line = raw.hasSuffix("\r") ? String(raw.dropLast()) : raw
        lastHeard = time
        lines.append(line)
        if let found = consoleSegments.segment(line) {
            let events = reader.takeSegment(found.number, sha256: found.sha256, found.bytes) ?? []
            for event in events { result(event, at: time) }
        }
        if failure == nil, let problem = lostChannel.problem(line) {
            return fail(problem.kind, problem.reason, lines: Array(lines.suffix(4)), in: currentStage)
        }
        guard failure == nil, let sign = ConsoleSign.of(line) else { return }
        switch sign {
        case .hypervisorBanner(let version):
            if hypervisorVersion != nil {
                hold(.restarted, time)
            } else {
                hypervisorVersion = version
                evidence.append(line)
            }
        case .buildingDom0:
            pass(.xen, at: time)
            evidence.append(line)
        case .dom0Built, .kernelBanner:
            if stage == .dom0Build { pass(.dom0Build, at: time) }
            if sign == .kernelBanner, stage == .dom0Kernel { evidence.append(line) }
        case .initStarted:
            if stage == .dom0Kernel {
                evidence.append(line)
                pass(.dom0Kernel, at: time)
            }
        case .refusal:
            pass(.xen, at: time)
            if stage == .dom0Build { hold(.refused, time) }
        case .hypervisorPanic: hold(.hypervisorPanic, time)
        case .kernelPanic(let reason): hold(.kernelPanic(reason), time)
        case .dom0Crashed: hold(.dom0Crashed, time)
        case .dom0Ended: hold(.dom0Ended, time)
        case .oops: hold(.oops, time)
        case .warning: warnings.append(line)
        }
    }

    /// Takes the next bytes of the result channel.
    package mutating func results(_ bytes: [UInt8], at time: Double) {
        guard !isOver else { return }
        lastHeard = time
        for event in reader.take(bytes) { result(event, at: time) }
    }

    /// Lets time pass: where the console told of an end and nothing came after it, it is one.
    /// - Parameter quiet: For how long nothing was heard, in seconds that the machine could use.
    package mutating func tick(quiet: Double) {
        guard let explanation, explanation.trouble != .oops, failure == nil else { return }
        if quiet >= Self.silenceAfterTrouble { decide(explanation) }
    }

    /// What the console said of a failure, unless domain 0's init went on afterwards.
    private var explanation: Held? {
        guard let held, lastResult < held.since + 2 else { return nil }
        return held
    }

    /// Ends the boot because nothing was heard for too long, or because it took too long as a whole.
    package mutating func giveUp(_ kind: FailureClass, reason: String, at time: Double) {
        if let deferred { return settle(deferred) }
        if kind != .infrastructure, let explanation { return decide(explanation) }
        fail(kind, reason, lines: Array(lines.suffix(12)), in: currentStage)
    }

    /// Ends the boot because the machine is gone: QEMU's own words and how it ended.
    package mutating func machineEnded(_ how: String, output: [String], succeeded: Bool) {
        if isOver { return }
        if let deferred { return settle(deferred) }
        if succeeded, let explanation { return decide(explanation) }
        if succeeded, !stages.isEmpty {
            return fail(
                .crashLoop, "the machine restarted or switched itself off without saying why",
                lines: Array(lines.suffix(20)), in: currentStage)
        }
        fail(
            .infrastructure, "QEMU ended before the boot did (\(how))", lines: output.suffix(20) + lines.suffix(12),
            in: currentStage)
    }

    // MARK: What it makes of it

    private mutating func result(_ event: ResultReader.Event, at time: Double) {
        guard !isOver else { return }
        switch event {
        case .progress(let name):
            lastResult = time
            if begins[name] == nil { begins[name] = time }
            announced = order.first { $0.name == name } ?? announced
        case .damaged(let reason, let line):
            fail(.infrastructure, "the result channel is damaged: \(reason)", lines: [String(line.prefix(400))])
        case .record(let record):
            lastResult = time
            records[record.kind + " " + record.name] = record
            if let problem = judge(record, at: time) {
                guard failure == nil, deferred == nil || record.kind == "problems" else { return }
                // The kernel's own account of its faults follows, and explains more.
                if explanation?.trouble == .oops, deferred == nil { deferred = problem } else { settle(problem) }
            } else if record.kind == "problems", let deferred {
                settle(deferred)
            } else if record.kind == "end" {
                finish(at: time)
            }
        }
    }

    private mutating func settle(_ problem: RecordProblem) {
        fail(problem.kind, problem.reason, lines: problem.lines, in: problem.stage)
    }

    private mutating func finish(at time: Double) {
        guard stages.count == order.count else {
            return fail(
                .infrastructure, "domain 0 ended its report without '\(stage.name)'", lines: Array(lines.suffix(12)))
        }
        ended = true
    }

    /// Marks a stage passed, and those before it, which it implies.
    mutating func pass(_ stage: BootStage, _ more: [String] = [], at time: Double) {
        guard let index = order.firstIndex(of: stage), index >= stages.count, failure == nil else { return }
        while stages.count < index {
            // What comes before domain 0's init is shown by its report; of the rest each has to be shown itself.
            guard [.xen, .dom0Build, .dom0Kernel].contains(order[stages.count]) else {
                return fail(
                    .infrastructure, "domain 0's report leaves out '\(order[stages.count].name)'", lines: evidence)
            }
            let implied = evidence.isEmpty ? ["shown by '\(stage.name)'"] : evidence
            append(order[stages.count], .pass, implied, at: stageBegan)
        }
        // Proofs come for several stages at once: a stage lasted until the next one was announced.
        let next = index + 1 < order.count ? begins[order[index + 1].name] : nil
        let end = max(min(next ?? time, time), stageBegan)
        append(stage, .pass, evidence + more, at: end)
        stageBegan = end
    }

    /// Notes that a stage could not be checked; the next one begins.
    mutating func skip(_ stage: BootStage, _ reason: String) {
        guard let index = order.firstIndex(of: stage), index == stages.count, failure == nil else { return }
        notChecked.append(UncheckedPart(stage: stage.name, reason: reason))
        order.remove(at: index)
        evidence = []
    }

    private mutating func append(_ stage: BootStage, _ verdict: Verdict, _ evidence: [String], at time: Double) {
        let seconds = (max(time - stageBegan, 0) * 100).rounded() / 100
        stages.append(StageResult(name: stage.name, verdict: verdict, seconds: seconds, evidence: evidence))
        self.evidence = []
    }

    private mutating func hold(_ trouble: Trouble, _ time: Double) {
        if let held {
            // What domain 0's init has outlived is no explanation any more.
            if explanation != nil {
                if trouble.worsens(held.trouble) { self.held?.trouble = trouble }
                return
            }
        }
        let kind = trouble.kind
        var first = lines.count - 1
        if kind == .refused || (kind == .panic && stage == .dom0Build) {
            first = max(lines.lastIndex { ConsoleSign.of($0) == .buildingDom0 } ?? first - 6, 0)
        } else {
            first = max(first - 3, 0)
        }
        held = Held(trouble: trouble, stage: currentStage, firstLine: first, since: time)
    }

    private mutating func decide(_ held: Held) {
        let shown = lines[min(held.firstLine, lines.count)...].prefix(60)
        fail(held.trouble.kind, held.trouble.reason, lines: Array(shown), in: held.stage)
    }

    private mutating func fail(_ kind: FailureClass, _ reason: String, lines: [String], in stage: BootStage? = nil) {
        guard failure == nil else { return }
        let place = stage ?? self.stage
        failure = BootFailure(stage: place.name, kind: kind, reason: reason, lines: lines)
        if stages.count < order.count {
            append(place, .fail, (place == self.stage ? evidence : []) + [reason], at: max(lastHeard, stageBegan))
        }
    }
}
