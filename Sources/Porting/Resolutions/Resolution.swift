import Bytes
public import Merging

/// How somebody has solved a conflict: remembered by what was in conflict, not by where.
public struct Resolution: Sendable, Equatable {
    /// What it is the answer to.
    public enum Kind: String, Sendable, CaseIterable {
        /// Some lines of a file.
        case lines
        /// A whole file.
        case file
        /// A whole patch: the base is the patch as it was, and the answer the one that takes its place.
        case patch
    }

    /// What it is the answer to.
    public let kind: Kind
    /// The patch it was made for. It is used elsewhere as well, where the lines are the same: but then it is likely, not
    /// certain.
    public let patch: String
    /// The file it was made in; empty for a whole patch.
    public let file: String
    /// The sides of the conflict.
    public let conflict: MergeConflict
    /// What is to be there.
    public let answer: [UInt8]

    /// States a resolution.
    public init(kind: Kind, patch: String, file: String, conflict: MergeConflict, answer: [UInt8]) {
        self.kind = kind
        self.patch = patch
        self.file = file
        self.conflict = conflict
        self.answer = answer
    }

    /// Whether it was made for this place.
    func isFor(_ patch: String, _ file: String) -> Bool { self.patch == patch && self.file == file }

    /// What it is found by.
    var key: Key { Key(kind, conflict) }

    /// The identity of a conflict.
    struct Key: Hashable {
        let kind: Kind
        let digest: Digest

        init(_ kind: Kind, _ conflict: MergeConflict) {
            self.kind = kind
            var text: [UInt8] = []
            for side in [conflict.base, conflict.ours, conflict.theirs] { text += Array("\(side.count)\n".utf8) + side }
            digest = Digest(of: text)
        }

        /// The key of what takes the place of a patch.
        static func patch(_ bytes: [UInt8]) -> Key { Key(.patch, MergeConflict(base: bytes, ours: [], theirs: [])) }
    }

    /// How many lines the answer has that none of the sides has; 0 for a whole patch, which is judged by applying it.
    public var ownLines: Int { kind == .patch ? 0 : conflict.ownLines(of: answer) }
}
