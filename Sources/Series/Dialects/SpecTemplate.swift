import Bytes
import SystemPackage

/// A spec that a package's own tools still fill in: `kernel.spec.in` with marks such as `@VERSION@`, as Qubes keeps it.
///
/// A mark is filled from a macro of that name that is given, or from the file beside the template that has its name in
/// small letters (`version`, `rel`). One that stays is told; in a patch's name or in `%prep` it is a gap.
struct SpecTemplate {
    /// The lines, filled in as far as that goes.
    private(set) var lines: [String]
    /// Marks that stay where they do not matter for patches.
    private(set) var remarks: [(line: Int, text: String)] = []
    /// Marks that stay where they do.
    private(set) var gaps: [(line: Int, text: String)] = []

    /// Whether a path is a template's.
    static func isOne(_ path: FilePath) -> Bool { path.lastComponent?.string.hasSuffix(".spec.in") == true }

    /// The one template of a folder that is its live list of patches: it has a `%prep`, no spec has been made of it, and it
    /// does not itself go by the folder's `series.conf`.
    static func inUse(in folder: FilePath) throws -> FilePath? {
        let templates = try Files.list(folder, suffix: ".spec.in").filter { name in
            !Files.exists(folder.appending(String(name.dropLast(3))))
        }
        guard templates.count == 1 else { return nil }
        let path = folder.appending(templates[0])
        let lines = try SeriesText.lines(of: path).map(\.text)
        let goesBySeries = lines.contains { !$0.hasPrefix("#") && $0.firstRange(of: "series.conf") != nil }
        return lines.contains { $0.hasPrefix("%prep") } && !goesBySeries ? path : nil
    }

    /// Fills a template in.
    init(_ lines: [String], in folder: FilePath, macros: [String: String]) {
        var values = macros
        var isPrep = false
        self.lines = []
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("%"), let word = line.split(separator: " ").first {
                if word == "%prep" {
                    isPrep = true
                } else if ["%build", "%install", "%files", "%description"].contains(word) {
                    isPrep = false
                }
            }
            var text = line
            for name in Self.marks(line) {
                if values[name] == nil, let bytes = try? Files.read(folder.appending(name.lowercased())),
                    bytes.count < 256
                {
                    values[name] = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
                }
                if let value = values[name] {
                    text = text.split(separator: "@\(name)@", omittingEmptySubsequences: false).joined(separator: value)
                    continue
                }
                let told = "the mark @\(name)@ of the template is not filled in: --define \(name)=VALUE does that"
                let isPatch = line.lowercased().hasPrefix("patch")
                if !line.hasPrefix("#"), isPrep || isPatch {
                    gaps.append((index + 1, told))
                } else if !line.hasPrefix("#") {
                    remarks.append((index + 1, told))
                }
            }
            self.lines.append(text)
        }
    }

    /// The names of the marks in a line.
    private static func marks(_ line: String) -> [String] {
        let parts = line.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return [] }
        var names: [String] = []
        for part in parts.dropFirst().dropLast() where !part.isEmpty && part.count < 64 {
            let isName = part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
            if isName, !names.contains(String(part)) { names.append(String(part)) }
        }
        return names
    }
}
