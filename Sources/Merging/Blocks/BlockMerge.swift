/// A change of named pieces of a file that upstream has moved: within the file, or to another one.
///
/// For every piece (``TextBlocks``) that the patch changes and upstream has moved, the piece is merged by itself: as it was,
/// as the patch leaves it, and as upstream has it in the new place. What else the patch changes is merged as ever, without
/// these pieces. A piece counts as moved where
/// 1. both trees have its name once, in the file where it was and in the one where it is,
/// 2. the file where it is now did not have it before, or it is the same file with the piece elsewhere,
/// 3. half of its lines are the same at least, and no other file has more.
public struct BlockMerge: Sendable {
    /// A piece that was found elsewhere.
    public struct Moved: Sendable {
        /// Its name.
        public let name: String
        /// What the merge makes of it.
        let text: [UInt8]
        let key: [UInt8]
    }

    /// How much of a piece has to be the same.
    public static let least = 0.5

    private let before: TextBlocks
    private let after: TextBlocks
    /// The pieces that the patch changes.
    public let names: [[UInt8]]

    /// What a patch makes of a file.
    public init(before: [UInt8], after: [UInt8]) {
        self.before = TextBlocks(before)
        self.after = TextBlocks(after)
        names = self.before.names(changedIn: self.after)
    }

    /// How much of a piece another text has; `nil` where it has none of that name, or not enough.
    public func share(of name: [UInt8], in other: TextBlocks) -> Double? {
        guard let one = before.text(of: name), let two = other.text(of: name) else { return nil }
        let share = Similarity.ofLines(one, two)
        return share >= Self.least ? share : nil
    }

    /// What a piece becomes in its new place; `nil` where both sides have changed the same lines.
    public func merged(
        _ name: [UInt8], in other: TextBlocks, rules: Set<ThreeWayMerge.Rule> = Set(ThreeWayMerge.Rule.allCases)
    ) -> (moved: Moved, rules: Set<ThreeWayMerge.Rule>)? {
        guard let base = before.text(of: name), let ours = after.text(of: name), let theirs = other.text(of: name)
        else { return nil }
        let merge = ThreeWayMerge(base: base, ours: ours, theirs: theirs, rules: rules)
        guard let text = merge.text else { return nil }
        return (Moved(name: String(decoding: name, as: UTF8.self), text: text, key: name), merge.rules)
    }

    /// The file as the patch leaves it, but with these pieces as they were.
    public func remainder(without names: [[UInt8]]) -> [UInt8]? {
        var text = Array(after.lines.joined())
        for name in names {
            guard let piece = before.text(of: name), let next = TextBlocks(text).replacing(name, by: piece) else {
                return nil
            }
            text = next
        }
        return text
    }

    /// A text with the pieces in their places.
    public static func put(_ pieces: [Moved], into text: [UInt8]) -> [UInt8]? {
        var text = text
        for piece in pieces {
            guard let next = TextBlocks(text).replacing(piece.key, by: piece.text) else { return nil }
            text = next
        }
        return text
    }
}
