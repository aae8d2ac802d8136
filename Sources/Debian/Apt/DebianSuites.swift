import Bytes
public import SystemPackage
public import Yaml

/// The suites of Debian's own archive: data, read from `Profiles/debian/suites.yaml`.
public struct DebianSuites: Sendable, Equatable {
    /// A release, and where its updates are.
    public struct Suite: Sendable, Equatable {
        /// Its name, such as `bookworm`.
        public let name: String
        /// Its suite of updates on the same mirror; `nil` where there is none.
        public let updates: String?
        /// Its suite on the security mirror; `nil` where there is none.
        public let security: String?
    }

    /// The schema that the file names.
    static let schema = "dom0kit.debian-suites/1"

    /// All of them; empty where nothing is known of Debian's suites.
    public let suites: [Suite]

    /// Nothing is known of suites: any source of a machine with the component `main` may be a Debian mirror.
    public static let unknown = DebianSuites(suites: [])

    private init(suites: [Suite]) { self.suites = suites }

    /// Their names, in the order of the file.
    public var names: [String] { suites.map(\.name) }

    /// Reads the suites of a data folder; ``unknown`` where it has no such file.
    /// - Throws: `YamlFault`, or `BytesError` where the file cannot be read.
    public static func load(data: FilePath) throws -> DebianSuites {
        let file = data.appending("Profiles").appending("debian").appending("suites.yaml")
        return Files.exists(file) ? try parse(try Files.read(file), file: file) : .unknown
    }

    /// Parses a file: `schema`, and `suites`, a list of maps with `name`, and optionally `updates` and `security`.
    /// - Throws: `YamlFault`.
    public static func parse(_ bytes: [UInt8], file: FilePath) throws(YamlFault) -> DebianSuites {
        let map = try YamlDocument.parse(bytes, file: file).mapping(["schema", "suites"])
        _ = try map.required("schema").one(named: [schema])
        let suites = try map.required("suites").list(isEmptyAllowed: false) { value throws(YamlFault) -> Suite in
            let map = try value.mapping(["name", "updates", "security"])
            return Suite(
                name: try word(try map.required("name")), updates: try map.optional("updates", word),
                security: try map.optional("security", word))
        }
        return DebianSuites(suites: suites)
    }

    /// A text that may stand in a line of `sources.list`.
    private static func word(_ value: YamlValue) throws(YamlFault) -> String {
        let text = try value.text()
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "[") }) else {
            throw value.fault(value: text, "which is not one plain word")
        }
        return text
    }

    /// What a suite of a machine's sources is.
    enum Role { case base, updates, security, other }

    /// Tells what a suite of that name is.
    func role(of name: String) -> Role {
        if suites.isEmpty { return .base }
        for suite in suites {
            if suite.name == name { return .base }
            if suite.updates == name { return .updates }
            if suite.security == name { return .security }
        }
        return .other
    }

    /// A suite by its name. One that is not known is taken to have updates under the names in use since bullseye.
    func suite(_ name: String) -> Suite {
        suites.first { $0.name == name }
            ?? Suite(name: name, updates: name + "-updates", security: name + "-security")
    }
}
