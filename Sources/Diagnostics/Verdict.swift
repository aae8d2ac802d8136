/// The outcome of a check, a stage or a run.
public enum Verdict: String, Sendable, Codable, CaseIterable, Comparable {
    /// Everything that was asked for was checked and holds.
    case pass
    /// It holds, with something a maintainer should know.
    case warn
    /// It is undecided: something the verdict needs was not understood, or is not settled.
    case unknown
    /// It does not hold.
    case fail

    private var severity: Int {
        switch self {
        case .pass: 0
        case .warn: 1
        case .unknown: 2
        case .fail: 3
        }
    }

    /// Orders by severity: `pass < warn < unknown < fail`.
    public static func < (left: Verdict, right: Verdict) -> Bool { left.severity < right.severity }
}
