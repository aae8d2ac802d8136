import Merging
public import Patching

/// What a patch written anew does otherwise than the one it comes from: the lines it adds and takes away, whatever their
/// places and what is around them. Nothing is different where only numbers and context change.
public struct PatchDifference: Sendable, Equatable {
    /// A line that only one of the two patches has.
    public struct Line: Sendable, Equatable {
        /// The file, as that patch names it.
        public let path: RelativePath
        /// `+` for one that is added, `-` for one that is taken away.
        public let sign: String
        /// The line, without its end.
        public let text: [UInt8]
    }

    /// The lines of the old patch that the new one does not have, in order.
    public let gone: [Line]
    /// The lines of the new patch that the old one does not have, in order.
    public let new: [Line]

    /// Whether both do the same.
    public var isEmpty: Bool { gone.isEmpty && new.isEmpty }

    /// Compares two patches.
    /// - Throws: `PatchError`.
    init(from old: PatchInput, to new: PatchInput, reading: PatchReading) throws {
        let (before, after) = (try Self.lines(of: old, reading), try Self.lines(of: new, reading))
        gone = Self.without(before, after)
        self.new = Self.without(after, before)
    }

    private static func lines(of input: PatchInput, _ reading: PatchReading) throws -> [Line] {
        let patch = try ParsedPatch.parse(input.blob, name: input.name, strip: input.strip, reading: reading)
        var lines: [Line] = []
        for file in patch.files {
            guard let path = file.newPath ?? file.oldPath ?? file.indexPath else { continue }
            let bytes = file.source.bytes
            for hunk in file.hunks {
                for line in TextLines(Array(bytes[hunk.body])).lines {
                    guard let sign = line.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
                        continue
                    }
                    lines.append(
                        Line(
                            path: path, sign: sign == UInt8(ascii: "+") ? "+" : "-",
                            text: Array(line.dropFirst().prefix { $0 != 10 })))
                }
            }
        }
        return lines
    }

    /// The lines that the others do not have, counted with repetitions; the file does not matter, since it may have moved.
    private static func without(_ lines: [Line], _ others: [Line]) -> [Line] {
        var left = Dictionary(grouping: others, by: \.sign).mapValues { LineCounts($0.map { $0.text[...] }) }
        return lines.filter { left[$0.sign]?.take($0.text[...]) != true }
    }
}
