import Bytes
import Diagnostics
import KernelModel

/// What is wrong with a record.
struct RecordProblem {
    let kind: FailureClass
    let reason: String
    let lines: [String]
    /// The stage it belongs to, where that is not the one in which the boot is.
    var stage: BootStage? = nil
}

extension BootMonitor {
    /// Judges a record by what it has to show; a problem ends the boot.
    mutating func judge(_ record: ResultRecord, at time: Double) -> RecordProblem? {
        switch (record.kind, record.name) {
        case ("hello", let release):
            self.release = release
            if stage != .dom0Init { pass(.dom0Kernel, at: time) }
            evidence += record.lines
            return nil
        case ("files", _): return nil
        case ("log", _): return judgeInit(at: time)
        case ("control", _): return judgeControl(record, at: time)
        case ("output", "event-channel"), ("output", "xenstored"), ("output", "xen-init-dom0"),
            ("output", "xenstore-write"):
            return judgeCommand(record)
        case ("output", "xenstore-read"): return judgeXenstore(record, at: time)
        case ("output", "xenconsoled"): return judgeCommand(record)
        case ("output", "xl-info"): return judgeInfo(record)
        case ("output", "xl-list"): return judgeList(record, at: time)
        case ("output", "programs"): return judgePrograms(record, at: time)
        case ("backends", _): return judgeBackends(record, at: time)
        case ("console", let name):
            // The last that is said of a guest's start.
            guard let mode = DomainMode(rawValue: name), plan.guests.contains(mode) else {
                return RecordProblem(kind: .infrastructure, reason: "the guest \(name) was not asked for", lines: [])
            }
            return judgeGuest(mode, at: time)
        case ("check", _): return judgeCheck(record, at: time)
        case ("failed", let stage):
            return RecordProblem(kind: .error, reason: "domain 0 gave up in '\(stage)'", lines: evidence)
        case ("problems", _): return judgeFaults(record)
        default: return nil
        }
    }

    // MARK: Domain 0

    private mutating func judgeInit(at time: Double) -> RecordProblem? {
        let files = records["files dom0"].map { Self.shownFiles($0) } ?? [:]
        for (path, lines) in files.sorted(by: { $0.key < $1.key }) {
            evidence.append("\(path): \(lines.map { $0.joined(separator: " ") } ?? "not there")")
        }
        let log = records["log dom0"]?.lines ?? []
        for expectation in plan.expectations { expectations.append(check(expectation, files: files, log: log)) }
        evidence += expectations.map { "\($0.subject): \($0.found ?? "nothing")" }
        let broken = expectations.filter { $0.verdict == .fail }
        guard broken.isEmpty else {
            let lines = broken.map {
                "\($0.subject): expected '\($0.expected)', found \($0.found.map { "'\($0)'" } ?? "nothing")"
            }
            return RecordProblem(kind: .mismatch, reason: "the running domain 0 is not what was expected", lines: lines)
        }
        pass(.dom0Init, at: time)
        return nil
    }

    private func check(_ expectation: Expectation, files: [String: [String]?], log: [String]) -> ExpectationResult {
        func result(_ subject: String, _ expected: String, _ found: String?, _ holds: Bool) -> ExpectationResult {
            ExpectationResult(subject: subject, expected: expected, found: found, verdict: holds ? .pass : .fail)
        }
        switch expectation {
        case .release(let expected): return result("uname -r", expected, release, release == expected)
        case .file(let path, let content):
            let found = (files[path] ?? nil).map { Self.trimmed($0.joined(separator: "\n")) }
            return result(path, content, found, found == Self.trimmed(content))
        case .kernelLog(let pattern):
            let found = pattern.firstMatch(in: log)
            return result("kernel log", pattern.text, found, found != nil)
        }
    }

