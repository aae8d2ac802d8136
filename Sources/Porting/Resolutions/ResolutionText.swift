import Merging

/// A resolution as a file that people can read, send and keep: fields, then the three sides and the answer, each line behind
/// a sign that says whose it is.
///
/// ```
/// dom0kit resolution 1
/// kind: lines
/// patch: fix-the-thing.patch
/// file: drivers/x.c
/// base
/// | what both began with
/// ours
/// < the patch's
/// theirs
/// > upstream's
/// answer
/// = what is to be there
/// ```
///
/// A line that does not end is followed by one with a backslash. Lines are bytes, not text.
enum ResolutionText {
    /// The first line.
    static let title = "dom0kit resolution 1"
    private static let sections: [(name: String, sign: Character)] = [
        ("base", "|"), ("ours", "<"), ("theirs", ">"), ("answer", "="),
    ]

    static func write(_ resolution: Resolution) -> [UInt8] {
        func field(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }
        var text = Array(
            """
            \(title)
            kind: \(resolution.kind.rawValue)
            patch: \(field(resolution.patch))
            file: \(field(resolution.file))

            """.utf8)
        let conflict = resolution.conflict
        for (section, bytes) in zip(sections, [conflict.base, conflict.ours, conflict.theirs, resolution.answer]) {
            text += Array((section.name + "\n").utf8)
            for line in TextLines(bytes).lines {
                text += Array("\(section.sign) ".utf8) + line
                if line.last != 10 { text += Array("\n\\\n".utf8) }
            }
        }
        return text
    }

    /// Why a file is not a resolution.
    struct Fault: Error {
        let line: Int
        let reason: String
    }

    /// Reads a file, every line of it.
    static func read(_ bytes: [UInt8]) throws(Fault) -> Resolution {
        let lines = TextLines(bytes).lines
        func text(_ index: Int) -> String {
            index < lines.count ? String(decoding: lines[index].prefix { $0 != 10 }, as: UTF8.self) : ""
        }
        guard text(0) == title else { throw Fault(line: 1, reason: "its first line is not '\(title)'") }
        func field(_ index: Int, _ name: String) throws(Fault) -> String {
            guard text(index).hasPrefix("\(name): ") || text(index) == "\(name):" else {
                throw Fault(line: index + 1, reason: "'\(name):' is missing")
            }
            return String(text(index).dropFirst(name.count + 2))
        }
        guard let kind = Resolution.Kind(rawValue: try field(1, "kind")) else {
            throw Fault(line: 2, reason: "this kind is not known")
        }
        let (patch, file) = (try field(2, "patch"), try field(3, "file"))
        var sides: [[UInt8]] = []
        var at = 4
        for section in sections {
            guard text(at) == section.name else {
                throw Fault(line: at + 1, reason: "'\(section.name)' is missing")
            }
            at += 1
            var side: [UInt8] = []
            let sign = Array("\(section.sign) ".utf8)
            while at < lines.count, lines[at].starts(with: sign) {
                side += lines[at].dropFirst(sign.count)
                at += 1
                if text(at) == "\\" {
                    if side.last == 10 { side.removeLast() }
                    at += 1
                    break
                }
            }
            sides.append(side)
        }
        guard at == lines.count else { throw Fault(line: at + 1, reason: "this line is not expected here") }
        return Resolution(
            kind: kind, patch: patch, file: file,
            conflict: MergeConflict(base: sides[0], ours: sides[1], theirs: sides[2]), answer: sides[3])
    }
}
