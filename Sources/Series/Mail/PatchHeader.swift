/// What a patch file says about itself above its first diff: fields, and the text.
public struct PatchHeader: Sendable, Equatable {
    /// The fields in order, names as written. A name may occur several times (`Signed-off-by`).
    public let fields: [(name: String, value: String)]
    /// Every line above the first diff.
    let text: [String]

    /// Reads the fields in the part before the first diff: `Name: value` lines, those in quilt and DEP-3 headers, in mail
    /// headers and in the trailers of a description alike.
    public init(_ patch: [UInt8]) {
        var fields: [(name: String, value: String)] = []
        // Whether the line before was the subject or went on with it.
        var isInSubject = false
        text = Self.head(patch).map { String(decoding: $0.last == 13 ? $0.dropLast() : $0, as: UTF8.self) }
        for text in text {
            if text.first == " " || text.first == "\t" {
                // A folded mail header continues (RFC 5322, 2.2.3).
                if isInSubject { fields[fields.count - 1].value += " " + text.drop { $0 == " " || $0 == "\t" } }
                continue
            }
            isInSubject = false
            guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { continue }
            let name = text[..<colon]
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) else { continue }
            let value = text[text.index(after: colon)...].drop { $0 == " " }
            fields.append((String(name), String(value)))
            isInSubject = name == "Subject"
        }
        self.fields = fields
    }

    /// The value of the first field of that name, whatever the case of its letters.
    public subscript(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The subject without `[PATCH …]`.
    public var subject: String? {
        guard let value = self["Subject"] else { return nil }
        guard value.hasPrefix("["), let end = value.firstIndex(of: "]") else { return value }
        return String(value[value.index(after: end)...].drop { $0 == " " })
    }

    /// Whether there is a diff at all.
    static func hasDiff(_ patch: [UInt8]) -> Bool {
        patch.split(separator: UInt8(ascii: "\n")).contains(where: isDiffStart)
    }

    private static func head(_ patch: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        for line in patch.prefix(1 << 20).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if isDiffStart(line) { break }
            lines.append(line)
        }
        return lines
    }

    private static func isDiffStart(_ line: ArraySlice<UInt8>) -> Bool {
        ["diff ", "--- ", "Index: ", "*** "].contains { line.starts(with: $0.utf8) }
    }

    /// Whether two headers have the same fields in the same order.
    public static func == (left: PatchHeader, right: PatchHeader) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }
}