    private mutating func judgeControl(_ record: ResultRecord, at time: Double) -> RecordProblem? {
        let capabilities = (Self.shownFiles(record)["/proc/xen/capabilities"] ?? nil) ?? []
        evidence += record.lines
        let files = Self.shownFiles(record)
        guard files["/proc/xen/capabilities"].flatMap({ $0 }) != nil else {
            return .noInterface("xenfs (CONFIG_XENFS): there is no /proc/xen/capabilities", record.lines)
        }
        guard capabilities.contains(where: { $0.split(separator: " ").contains("control_d") }) else {
            return .noControl(record.lines)
        }
        for (node, option) in Self.interfaces where files[node].map({ $0 == nil }) == true {
            return .noInterface("/dev/xen/\(node) (\(option))", record.lines)
        }
        pass(.control, at: time)
        return nil
    }

    /// What the toolstack opens in `/dev/xen`, and the options of Linux that make it.
    private static let interfaces = [
        ("privcmd", "CONFIG_XEN_PRIVCMD"), ("evtchn", "CONFIG_XEN_DEV_EVTCHN"), ("gntdev", "CONFIG_XEN_GNTDEV"),
        ("xenbus", "CONFIG_XEN_XENBUS_FRONTEND"),
    ]

    private mutating func judgeBackends(_ record: ResultRecord, at time: Double) -> RecordProblem? {
        let files = Self.shownFiles(record)
        let needed: [(GuestCheck, driver: String, name: String)] = [
            (.disk, "vbd", "blkback (CONFIG_XEN_BLKDEV_BACKEND): no guest gets a disk"),
            (.network, "vif", "netback (CONFIG_XEN_NETDEV_BACKEND): no guest gets a network"),
        ]
        for (check, driver, name) in needed where plan.checks.contains(check) {
            guard files[driver].flatMap({ $0 }) == nil else { continue }
            return RecordProblem(kind: .backendMissing, reason: "domain 0 has no \(name)", lines: record.lines)
        }
        pass(.backends, record.lines, at: time)
        return nil
    }

    /// The kernel's own account of its faults: the bits of `/proc/sys/kernel/tainted` (Linux
    /// `Documentation/admin-guide/tainted-kernels.rst`), which no text can set. Its log explains them.
    private mutating func judgeFaults(_ record: ResultRecord) -> RecordProblem? {
        guard let bits = records["taint dom0"].flatMap({ Int(Self.trimmed($0.text)) }) else {
            return RecordProblem(
                kind: .infrastructure, reason: "the kernel of domain 0 does not tell its faults", lines: record.lines)
        }
        let faults = [(5, "a damaged page"), (7, "an oops")].filter { bits & 1 << $0.0 != 0 }.map(\.1)
        if bits & (1 << 9 | 1 << 14) != 0 {
            let lines = record.lines.filter { ConsoleSign.of($0) == .warning && !warnings.contains($0) }
            warnings +=
                lines.isEmpty && warnings.isEmpty ? ["the kernel of domain 0 counts a warning (\(bits))"] : lines
        }
        guard !faults.isEmpty else { return nil }
        let line = record.lines.first { ConsoleSign.of($0) == .oops }
        return RecordProblem(
            kind: .oops,
            reason: "the kernel of domain 0 counts \(faults.joined(separator: " and "))"
                + (line.map { ": \($0)" } ?? ""),
            lines: record.lines)
    }

    private mutating func judgeCommand(_ record: ResultRecord) -> RecordProblem? {
        guard let output = record.output else {
            return RecordProblem(
                kind: .infrastructure, reason: "the report of \(record.name) is damaged", lines: record.lines)
        }
        evidence += output.lines.map { "\(record.name): \($0)" }
        if output.status == 0 { return nil }
        if let version = runningVersion, !Self.fits(version, plan.version) {
            return .mismatch(version, plan, output.lines)
        }
        return RecordProblem(
            kind: .error, reason: "\(record.name) failed with exit status \(output.status)", lines: output.lines)
    }

    /// The hypervisor's version as it told it to the kernel: `/sys/hypervisor/version`.
    private var runningVersion: String? {
        let files = records["files dom0"].map { Self.shownFiles($0) } ?? [:]
        func part(_ name: String) -> String? { files["/sys/hypervisor/version/\(name)"].flatMap { $0 }?.first }
        guard let major = part("major"), let minor = part("minor") else { return nil }
        return "\(major).\(minor)"
    }

