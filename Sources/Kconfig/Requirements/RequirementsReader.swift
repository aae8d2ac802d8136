import KernelModel
import Yams

extension Dom0Requirements {
    /// The schema that a requirement file names.
    static let schema = "dom0kit.requirements/1"

    /// Reads a requirement file.
    /// - Parameters:
    ///   - bytes: YAML: `schema`, `title`, `architecture` and `requirements`, a list of maps with `symbol`, `accept`
    ///     (a list of values), `level`, `why`, and optionally `modes`, `since` and `until`.
    ///   - name: The file's name, for errors.
    /// - Throws: ``KconfigError/malformedRequirements(file:line:reason:)``.
    public static func load(_ bytes: [UInt8], name: String = "requirements") throws(KconfigError) -> Dom0Requirements {
        let reader = RequirementsReader(file: name)
        let root: Node
        do {
            guard let node = try compose(yaml: String(decoding: bytes, as: UTF8.self)) else {
                throw reader.error(nil, "the file is empty")
            }
            root = node
        } catch let error as KconfigError {
            throw error
        } catch let error as YamlError {
            throw reader.error(nil, "no well-formed YAML: \(error)")
        } catch {
            throw reader.error(nil, "no well-formed YAML")
        }
        let map = try reader.map(root, keys: ["schema", "title", "architecture", "requirements"])
        let schema = try reader.text(root, map, "schema")
        guard schema == Self.schema else { throw reader.error(root, "the schema is '\(schema)', not \(Self.schema)") }
        guard let list = map["requirements"]?.sequence else {
            throw reader.error(root, "'requirements' is not a list")
        }
        var requirements: [Dom0Requirement] = []
        for node in list { requirements.append(try reader.requirement(node)) }
        return Dom0Requirements(
            title: try reader.text(root, map, "title"), architecture: try reader.text(root, map, "architecture"),
            requirements: requirements)
    }
}

/// Reads the nodes of a requirement file.
private struct RequirementsReader {
    let file: String

    func error(_ node: Node?, _ reason: String) -> KconfigError {
        .malformedRequirements(file: file, line: node?.mark?.line, reason: reason)
    }

    /// A map's values, when it has no key but these.
    func map(_ node: Node, keys: Set<String>) throws(KconfigError) -> [String: Node] {
        guard let mapping = node.mapping else { throw error(node, "a map is expected here") }
        var values: [String: Node] = [:]
        for (key, value) in mapping {
            guard let name = key.string, keys.contains(name) else {
                throw error(
                    key, "unknown key '\(key.string ?? "?")'; known are \(keys.sorted().joined(separator: ", "))")
            }
            guard values.updateValue(value, forKey: name) == nil else { throw error(key, "'\(name)' is there twice") }
        }
        return values
    }

    func text(_ node: Node, _ map: [String: Node], _ key: String) throws(KconfigError) -> String {
        guard let text = map[key]?.scalar?.string, !text.isEmpty else { throw error(node, "'\(key)' is missing") }
        return text
    }

    func requirement(_ node: Node) throws(KconfigError) -> Dom0Requirement {
        let map = try map(node, keys: ["symbol", "accept", "level", "modes", "since", "until", "why"])
        let symbol = try text(node, map, "symbol")
        guard ConfigFragment.isName(Array(symbol.utf8)[...]), !symbol.hasPrefix("CONFIG_") else {
            throw error(map["symbol"], "'\(symbol)' is no symbol name (it goes without CONFIG_)")
        }
        let level = try text(node, map, "level")
        guard let level = ConfigFinding.Level(rawValue: level), level != .asked else {
            throw error(map["level"], "the level is '\(level)', neither required nor recommended")
        }
        var accepted: [ConfigValue] = []
        for value in try words(node, map, "accept") {
            guard let value = ConfigValue(Array(value.utf8)[...]) else {
                throw error(map["accept"], "'\(value)' is no value of a symbol")
            }
            accepted.append(value)
        }
        var modes = Set(DomainMode.dom0Modes)
        if map["modes"] != nil {
            modes = []
            for name in try words(node, map, "modes") {
                guard let mode = DomainMode(rawValue: name), DomainMode.dom0Modes.contains(mode) else {
                    throw error(map["modes"], "'\(name)' is no dom0 mode")
                }
                modes.insert(mode)
            }
        }
        return Dom0Requirement(
            symbol: symbol, accepted: accepted, level: level, modes: modes, since: try version(map["since"]),
            until: try version(map["until"]), reason: try text(node, map, "why"), line: node.mark?.line)
    }

    private func words(_ node: Node, _ map: [String: Node], _ key: String) throws(KconfigError) -> [String] {
        guard let list = map[key]?.sequence else { throw error(map[key] ?? node, "'\(key)' is not a list") }
        let words = list.compactMap { $0.scalar?.string }
        guard !words.isEmpty, words.count == list.count else {
            throw error(map[key] ?? node, "'\(key)' is not a list of words")
        }
        return words
    }

    private func version(_ node: Node?) throws(KconfigError) -> KernelVersion? {
        guard let node else { return nil }
        guard let text = node.scalar?.string, let version = KernelVersion(text) else {
            throw error(node, "no kernel version; versions are quoted: \"6.1\"")
        }
        return version
    }
}
