/// Random numbers that are the same on every machine (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<max(limit, 1), using: &self) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// A file, a patch for it, and a tree where that file has changed a little since.
struct RandomPatch {
    var tree: [UInt8]
    var patch: [UInt8]
    /// What the patch was made from, and what it makes of that.
    var old: [UInt8]
    var new: [UInt8]
    /// The lines of context its hunks were made with.
    var context: Int
    /// Whether some have less context at one end, as no tool makes them.
    var isSkewed: Bool
    /// Whether its hunks are not in order, or one is there twice.
    var isShuffled: Bool
    var isDoubled: Bool

    /// Makes a case. Few different lines, so that places are often ambiguous.
    init(seed: UInt64) {
        var random = SeededGenerator(seed)
        let alphabet = random.chance(50) ? 4 : 40
        func line(_ random: inout SeededGenerator) -> String {
            let index = random.below(alphabet)
            return index == 0 ? "" : index == 1 ? "}" : "line \(index)"
        }
        let count = random.chance(10) ? random.below(4) : 3 + random.below(40)
        let old = (0..<count).map { _ in line(&random) }

        // An edit script: keep, delete, insert.
        var script: [(kind: Character, text: String)] = []
        let density = [4, 8, 15, 30][random.below(4)]
        for text in old {
            while random.chance(density) { script.append(("+", line(&random))) }
            script.append((random.chance(density) ? "-" : " ", text))
        }
        while random.chance(density) { script.append(("+", line(&random))) }
        if !script.contains(where: { $0.kind != " " }) {
            script.insert(("+", "new line"), at: random.below(script.count + 1))
        }
        // A line without a newline cannot be empty.
        let oldIncomplete = random.chance(10) && old.last?.isEmpty == false
        let lastNew = script.last { $0.kind != "-" }
        let newIncomplete = (oldIncomplete ? random.chance(60) : random.chance(5)) && lastNew?.text.isEmpty == false
        let context = random.below(5)
        self.context = context
        let skew = random.chance(25) ? random.below(3) : 0
        isSkewed = skew > 0
        var hunks = Self.hunks(
            script, context: context, skew: skew, random: &random,
            oldIncomplete: oldIncomplete, newIncomplete: newIncomplete)
        // The same hunk twice, and hunks that are out of order.
        isShuffled = hunks.count > 1 && random.chance(6)
        if isShuffled { hunks.swapAt(0, 1 + random.below(hunks.count - 1)) }
        isDoubled = random.chance(6)
        if isDoubled, let hunk = hunks.randomElement(using: &random) {
            hunks.insert(hunk, at: random.below(hunks.count + 1))
        }
        var text = "--- a/file\n+++ b/file\n"
        for hunk in hunks { text += hunk }

        // The tree: the old file with lines put in, taken out, changed.
        var tree = old
        let damage = [0, 0, 3, 8, 20][random.below(5)]
        var index = 0
        while index < tree.count {
            if random.chance(damage) {
                switch random.below(3) {
                case 0: tree.insert(line(&random), at: index)
                case 1: tree.remove(at: index)
                default: tree[index] = line(&random)
                }
            }
            index += 1
        }
        if random.chance(20) { tree.insert(contentsOf: (0..<random.below(12)).map { _ in line(&random) }, at: 0) }
        var content = tree.map { $0 + "\n" }.joined()
        if oldIncomplete, tree.last?.isEmpty == false { content.removeLast() }
        self.tree = Array(content.utf8)
        func side(without other: Character, incomplete: Bool) -> [UInt8] {
            var text = script.filter { $0.kind != other }.map { $0.text + "\n" }.joined()
            if incomplete { text.removeLast() }
            return Array(text.utf8)
        }
        self.old = side(without: "+", incomplete: oldIncomplete)
        self.new = side(without: "-", incomplete: newIncomplete)
        patch = Array(text.utf8)
    }

    private static func hunks(
        _ script: [(kind: Character, text: String)], context: Int, skew: Int, random: inout SeededGenerator,
        oldIncomplete: Bool, newIncomplete: Bool
    ) -> [String] {
        let changes = script.indices.filter { script[$0].kind != " " }
        var ranges: [ClosedRange<Int>] = []
        for change in changes {
            let before = max(context - (skew > 0 && random.chance(50) ? skew : 0), 0)
            let after = max(context - (skew > 0 && random.chance(50) ? skew : 0), 0)
            let range = max(change - before, 0)...min(change + after, script.count - 1)
            if let last = ranges.last, range.lowerBound <= last.upperBound + 1 {
                ranges[ranges.count - 1] =
                    min(last.lowerBound, range.lowerBound)...max(last.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
        // Context never holds a change of a neighbour: a range may reach one only if it was joined with it.
        var texts: [String] = []
        let lastOld = script.lastIndex { $0.kind != "+" }
        let lastNew = script.lastIndex { $0.kind != "-" }
        for range in ranges {
            let oldBefore = script[..<range.lowerBound].count { $0.kind != "+" }
            let newBefore = script[..<range.lowerBound].count { $0.kind != "-" }
            let oldCount = script[range].count { $0.kind != "+" }
            let newCount = script[range].count { $0.kind != "-" }
            let drift = random.chance(5) ? random.below(7) - 3 : 0
            let oldStart = max(oldCount == 0 ? oldBefore : oldBefore + 1 + drift, oldCount == 0 ? 0 : 1)
            let newStart = newCount == 0 ? newBefore : newBefore + 1
            var text = "@@ -\(oldStart),\(oldCount) +\(newStart),\(newCount) @@\n"
            for index in range {
                let (kind, line) = script[index]
                text += "\(kind)\(line)\n"
                let incomplete =
                    kind == "-"
                    ? oldIncomplete && index == lastOld
                    : kind == "+"
                        ? newIncomplete && index == lastNew
                        : oldIncomplete && newIncomplete && index == lastOld && index == lastNew
                if incomplete { text += "\\ No newline at end of file\n" }
            }
            texts.append(text)
        }
        return texts
    }
}
