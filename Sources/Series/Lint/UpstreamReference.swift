/// The upstream commits that a patch says it is.
public enum UpstreamReference {
    /// Object names of commits in a patch's header, in the order of how plainly they are meant, each once, lowercase.
    ///
    /// `Git-commit:` (SUSE), `Commit:` and `Origin:` (DEP-3: a commit, or an address with `id=`, `h=` or `/commit/`),
    /// `commit X upstream` and `[ Upstream commit X ]` (stable), `(cherry picked from commit X)`, and the `From X` line of
    /// `git format-patch`.
    public static func commits(in patch: [UInt8]) -> [String] {
        let header = PatchHeader(patch)
        var found: [String] = []
        func add(_ text: Substring?) {
            guard let text else { return }
            let name = text.prefix { $0.isHexDigit && $0.isASCII }
            if name.count >= 12, name.count <= 64, !found.contains(name.lowercased()) {
                found.append(name.lowercased())
            }
        }
        for field in ["Git-commit", "Upstream-commit", "Commit", "Origin"] {
            for (name, value) in header.fields where name.lowercased() == field.lowercased() {
                for mark in ["?id=", "&id=", ";h=", "/commit/", "/c/", "commit:", "commit "] {
                    if let range = Self.range(of: mark, in: value) { add(value[range...]) }
                }
                for word in value.split(whereSeparator: { $0 == " " || $0 == "," }) { add(word) }
            }
        }
        for line in header.text {
            let lower = line.lowercased()
            for mark in ["cherry picked from commit ", "upstream commit ", "commit "] {
                guard let start = Self.range(of: mark, in: lower) else { continue }
                let rest = lower[start...]
                let name = rest.prefix { $0.isHexDigit }
                let isStable = mark != "commit " || rest.dropFirst(name.count).hasPrefix(" upstream")
                if isStable { add(name) }
            }
        }
        if let first = header.text.first, first.hasPrefix("From ") {
            let name = first.dropFirst(5).prefix { $0.isHexDigit }
            if [40, 64].contains(name.count), name.contains(where: { $0 != "0" }) { add(name) }
        }
        return found
    }

    /// The place after the first occurrence of a part.
    private static func range(of part: String, in text: String) -> String.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(part) { return text.index(index, offsetBy: part.count) }
            index = text.index(after: index)
        }
        return nil
    }
}
