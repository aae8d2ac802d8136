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
    /// Domain 0 ended by a crash, a halt or a request to restart.
    case dom0Ended
    /// The kernel of domain 0 reported a defect in itself.
    case oops

    /// What kind of failure it is.
    var kind: FailureClass {
        switch self {
        case .restarted: .crashLoop
        case .refused: .refused
        case .hypervisorPanic, .kernelPanic, .dom0Ended: .panic
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
        case .dom0Ended: "domain 0 ended too early"
        case .oops: "the kernel of domain 0 reported a defect in itself"
        }
    }

    /// How many seconds the lines that explain it may take.
    var patience: Double {
        switch self {
        case .restarted: 0
        case .refused, .hypervisorPanic: 1
        case .kernelPanic: 0.6
        case .dom0Ended: 0.4
        case .oops: 3
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
