/// Something in an input that a verdict needs and that was not understood, or that is not settled.
public struct Gap: Sendable, Hashable, Encodable {
    /// The file.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// What about it.
    public let text: String

    /// States a gap.
    public init(file: String, line: Int, text: String) {
        self.file = file
        self.line = line
        self.text = text
    }
}

/// An error for which there is no verdict, so that a command that was to give one says `unknown`.
public protocol UndecidedError: DiagnosedError {
    /// Where it lies; empty where it lies in no line, or where the error is of another category than
    /// ``ErrorCategory/undecided``.
    var gaps: [Gap] { get }
}
