/// Learns from upstream's change of files what it replaced everywhere in the same way (``Replacement``).
public struct ReplacementLearner: Sendable {
    /// Lines of upstream's change.
    private struct Witnesses {
        var count = 0
        /// Those of them that differ: code that was copied bears witness once.
        var lines: Set<TextKey> = []

        mutating func take(_ line: ArraySlice<UInt8>) {
            count += 1
            if lines.count < 2 { lines.insert(TextKey(Words.bare(line))) }
        }

        func combined(with other: Witnesses) -> Witnesses {
            Witnesses(count: count + other.count, lines: lines.union(other.lines))
        }

        var suffice: Bool { lines.count >= 2 }
    }

    /// What lines of upstream's change say of a word.
    private struct WordEvidence {
        var names: [ArraySlice<UInt8>: Witnesses] = [:]
        /// Whether each of them calls it.
        var isCalled = true
    }

    /// What they say of the calls of a function with so many arguments.
    private struct CallEvidence {
        var newName: ArraySlice<UInt8>
        /// What each new argument may be: all old ones that it was in every line, and its text if it was always the same.
        var arguments: [(old: Set<Int>, text: ArraySlice<UInt8>?)]
        /// The text of each old argument if it was always the same.
        var olds: [ArraySlice<UInt8>?]
        var witnesses: Witnesses
        var isContradicted = false

        func combined(with other: CallEvidence) -> CallEvidence {
            var both = self
            both.witnesses = witnesses.combined(with: other.witnesses)
            if other.isContradicted || newName != other.newName || arguments.count != other.arguments.count {
                both.isContradicted = true
                return both
            }
            for index in arguments.indices {
                both.arguments[index].old.formIntersection(other.arguments[index].old)
                if both.arguments[index].text != other.arguments[index].text { both.arguments[index].text = nil }
            }
            for index in olds.indices where olds[index] != other.olds[index] { both.olds[index] = nil }
            return both
        }
    }

    private struct CallKey: Hashable {
        let name: ArraySlice<UInt8>
        let count: Int
    }

    private var words: [ArraySlice<UInt8>: WordEvidence] = [:]
    private var calls: [CallKey: CallEvidence] = [:]
    /// What was taken, to hold against it what seems to be learned.
    private var texts: [(old: [UInt8], new: [UInt8])] = []

    /// Knows nothing.
    public init() {}

    /// What upstream's change of one file says.
    public init(old: [UInt8], new: [UInt8]) { take(old: old, new: new) }

    /// The most lines of one stretch that are held against each other.
    private static let longest = 400
    /// How far behind a line the one is looked for that took its place.
    private static let farthest = 40

    /// Takes upstream's change of a file.
    public mutating func take(old: [UInt8], new: [UInt8]) {
        texts.append((old, new))
        let (before, after) = (TextLines(old).lines, TextLines(new).lines)
        var numbers = LineNumbers()
        let matches = LineDiff.matches(numbers.of(before), numbers.of(after))
        for change in LineDiff.changes(matches, before.count, after.count) {
            guard !change.old.isEmpty, !change.new.isEmpty, change.old.count <= Self.longest,
                change.new.count <= Self.longest
            else { continue }
            pair(before[change.old].map(ReadLine.init), after[change.new].map(ReadLine.init))
        }
    }

    /// Takes what another has learned, too.
    public mutating func take(_ other: ReplacementLearner) {
        texts += other.texts
        words.merge(other.words) { one, two in
            var both = one
            both.names.merge(two.names, uniquingKeysWith: { $0.combined(with: $1) })
            both.isCalled = one.isCalled && two.isCalled
            return both
        }
        calls.merge(other.calls) { one, two in one.combined(with: two) }
    }

    /// A line with what is looked at in it.
    private struct ReadLine {
        let text: ArraySlice<UInt8>
        let parts: [ArraySlice<UInt8>]
        let calls: [LineCall]

        init(_ text: ArraySlice<UInt8>) {
            self.text = text
            parts = MergeRegion.parts(text)
            calls = LineCall.all(text)
        }
    }

    /// Finds for each line the one that took its place: in order, the first that differs in words or in a call only.
    private mutating func pair(_ before: [ReadLine], _ after: [ReadLine]) {
        var next = 0
        for line in before where line.parts.count > 2 {
            for index in next..<min(after.count, next + Self.farthest) {
                let other = after[index]
                if takeWords(line, other) || takeCall(line, other) {
                    next = index + 1
                    break
                }
            }
        }
    }

    /// Whether two lines differ in identifiers only, and in fewer than they have in common.
    private mutating func takeWords(_ line: ReadLine, _ other: ReadLine) -> Bool {
        let (one, two) = (line.parts, other.parts)
        guard one.count == two.count else { return false }
        var names: [ArraySlice<UInt8>: ArraySlice<UInt8>] = [:]
        var isCalled: [ArraySlice<UInt8>: Bool] = [:]
        var same = 0
        for index in one.indices {
            let (before, after) = (one[index], two[index])
            if before == after {
                if Words.isIdentifier(before) { same += 1 }
                continue
            }
            guard Words.isIdentifier(before), Words.isIdentifier(after), names[before] ?? after == after else {
                return false
            }
            names[before] = after
            let isCall = index + 1 < one.count && one[index + 1].first == UInt8(ascii: "(")
            isCalled[before] = (isCalled[before] ?? true) && isCall
        }
        // Every place of the word, and one other word at least that tells that it is the same line.
        guard !names.isEmpty, names.count <= 2, same >= names.count,
            !zip(one, two).contains(where: { $0 == $1 && names[$0] != nil })
        else { return false }
        for (old, new) in names {
            words[old, default: WordEvidence()].names[new, default: Witnesses()].take(line.text)
            if isCalled[old] != true { words[old]?.isCalled = false }
        }
        return true
    }

