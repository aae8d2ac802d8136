import Bytes
import Patching
import SystemPackage

/// What the readers of series files share.
enum SeriesText {
    /// The lines of a file with their numbers, without line ends.
    static func lines(of file: FilePath) throws(BytesError) -> [(number: Int, text: String)] {
        lines(try Files.read(file))
    }

    /// The lines of a file's content with their numbers, without line ends.
    static func lines(_ bytes: [UInt8]) -> [(number: Int, text: String)] {
        slices(bytes).enumerated().map { index, line in (index + 1, text(line)) }
    }

    /// The lines of a file's content, which may still have a carriage return.
    static func slices(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// A line's text without its carriage return.
    static func text(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }

    /// Splits a line at its comment: a `#` at the start or after a blank. `a#b` is a name.
    static func comment(_ line: String) -> (before: Substring, comment: Substring?) {
        guard line.utf8.contains(UInt8(ascii: "#")) else { return (line[...], nil) }
        var previous = UInt8(ascii: " ")
        for index in line.utf8.indices {
            let byte = line.utf8[index]
            if byte == UInt8(ascii: "#"), isBlank(previous) {
                return (line[..<index], line[line.utf8.index(after: index)...])
            }
            previous = byte
        }
        return (line[...], nil)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The words of a line.
    static func words(_ text: Substring) -> [String] {
        // Most lines are the name of a patch, and nothing else.
        if !text.isEmpty, !text.utf8.contains(where: isBlank) { return [String(text)] }
        return text.utf8.split(whereSeparator: isBlank).map { String(Substring($0)) }
    }

    /// The file a name means.
    /// - Throws: ``SeriesError/outside(at:name:)`` for a name that is absolute or has `..` in it.
    static func file(_ name: String, in folder: FilePath, at position: SeriesPosition) throws(SeriesError) -> FilePath {
        // Most names have nothing to be looked into.
        if isPlain(name) { return folder.appending(name) }
        let path = FilePath(name)
        if path.isAbsolute || path.components.contains(where: { $0.kind != .regular }) && name.contains("..") {
            throw .outside(at: position, name: name)
        }
        return folder.pushing(path.lexicallyNormalized())
    }

    /// Whether a name is that of a file in the folder itself, or one whose components are all plain.
    private static func isPlain(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            var start = 0
            for index in 0...bytes.count where index == bytes.count || bytes[index] == UInt8(ascii: "/") {
                // An empty component, `.` and `..` begin with what a plain one does not have, or rarely has.
                if index == start || bytes[start] == UInt8(ascii: ".") { return false }
                start = index + 1
            }
            return !bytes.contains(0)
        }
    }
}