    private mutating func judgeXenstore(_ record: ResultRecord, at time: Double) -> RecordProblem? {
        if let problem = judgeCommand(record) { return problem }
        let lines = record.output?.lines ?? []
        guard lines == [plan.probe, "Domain-0"] else {
            return RecordProblem(
                kind: .mismatch, reason: "xenstore does not give back what was written to it",
                lines: ["written: \(plan.probe), Domain-0"] + lines)
        }
        pass(.xenstore, at: time)
        return nil
    }

    private mutating func judgeInfo(_ record: ResultRecord) -> RecordProblem? {
        if let problem = judgeCommand(record) { return problem }
        let info = Self.fields(record.output?.lines ?? [])
        let version = info["xen_version"] ?? ""
        hypervisorVersion = version
        guard Self.fits(version, plan.version) else {
            return .mismatch(version, plan, record.lines)
        }
        guard info["release"] == release else {
            return RecordProblem(
                kind: .mismatch, reason: "xl reports the kernel '\(info["release"] ?? "")', not \(release ?? "")",
                lines: record.lines)
        }
        return nil
    }

    private mutating func judgeList(_ record: ResultRecord, at time: Double) -> RecordProblem? {
        if let problem = judgeCommand(record) { return problem }
        let lines = record.output?.lines ?? []
        let found = lines.contains { $0.split(separator: " ").prefix(2).elementsEqual(["Domain-0", "0"]) }
        guard found else {
            return RecordProblem(kind: .mismatch, reason: "xl does not list domain 0", lines: lines)
        }
        pass(.toolstack, at: time)
        return nil
    }

    /// Each program says the probe, in its own way.
    private mutating func judgePrograms(_ record: ResultRecord, at time: Double) -> RecordProblem? {
        if let problem = judgeCommand(record) { return problem }
        let lines = record.output?.lines ?? []
        guard lines == ["static", "moved", "dynamic"].map({ "\($0) \(plan.probe)" }) else {
            return RecordProblem(kind: .mismatch, reason: "programs of today do not say what they should", lines: lines)
        }
        pass(.programs, at: time)
        return nil
    }

    // MARK: Reading

    /// `+path` and its lines, each after a blank; `-path` for what is not there.
    static func shownFiles(_ record: ResultRecord) -> [String: [String]?] {
        var files: [String: [String]?] = [:]
        var current: String?
        for line in record.lines {
            if line.hasPrefix("+") {
                current = String(line.dropFirst())
                if let current { files[current] = .some([]) }
            } else if line.hasPrefix("-") {
                files[String(line.dropFirst())] = .some(nil)
                current = nil
            } else if let path = current, line.hasPrefix(" ") {
                files[path]??.append(String(line.dropFirst()))
            }
        }
        return files
    }

    /// `key : value` lines.
    static func fields(_ lines: [String]) -> [String: String] {
        var fields: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = trimmed(String(line[..<colon]))
            if fields[key] == nil { fields[key] = trimmed(String(line[line.index(after: colon)...])) }
        }
        return fields
    }

    /// Whether a version is one of a series: `4.17.7` and `4.17` are of `4.17`, `4.170` is not.
    static func fits(_ version: String, _ series: String) -> Bool {
        guard version.hasPrefix(series) else { return false }
        let next = version.dropFirst(series.count).first
        return next == nil || next == "." || next == "-" || next == "+"
    }

    static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}

extension RecordProblem {
    /// A file or node that the toolstack needs is not there.
    static func noInterface(_ what: String, _ lines: [String]) -> RecordProblem {
        RecordProblem(kind: .interfaceMissing, reason: "domain 0 has no \(what)", lines: lines)
    }

    /// The tools are those of another version of Xen.
    static func mismatch(_ version: String, _ plan: BootMonitor.Plan, _ lines: [String]) -> RecordProblem {
        RecordProblem(
            kind: .toolstackMismatch, reason: "the toolstack is that of Xen \(plan.version), and Xen \(version) runs",
            lines: lines, stage: .toolstack)
    }
}
