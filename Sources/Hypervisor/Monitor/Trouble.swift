/// Trouble that the console tells of, and that is held back for a moment: the lines that follow explain it.
enum Trouble: Sendable, Equatable {
    /// The machine started over.
    case restarted
    /// Xen does not take the kernel.
    case refused
    /// Xen panicked.
    case hypervisorPanic
    /// The kernel of domain 0 panicked, with its own words.
    case kernelPanic(String)
    /// Domain 0 crashed, as Xen saw it.
    case dom0Crashed
    /// Domain 0 switched itself off or asked for a restart, as Xen saw it.
    case dom0Ended
    /// The kernel of domain 0 reported a defect in itself.
    case oops

    /// What kind of failure it is.
    var kind: FailureClass {
        switch self {
        case .restarted: .crashLoop
        case .refused: .refused
        case .hypervisorPanic, .kernelPanic, .dom0Crashed: .panic
        case .dom0Ended: .ended
        case .oops: .oops
        }
    }

    /// One sentence for display.
    var reason: String {
        switch self {
        case .restarted: "the machine started again from the beginning"
        case .refused: "Xen does not take the kernel as domain 0"
        case .hypervisorPanic: "Xen panicked"
        case .kernelPanic(let words): "the kernel of domain 0 panicked: \(words)"
        case .dom0Crashed: "domain 0 crashed"
        case .dom0Ended: "domain 0 switched itself off or restarted before its report was complete"
        case .oops: "the kernel of domain 0 reported a defect in itself"
        }
    }

    /// Whether this, coming after `earlier`, is the same trouble and worse: a panic after an oops. Xen's panic after a
    /// refusal is how it refuses, and the end of domain 0 says less than what led to it.
    func worsens(_ earlier: Trouble) -> Bool {
        switch (earlier, self) {
        case (.oops, .hypervisorPanic), (.oops, .kernelPanic): true
        default: false
        }
    }
}
