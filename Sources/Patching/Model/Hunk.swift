/// One hunk of a patch.
public struct Hunk: Sendable, Hashable {
    /// The line of its header in the patch file, from 1.
    public let line: Int
    /// Its first old line, as the header says (0 where the old side is empty at the top).
    public let oldStart: Int
    /// How many old lines it has.
    public let oldCount: Int
    /// Its first new line, as the header says.
    public let newStart: Int
    /// How many new lines it has.
    public let newCount: Int
    /// The lines of context before the first change.
    public let prefixContext: Int
    /// The lines of context after the last change.
    public let suffixContext: Int
    /// Where the text after the second `@@` is in the file patch's source.
    public let section: Range<Int>
    /// Where its lines are in the file patch's source.
    public let body: Range<Int>
}

/// One direction of a `GIT binary patch`.
public struct BinaryHunk: Sendable {
    /// How the data is to be read.
    public enum Method: Sendable {
        /// The data is the content.
        case literal
        /// The data are instructions that build the content from the old one.
        case delta
    }

    /// How the data is to be read.
    public let method: Method
    /// The length of the inflated data, as the patch says.
    public let size: Int
    /// The data after base85, still deflated.
    public let deflated: [UInt8]
    /// The line of its header in the patch file, from 1.
    public let line: Int
}
