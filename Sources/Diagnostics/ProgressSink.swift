/// Something a long-running operation tells while it runs. Presentation decides how it looks.
public enum ProgressEvent: Sendable {
    /// A unit of work begins (`what` in the imperative: "unpack linux-source-6.1").
    case began(what: String)
    /// How far the current unit is: items done, the total where known, and the item in work.
    case advanced(done: Int, total: Int?, item: String)
    /// A fact worth a line in a log.
    case note(String)
    /// Something that does not stop the work but that a maintainer should read.
    case warning(String)
}

/// Where progress goes. Called from any thread, possibly many times a second.
public protocol ProgressSink: Sendable {
    /// Takes one event.
    func report(_ event: ProgressEvent)
}

/// A sink that forgets everything.
public struct NoProgress: ProgressSink {
    /// A sink without state.
    public init() {}
    /// Discards the event.
    public func report(_ event: ProgressEvent) {}
}
