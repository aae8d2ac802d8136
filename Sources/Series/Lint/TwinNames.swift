import Bytes
import Patching
public import SystemPackage

/// Which native file a twin has come from.
public struct TwinNames: Sendable {
    /// What a map says: the native file of a twin.
    private var mapped: [String: String] = [:]

    /// Knows the patterns alone.
    public init() {}

    /// Reads a map for names that do not follow the patterns: lines `TWIN NATIVE`; `#` begins a comment.
    /// - Throws: `BytesError`, or ``SeriesError/malformed(at:reason:)``.
    public init(map file: FilePath) throws {
        let lines = String(decoding: try Files.read(file), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            if words.isEmpty { continue }
            let position = SeriesPosition(file: file, line: index + 1)
            guard words.count == 2 else {
                throw SeriesError.malformed(at: position, reason: "it takes the names of a twin and its native file")
            }
            for word in words where RelativePath(word) == nil {
                throw SeriesError.malformed(at: position, reason: "'\(word)' is not the name of a file in a tree")
            }
            guard mapped.updateValue(words[1], forKey: words[0]) == nil else {
                throw SeriesError.malformed(at: position, reason: "'\(words[0])' is there twice")
            }
        }
    }

    /// The native files that a file may be the twin of, the likeliest first; none for other files.
    public func natives(of path: String) -> [String] {
        if let native = mapped[path] { return [native] }
        var found: [String] = []
        if let mark = Self.range(of: "-xen.", in: path), !path[mark.upperBound...].contains("/") {
            found.append(path[..<mark.lowerBound] + "." + path[mark.upperBound...])
        }
        for (xen, natives) in [
            ("/mach-xen/asm/", ["/asm/", "/"]), ("/mach-xen/", ["/mach-default/", "/mach-generic/"]),
        ] {
            guard let mark = Self.range(of: xen, in: path) else { continue }
            found += natives.map { path[..<mark.lowerBound] + $0 + path[mark.upperBound...] }
        }
        return found.filter { TwinCoverage.twins(of: $0).contains(path) }
    }

    private static func range(of part: String, in text: String) -> Range<String.Index>? {
        var index = text.endIndex
        while index > text.startIndex {
            index = text.index(before: index)
            if text[index...].hasPrefix(part) { return index..<text.index(index, offsetBy: part.count) }
        }
        return nil
    }
}
