/// A step Kbuild announces in its quiet output: `  CC [M]  fs/ext4/balloc.o`.
public struct KbuildStep: Sendable, Equatable {
    /// What is done: `CC`, `LD`, `AR`, `HOSTCC`, `CC [M]`.
    public let action: String
    /// To which file.
    public let target: String

    /// Reads a line of output; `nil` if it announces nothing.
    public init?(line: String) {
        guard line.hasPrefix("  ") else { return nil }
        var words = line.split(separator: " ")
        guard let first = words.first, let initial = first.utf8.first, (65...90).contains(initial),
            first.utf8.allSatisfy({ (65...90).contains($0) || (48...57).contains($0) || $0 == 95 })
        else { return nil }
        words.removeFirst()
        var action = String(first)
        if let mark = words.first, mark.hasPrefix("["), mark.hasSuffix("]") {
            action += " \(mark)"
            words.removeFirst()
        }
        guard let target = words.first else { return nil }
        self.action = action
        self.target = String(target)
    }
}
