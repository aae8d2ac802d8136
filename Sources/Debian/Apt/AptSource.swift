/// One package source of apt: what a `deb` line or a deb822 stanza says (sources.list(5)).
public struct AptSource: Sendable, Equatable {
    /// Where the archive is, as apt writes it (`http://…/debian`, `mirror+file:/…`).
    public var uri: String
    /// The suite (`bookworm`, `bookworm-security`).
    public var suite: String
    /// The components (`main`).
    public var components: [String]
    /// Options to carry over by their deb822 names: `Signed-By`, `Check-Valid-Until`, `Snapshot`.
    public var options: [String: String]

    /// States a source.
    public init(uri: String, suite: String, components: [String], options: [String: String] = [:]) {
        self.uri = uri
        self.suite = suite
        self.components = components
        self.options = options
    }

    /// Options that decide where files come from and whom they are trusted from; others do not matter for a download.
    /// `Trusted` is deliberately not among them: the kit relies on signatures.
    static let carried = ["Signed-By", "Check-Valid-Until", "Valid-Until-Min", "Valid-Until-Max", "Snapshot"]

    /// Reads one-line sources (`*.list`). Lines that are no `deb` source are left out.
    public static func parse(list text: String) -> [AptSource] {
        text.split(whereSeparator: \.isNewline).flatMap { line -> [AptSource] in
            var rest = line.prefix { $0 != "#" }.drop(while: \.isWhitespace)
            guard rest.hasPrefix("deb"), rest.dropFirst(3).first.map({ $0.isWhitespace || $0 == "[" }) == true else {
                return []
            }
            rest = rest.dropFirst(3).drop(while: \.isWhitespace)
            var options: [String: String] = [:]
            if rest.first == "[" {
                guard let end = rest.firstIndex(of: "]") else { return [] }
                for option in rest[rest.index(after: rest.startIndex)..<end].split(whereSeparator: \.isWhitespace) {
                    guard let equals = option.firstIndex(of: "=") else { continue }
                    let name = option[..<equals].lowercased()
                    if let known = carried.first(where: { $0.lowercased() == name }) {
                        options[known] = String(option[option.index(after: equals)...])
                    }
                }
                rest = rest[rest.index(after: end)...]
            }
            let words = rest.split(whereSeparator: \.isWhitespace).map(String.init)
            guard words.count >= 3 else { return [] }
            return [AptSource(uri: words[0], suite: words[1], components: Array(words[2...]), options: options)]
        }
    }

    /// Reads deb822 sources (`*.sources`): each stanza gives one source for every URI and suite of it.
    public static func parse(deb822 text: String) -> [AptSource] {
        stanzas(text).flatMap { stanza -> [AptSource] in
            func words(_ name: String) -> [String] {
                (stanza[name.lowercased()] ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
            }
            guard words("Types").contains("deb"), stanza["enabled"]?.lowercased() != "no" else { return [] }
            var options: [String: String] = [:]
            for name in carried { options[name] = stanza[name.lowercased()] }
            let components = words("Components")
            return words("URIs").flatMap { uri in
                words("Suites").map { AptSource(uri: uri, suite: $0, components: components, options: options) }
            }
        }
    }

    /// Fields by lowercase name; continuation lines keep their line breaks (a key may be written out in `Signed-By`).
    static func stanzas(_ text: String) -> [[String: String]] {
        var result: [[String: String]] = []
        var stanza: [String: String] = [:]
        var field: String?
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.first == "#" { continue }
            if line.allSatisfy(\.isWhitespace) {
                if !stanza.isEmpty { result.append(stanza) }
                stanza = [:]
                field = nil
            } else if line.first?.isWhitespace == true {
                if let field { stanza[field, default: ""] += "\n" + line }
            } else if let colon = line.firstIndex(of: ":") {
                let name = line[..<colon].lowercased()
                let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
                stanza[name] = String(value.reversed().drop(while: \.isWhitespace).reversed())
                field = name
            }
        }
        if !stanza.isEmpty { result.append(stanza) }
        return result
    }

    /// What an index lists.
    enum Kind: String {
        case binary = "deb"
        case source = "deb-src"
    }

    /// The source as a deb822 stanza.
    func stanza(_ kind: Kind) -> String {
        var lines = ["Types: \(kind.rawValue)", "URIs: \(uri)", "Suites: \(suite)"]
        if !components.isEmpty { lines.append("Components: " + components.joined(separator: " ")) }
        lines += options.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
