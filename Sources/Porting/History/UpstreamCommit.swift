/// A commit of the upstream history.
public struct UpstreamCommit: Sendable, Equatable {
    /// Its name in full.
    public let commit: String
    /// The first line of its message.
    public let subject: String
    /// Who wrote it.
    public let author: String
    /// When, as `2024-05-13`.
    public let date: String
    /// How many of the lines in question it brought or took away.
    public let lines: Int

    /// For people: `0123456789ab 2024-05-13 Some Body: the subject`.
    public var line: String { "\(commit.prefix(12)) \(date) \(author): \(subject)" }
}
