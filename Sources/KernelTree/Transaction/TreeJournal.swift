import Bytes
import Patching
import SystemPackage

/// Every step of a transaction, written down before the first one is taken.
///
/// A text: a line `dom0kit-journal 2`, then a line for each file: `create`, `replace` or `delete`, the number of its
/// staged file, that file's inode number where it is to be exchanged with the old one (else 0), and its path, with bytes
/// outside of printable ASCII, spaces and `%` as `%XX`; last a line `end`.
struct TreeJournal: Sendable {
    enum Kind: String { case create, replace, delete }

    struct Step: Sendable {
        let kind: Kind
        let number: Int
        let path: RelativePath
        /// The inode number of the staged file where it is exchanged with the old one: who has which name then shows
        /// whether that has been done. 0 where the old one is kept by a second link.
        var inode: UInt64 = 0

        init(kind: Kind, number: Int, path: RelativePath, inode: UInt64 = 0) {
            (self.kind, self.number, self.path, self.inode) = (kind, number, path, inode)
        }

        /// What a change needs to be done; `nil` for none.
        init?(_ change: FileChange, number: Int) {
            switch (change.before, change.after) {
            case (nil, nil): return nil
            case (nil, _?): self.init(kind: .create, number: number, path: change.path)
            case (_?, nil): self.init(kind: .delete, number: number, path: change.path)
            case (_?, _?): self.init(kind: .replace, number: number, path: change.path)
            }
        }

        /// Which of the folders for new files it is in.
        func folder(of new: [Beneath]) -> Beneath { new[number % new.count] }

        /// The name of the staged and of the kept file.
        var stagedName: [UInt8] { Array("\(number)".utf8) }
    }

    let steps: [Step]

    /// Puts steps into the order in which they are taken.
    init(_ steps: [Step]) { self.steps = steps.sorted { $0.path < $1.path } }

    /// Reads a journal.
    init(_ text: [UInt8], folder: FilePath) throws(FolderTreeError) {
        let lines = text.split(separator: 10, omittingEmptySubsequences: false)
        guard lines.count >= 3, lines[0].elementsEqual("dom0kit-journal 2".utf8),
            lines[lines.count - 2].elementsEqual("end".utf8)
        else { throw .damagedJournal(folder: folder, line: lines.count) }
        var steps: [Step] = []
        for (index, line) in lines[1..<(lines.count - 2)].enumerated() {
            let fields = line.split(separator: 32, omittingEmptySubsequences: false)
            guard fields.count == 4, let kind = Kind(rawValue: String(decoding: fields[0], as: UTF8.self)),
                let number = Int(String(decoding: fields[1], as: UTF8.self)), number >= 0,
                let inode = UInt64(String(decoding: fields[2], as: UTF8.self)), let path = Self.unescaped(fields[3])
            else { throw .damagedJournal(folder: folder, line: index + 2) }
            steps.append(Step(kind: kind, number: number, path: path, inode: inode))
        }
        self.steps = steps
    }

    /// The journal as it is written.
    var text: [UInt8] {
        var text = Array("dom0kit-journal 2\n".utf8)
        for step in steps {
            text += Array("\(step.kind.rawValue) \(step.number) \(step.inode) ".utf8)
            text += Self.escaped(step.path)
            text.append(10)
        }
        return text + Array("end\n".utf8)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func escaped(_ path: RelativePath) -> [UInt8] {
        func isPlain(_ byte: UInt8) -> Bool { byte > 32 && byte < 127 && byte != UInt8(ascii: "%") }
        if path.bytes.allSatisfy(isPlain) { return path.bytes }
        return path.bytes.flatMap { byte in
            isPlain(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> RelativePath? {
        var bytes: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "%") {
                guard index + 2 < text.endIndex, let high = digits.firstIndex(of: text[index + 1]),
                    let low = digits.firstIndex(of: text[index + 2])
                else { return nil }
                bytes.append(UInt8(high * 16 + low))
                index += 3
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return RelativePath(bytes)
    }
}
