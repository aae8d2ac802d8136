/// What upstream replaced everywhere, to be done to lines of a patch as well.
public struct Replacements: Sendable {
    /// The replacements, in a stable order.
    public let all: [Replacement]
    private let words: [ArraySlice<UInt8>: [UInt8]]
    private let calls: [ArraySlice<UInt8>: [CallForm]]

    /// Takes what was learned.
    public init(_ all: [Replacement] = []) {
        self.all = all
        var words: [ArraySlice<UInt8>: [UInt8]] = [:]
        var calls: [ArraySlice<UInt8>: [CallForm]] = [:]
        for one in all {
            switch one.form {
            case .word(let old, let new): words[old[...]] = new
            case .call(let form): calls[form.oldName[...], default: []].append(form)
            }
        }
        (self.words, self.calls) = (words, calls)
    }

    /// Whether nothing was learned.
    public var isEmpty: Bool { all.isEmpty }

    /// A text in which all of it is done.
    public func applied(to text: [UInt8]) -> [UInt8] {
        if isEmpty { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for line in TextLines(text).lines { result += replaced(line) }
        return result
    }

    /// Those that change something in these lines.
    public func used(in text: [UInt8]) -> [Replacement] {
        all.filter { Replacements([$0]).applied(to: text) != text }
    }

    func replaced(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        if !calls.isEmpty {
            // From the last name to the first: what is inside of a call comes before what is around it.
            for index in LineCall.all(line).indices.reversed() {
                let current = LineCall.all(line)
                guard index < current.count, let forms = calls[current[index].name],
                    let text = forms.lazy.compactMap({ $0.replaced(current[index]) }).first
                else { continue }
                let range = current[index].range
                line = (Array(line[..<range.lowerBound]) + text + Array(line[range.upperBound...]))[...]
            }
        }
        guard !words.isEmpty else { return line }
        let parts = MergeRegion.parts(line)
        guard parts.contains(where: { words[$0] != nil }) else { return line }
        return parts.reduce(into: []) { $0 += words[$1] ?? Array($1) }[...]
    }
}
