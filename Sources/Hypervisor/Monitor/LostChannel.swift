/// What domain 0's init says in the kernel's log where it cannot write to the second serial port and either has no console
/// or no control of Xen, as a line `!TOKEN lost CAPABILITIES`: the content of `/proc/xen/capabilities`.
///
/// That is how a kernel without `CONFIG_XEN_DOM0` ends that Xen has started as domain 0: it takes itself for a guest, so
/// that the serial port's interrupt and the console are not its own; what it takes for its console nobody sees.
struct LostChannel {
    private let mark: String

    init(token: String) { mark = "!\(token) lost" }

    /// What is wrong, if the line says it.
    func problem(_ line: String) -> RecordProblem? {
        guard let start = line.firstRange(of: mark) else { return nil }
        let capabilities = line[start.upperBound...].split(separator: " ")
        guard capabilities.contains("control_d") else { return .noControl([line]) }
        return RecordProblem(
            kind: .infrastructure,
            reason: "domain 0 can write neither to the second serial port nor to its console", lines: [line])
    }
}

extension RecordProblem {
    /// The kernel runs on Xen but is not allowed to control it.
    static func noControl(_ lines: [String]) -> RecordProblem {
        RecordProblem(
            kind: .mismatch,
            reason: "the kernel runs on Xen but not as its control domain: /proc/xen/capabilities has no control_d",
            lines: lines)
    }
}
