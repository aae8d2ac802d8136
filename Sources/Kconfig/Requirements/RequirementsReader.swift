import Bytes
import KernelModel
public import SystemPackage
import Yaml

extension Dom0Requirements {
    /// The schema that a requirement file names.
    static let schema = "dom0kit.requirements/1"

    /// Reads a requirement file.
    /// - Parameters:
    ///   - bytes: YAML: `schema`, `title`, `architecture` and `requirements`, a list of maps with `symbol`, `accept`
    ///     (a list of values), `level`, `why`, and optionally `modes`, `architecture`, `since` and `until`; optionally
    ///     `marks` and `notWith`, lists of symbols.
    ///   - name: The file's name, for errors.
    /// - Throws: ``KconfigError/malformedRequirements(_:)``.
    public static func load(_ bytes: [UInt8], name: String = "requirements") throws(KconfigError) -> Dom0Requirements {
        do throws(YamlFault) {
            return try read(bytes, file: FilePath(name))
        } catch { throw .malformedRequirements(error) }
    }

    /// Reads a requirement file.
    /// - Throws: ``KconfigError/file(_:)`` or ``KconfigError/malformedRequirements(_:)``.
    public static func load(file: FilePath) throws(KconfigError) -> Dom0Requirements {
        let bytes: [UInt8]
        do { bytes = try Files.read(file) } catch { throw .file(error) }
        return try load(bytes, name: file.string)
    }

    private static func read(_ bytes: [UInt8], file: FilePath) throws(YamlFault) -> Dom0Requirements {
        let map = try YamlDocument.parse(bytes, file: file).mapping([
            "schema", "title", "architecture", "marks", "notWith", "requirements",
        ])
        _ = try map.required("schema").one(named: [schema])
        let architecture: KernelArchitecture = try map.required("architecture").one()
        return Dom0Requirements(
            title: try map.required("title").text(), architecture: architecture,
            marks: try map.optional("marks", Dom0Requirement.symbols) ?? [],
            counterMarks: try map.optional("notWith", Dom0Requirement.symbols) ?? [],
            requirements: try map.required("requirements").list(Dom0Requirement.init))
    }
}

extension Dom0Requirement {
    fileprivate init(_ value: YamlValue) throws(YamlFault) {
        let map = try value.mapping([
            "symbol", "accept", "level", "modes", "architecture", "since", "until", "why",
        ])
        let modes = try map.optional("modes") { value throws(YamlFault) in
            try value.list(isEmptyAllowed: false) { value throws(YamlFault) -> DomainMode in
                try value.one(of: DomainMode.dom0Modes)
            }
        }
        self.init(
            symbol: try Self.symbol(try map.required("symbol")),
            accepted: try map.required("accept").list(isEmptyAllowed: false, Self.value),
            level: try map.required("level").one(of: [.required, .recommended]),
            modes: Set(modes ?? DomainMode.dom0Modes),
            architecture: try map.optional("architecture") { value throws(YamlFault) in try value.one() },
            since: try map.optional("since", Self.version),
            until: try map.optional("until", Self.version), reason: try map.required("why").text(), line: value.line)
    }

    fileprivate static func symbols(_ value: YamlValue) throws(YamlFault) -> [String] {
        try value.list(isEmptyAllowed: false, symbol)
    }

    fileprivate static func symbol(_ value: YamlValue) throws(YamlFault) -> String {
        let name = try value.text()
        guard ConfigFragment.isName(Array(name.utf8)[...]), !name.hasPrefix("CONFIG_") else {
            throw value.fault(value: name, "which is not a symbol's name (written without CONFIG_)")
        }
        return name
    }

    private static func value(_ value: YamlValue) throws(YamlFault) -> ConfigValue {
        let text = try value.text()
        guard let parsed = ConfigValue(Array(text.utf8)[...]) else {
            throw value.fault(value: text, "which is not a value of a symbol: y, m, n, a number or a text in quotes")
        }
        return parsed
    }

    private static func version(_ value: YamlValue) throws(YamlFault) -> KernelVersion {
        let text = try value.text()
        guard let version = KernelVersion(text) else {
            throw value.fault(value: text, "which is not a kernel version such as \"6.1\"")
        }
        return version
    }
}