    /// Whether two lines differ in one call only: what is before and behind it is the same.
    private mutating func takeCall(_ line: ReadLine, _ with: ReadLine) -> Bool {
        let (one, two) = (line.text, with.text)
        for call in line.calls {
            for other in with.calls {
                guard one[..<call.range.lowerBound].elementsEqual(two[..<other.range.lowerBound]),
                    one[call.range.upperBound...].elementsEqual(two[other.range.upperBound...]),
                    call.arguments != other.arguments
                else { continue }
                // Another function with other arguments has to have something in common with it.
                let isKin = call.name == other.name || !Set(call.arguments).isDisjoint(with: other.arguments)
                guard isKin else { continue }
                take(call, other, line.text)
                return true
            }
        }
        return false
    }

    private mutating func take(_ call: LineCall, _ other: LineCall, _ line: ArraySlice<UInt8>) {
        let key = CallKey(name: call.name, count: call.arguments.count)
        let seen = other.arguments.map { argument in
            (old: Set(call.arguments.indices.filter { call.arguments[$0] == argument }), text: Optional(argument))
        }
        var witnesses = Witnesses()
        witnesses.take(line)
        let evidence = CallEvidence(
            newName: other.name, arguments: seen, olds: call.arguments.map(Optional.some), witnesses: witnesses)
        calls[key] = calls[key]?.combined(with: evidence) ?? evidence
    }

    /// All that is learned.
    public func replacements() -> Replacements {
        let names = Set(words.keys).union(calls.keys.map(\.name))
        return Replacements(names.flatMap(replacements).sorted { ($0.old, $0.new) < ($1.old, $1.new) })
    }

    /// The most arguments of a call that is learned.
    private static let mostArguments = 12

    /// What is learned of a word.
    public func replacements(of name: ArraySlice<UInt8>) -> [Replacement] {
        var found: [Replacement] = []
        if let evidence = words[name], evidence.names.count == 1, let (new, witnesses) = evidence.names.first,
            witnesses.suffice, isGone(name), 2 * witnesses.count >= oldLines(with: name),
            evidence.isCalled || isNew(new)
        {
            found.append(Replacement(form: .word(Array(name), Array(new)), witnesses: witnesses.count))
        }
        for count in 0...Self.mostArguments {
            let key = CallKey(name: name, count: count)
            guard let evidence = calls[key], evidence.witnesses.suffice, !evidence.isContradicted, !isThere(key),
                evidence.newName == name || isNew(evidence.newName), let form = Self.form(name, evidence)
            else { continue }
            found.append(Replacement(form: .call(form), witnesses: evidence.witnesses.count))
        }
        return found
    }

    /// Whether anything is known that would be learned of a word, if only it is gone.
    public func knows(_ name: ArraySlice<UInt8>) -> Bool {
        words[name] != nil || (0...Self.mostArguments).contains { calls[CallKey(name: name, count: $0)] != nil }
    }

    private func isGone(_ word: ArraySlice<UInt8>) -> Bool {
        !texts.contains { TextSearch.hasWord(Array(word), in: $0.new) }
    }

    private func isNew(_ word: ArraySlice<UInt8>) -> Bool {
        !texts.contains { TextSearch.hasWord(Array(word), in: $0.old) }
    }

    /// How many old lines have a word.
    private func oldLines(with word: ArraySlice<UInt8>) -> Int {
        texts.reduce(0) { $0 + TextSearch.lines(with: Array(word), in: $1.old) }
    }

    /// Whether the new texts have calls of the old form.
    private func isThere(_ key: CallKey) -> Bool {
        texts.contains { text in
            TextSearch.hasWord(Array(key.name), in: text.new)
                && TextLines(text.new).lines.contains { line in
                    LineCall.all(line).contains { $0.name == key.name && $0.arguments.count == key.count }
                }
        }
    }

    /// Whether none of the new texts has what a replacement replaces.
    public func lacks(_ replacement: Replacement) -> Bool {
        switch replacement.form {
        case .word(let old, _): isGone(old[...])
        case .call(let form): !isThere(CallKey(name: form.oldName[...], count: form.oldCount))
        }
    }

    /// Whether a text is the same wherever it stands: a number, a string, a macro in capitals; no variable.
    private static func isConstant(_ text: ArraySlice<UInt8>) -> Bool {
        if text.first == UInt8(ascii: "\"") { return true }
        return MergeRegion.parts(text).allSatisfy { part in
            !Words.isIdentifier(part) || part.elementsEqual("true".utf8) || part.elementsEqual("false".utf8)
                || !part.contains { (97...122).contains($0) }
        }
    }

    private static func form(_ name: ArraySlice<UInt8>, _ evidence: CallEvidence) -> CallForm? {
        var arguments: [CallForm.Argument] = []
        for argument in evidence.arguments {
            if let place = argument.old.min() {
                arguments.append(.old(place))
            } else if let text = argument.text, isConstant(text) {
                arguments.append(.text(Array(text)))
            } else {
                return nil
            }
        }
        let used = arguments.compactMap { if case .old(let place) = $0 { place } else { nil } }
        let dropped = evidence.olds.indices.map { place in
            used.contains(place) ? nil : evidence.olds[place].map { Array($0) }
        }
        // What is dropped and was never the same twice says nothing of what a patch passes there.
        return CallForm(
            oldName: Array(name), newName: Array(evidence.newName), arguments: arguments, dropped: dropped)
    }
}
