import Bytes
import SystemPackage

/// What a Debian source control file (`.dsc`, dsc(5)) says.
package struct SourceControl: Sendable, Equatable {
    /// A file of the source package.
    package struct Part: Sendable, Equatable {
        /// Its name, without a folder.
        package let name: String
        /// Its size in bytes.
        package let size: Int
        /// Its SHA-256.
        package let digest: Digest
    }

    /// The source format: `3.0 (quilt)`, `1.0`.
    package let format: String
    /// The name of the source package.
    package let source: String
    /// Its version.
    package let version: String
    /// The files it consists of.
    package let parts: [Part]

    /// Reads a control file. Of a signed one only what is inside the signature counts.
    package init(_ bytes: [UInt8], path: FilePath) throws(KernelTreeError) {
        func malformed(_ reason: String) -> KernelTreeError { .malformedControl(path: path, reason: reason) }
        let fields = Self.fields(try Self.signedPart(String(decoding: bytes, as: UTF8.self), malformed))
        guard let format = fields["format"], let source = fields["source"], let version = fields["version"] else {
            throw malformed("it has no Format, Source and Version")
        }
        guard let checksums = fields["checksums-sha256"] else { throw malformed("it has no Checksums-Sha256") }
        var parts: [Part] = []
        for line in checksums.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.isEmpty { continue }
            guard words.count == 3, let digest = Digest(hex: String(words[0])), let size = Int(words[1]), size >= 0,
                !words[2].contains("/"), !words[2].hasPrefix(".")
            else { throw malformed("the checksum line '\(line)' was not understood") }
            parts.append(Part(name: String(words[2]), size: size, digest: digest))
        }
        guard Set(parts.map(\.name)).count == parts.count else { throw malformed("it names a file twice") }
        (self.format, self.source, self.version, self.parts) = (format, source, version, parts)
    }

    /// The text inside a clear-text signature (RFC 4880, 7), or the whole text where there is none.
    private static func signedPart(
        _ text: String, _ malformed: (String) -> KernelTreeError
    ) throws(KernelTreeError) -> [Substring] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard let start = lines.firstIndex(of: "-----BEGIN PGP SIGNED MESSAGE-----") else { return lines }
        guard let body = lines[start...].firstIndex(where: \.isEmpty),
            let end = lines[body...].firstIndex(of: "-----BEGIN PGP SIGNATURE-----")
        else { throw malformed("its signature is cut off") }
        return lines[(body + 1)..<end].map { $0.hasPrefix("- ") ? $0.dropFirst(2) : $0 }
    }

    /// Fields by lowercase name; continuation lines are kept, one a line.
    private static func fields(_ lines: [Substring]) -> [String: String] {
        var fields: [String: String] = [:]
        var current: String?
        for line in lines {
            if line.first?.isWhitespace == true {
                if let current { fields[current, default: ""] += "\n" + line }
            } else if let colon = line.firstIndex(of: ":") {
                let name = line[..<colon].lowercased()
                current = name
                fields[name] = String(line[line.index(after: colon)...].drop(while: \.isWhitespace))
            }
        }
        return fields
    }

    /// What a part is, by its name.
    package enum Role: Equatable {
        /// The upstream source.
        case upstream
        /// A further upstream archive, unpacked into the folder of this name.
        case component(String)
        /// `debian/`, for format 3.0 (quilt).
        case packaging
        /// The whole packaging as one diff, for format 1.0.
        case difference
        /// A signature of another part.
        case signature
        /// Anything else.
        case other
    }

    /// What a part is.
    package static func role(of name: String) -> Role {
        if name.hasSuffix(".asc") || name.hasSuffix(".sig") { return .signature }
        if name.hasSuffix(".diff.gz") { return .difference }
        guard let tar = lastRange(of: ".tar.", in: name) else { return .other }
        let stem = name[..<tar]
        if stem.hasSuffix(".orig") { return .upstream }
        if stem.hasSuffix(".debian") { return .packaging }
        if let mark = lastRange(of: ".orig-", in: String(stem)) {
            return .component(String(stem[stem.index(mark, offsetBy: 6)...]))
        }
        return .other
    }

    private static func lastRange(of part: String, in text: String) -> String.Index? {
        var index = text.endIndex
        while index > text.startIndex {
            index = text.index(before: index)
            if text[index...].hasPrefix(part) { return index }
        }
        return nil
    }
}
