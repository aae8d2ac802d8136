import Diagnostics
import KernelModel

/// Follows a boot: takes console lines and records as they come, and says how far it is and whether it is over.
///
/// Pure: times are handed in, in seconds since the start of the machine. 1. Console signs and records move it from stage to
/// stage. 2. A sign of failure is held back for a moment, so that the lines that explain it are there. 3. Only the last
/// record, with every stage passed, makes a pass.
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
        /// What the running dom0 has to show.
        package var expectations: [Expectation]

        /// Plans a boot.
        package init(
            token: String, guestTokens: [DomainMode: String] = [:], probe: String, version: String,
            guests: [DomainMode], expectations: [Expectation] = []
        ) {
            self.token = token
            self.guestTokens = guestTokens
            self.probe = probe
            self.version = version
            self.guests = guests
            self.expectations = expectations
        }
    }

    private struct Held {
        var trouble: Trouble
        let stage: BootStage
        let firstLine: Int
        let until: Double
    }

    let plan: Plan
    private let order: [BootStage]
    private var reader: ResultReader
    private let consoleSegments: ConsoleSegments
    private let lostChannel: LostChannel
    private var held: Held?
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
    package private(set) var warnings: [String] = []
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
        order = BootStage.all(guests: plan.guests)
        reader = ResultReader(token: plan.token)
        consoleSegments = ConsoleSegments(token: plan.token)
        lostChannel = LostChannel(token: plan.token)
    }

    /// The stage in which the boot is; the last one when all have passed.
    package var stage: BootStage { order[min(stages.count, order.count - 1)] }

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
            return fail(problem.kind, problem.reason, lines: Array(lines.suffix(4)))
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

    /// Lets time pass: decides what was held back for long enough.
    package mutating func tick(at time: Double) {
        guard let held, failure == nil, time >= held.until else { return }
        decide(held)
    }

    /// Ends the boot because nothing was heard for too long, or because it took too long as a whole.
    package mutating func giveUp(_ kind: FailureClass, reason: String, at time: Double) {
        if let held { return decide(held) }
        fail(kind, reason, lines: Array(lines.suffix(12)))
    }

    /// Ends the boot because the machine is gone: QEMU's own words and how it ended.
    package mutating func machineEnded(_ how: String, output: [String], succeeded: Bool) {
        if isOver { return }
        if let held { return decide(held) }
        if succeeded, !stages.isEmpty {
            return fail(
                .crashLoop, "the machine restarted or switched itself off without saying why",
                lines: Array(lines.suffix(20)))
        }
        fail(.infrastructure, "QEMU ended before the boot did (\(how))", lines: output.suffix(20) + lines.suffix(12))
    }

    // MARK: What it makes of it

    private mutating func result(_ event: ResultReader.Event, at time: Double) {
        guard !isOver else { return }
        switch event {
        case .progress(let stage): if begins[stage] == nil { begins[stage] = time }
        case .damaged(let reason, let line):
            fail(.infrastructure, "the result channel is damaged: \(reason)", lines: [String(line.prefix(400))])
        case .record(let record):
            records[record.kind + " " + record.name] = record
            if let problem = judge(record, at: time) {
                guard failure == nil else { return }
                // A panic that is just being reported explains more than what followed from it.
                if let held, held.trouble != .oops { return decide(held) }
                fail(problem.kind, problem.reason, lines: problem.lines)
            } else if record.kind == "end" {
                finish(at: time)
            }
        }
    }

    private mutating func finish(at time: Double) {
        if let held { return decide(held) }
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

    private mutating func append(_ stage: BootStage, _ verdict: Verdict, _ evidence: [String], at time: Double) {
        let seconds = (max(time - stageBegan, 0) * 100).rounded() / 100
        stages.append(StageResult(name: stage.name, verdict: verdict, seconds: seconds, evidence: evidence))
        self.evidence = []
    }

    private mutating func hold(_ trouble: Trouble, _ time: Double) {
        if let held {
            if trouble.worsens(held.trouble) { self.held?.trouble = trouble }
            return
        }
        let kind = trouble.kind
        var first = lines.count - 1
        if kind == .refused || (kind == .panic && stage == .dom0Build) {
            first = max(lines.lastIndex { ConsoleSign.of($0) == .buildingDom0 } ?? first - 6, 0)
        } else {
            first = max(first - 3, 0)
        }
        held = Held(trouble: trouble, stage: stage, firstLine: first, until: time + trouble.patience)
    }

    private mutating func decide(_ held: Held) {
        let shown = lines[min(held.firstLine, lines.count)...].prefix(60)
        fail(held.trouble.kind, held.trouble.reason, lines: Array(shown), in: held.stage)
    }

    private mutating func fail(_ kind: FailureClass, _ reason: String, lines: [String], in stage: BootStage? = nil) {
        guard failure == nil else { return }
        let place = stage ?? self.stage
        failure = BootFailure(stage: place.name, kind: kind, reason: reason, lines: lines)
        if place == self.stage, stages.count < order.count {
            append(place, .fail, evidence + [reason], at: max(lastHeard, stageBegan))
        }
    }
}
