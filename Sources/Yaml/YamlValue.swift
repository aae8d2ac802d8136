import Diagnostics
public import SystemPackage
import Yams

/// A value of a YAML file that knows where it stands, and reads itself as a type or says what is wrong with it.
public struct YamlValue {
    let node: Node
    /// The file, for faults.
    public let file: FilePath
    /// The key as a path, such as `boot.guests[0]`; empty for the top level.
    public let key: String

    /// The line it begins in, from 1.
    public var line: Int? { node.mark?.line }

    private var name: String { key.isEmpty ? "the file" : key }

    /// A fault of this value.
    /// - Parameters:
    ///   - reason: What is wrong with it, said of the key: `is not a symbol`.
    ///   - allowed: What would be right.
    ///   - suggestions: What was probably meant.
    public func fault(_ reason: String, allowed: [String] = [], suggestions: [String] = []) -> YamlFault {
        YamlFault(
            file: file, line: line, key: key, reason: "\(name) \(reason)", allowed: allowed, suggestions: suggestions)
    }

    /// A fault that shows the value: `source.fuzz is '7', which …`.
    public func fault(value: String, _ reason: String) -> YamlFault {
        fault("is \(YamlFault.quoted(value)), \(reason)")
    }

    /// A fault for a value that is none of those there are.
    /// - Parameter known: The values there are, in the order in which they are listed.
    public func fault(value: String, amongNone known: [String]) -> YamlFault {
        fault(
            "is \(YamlFault.quoted(value)), which is not one of \(known.joined(separator: ", "))", allowed: known,
            suggestions: Suggestions.near(value, among: known))
    }

    private var kind: String {
        switch node {
        case .scalar: isNull ? "empty" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    private var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    // MARK: Single values

    /// A text that is not empty.
    /// - Throws: ``YamlFault`` for nothing, a list or a mapping.
    public func text() throws(YamlFault) -> String {
        guard !isNull, case .scalar(let scalar) = node else { throw fault("is \(kind), but should be a text") }
        guard !scalar.string.isEmpty else { throw fault("is empty, but should be a text") }
        return scalar.string
    }

    /// One of the values of an enumeration, or of some of them.
    /// - Throws: ``YamlFault`` that names those allowed, and the nearest one.
    public func one<Value: RawRepresentable & CaseIterable>(
        of allowed: [Value] = Array(Value.allCases)
    ) throws(YamlFault) -> Value where Value.RawValue == String {
        let text = try text()
        guard let value = allowed.first(where: { $0.rawValue == text }) else {
            throw fault(value: text, amongNone: allowed.map(\.rawValue))
        }
        return value
    }

    /// One of some names.
    /// - Throws: As ``one(of:)``.
    public func one(named known: [String]) throws(YamlFault) -> String {
        let text = try text()
        guard known.contains(text) else { throw fault(value: text, amongNone: known) }
        return text
    }

    /// A whole number in decimal digits.
    public func integer(in range: ClosedRange<Int>) throws(YamlFault) -> Int {
        let text = try text()
        guard let number = Int(text), range.contains(number) else {
            throw fault(value: text, "which is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `true` or `false`.
    public func boolean() throws(YamlFault) -> Bool { try one(named: ["true", "false"]) == "true" }

    // MARK: Lists and mappings

    /// The values of a list, each read by `read`.
    /// - Parameter isEmptyAllowed: Whether a list of nothing will do.
    public func list<Value>(
        isEmptyAllowed: Bool = true, _ read: (YamlValue) throws(YamlFault) -> Value
    ) throws(YamlFault) -> [Value] {
        guard case .sequence(let sequence) = node else { throw fault("is \(kind), but should be a list") }
        guard isEmptyAllowed || !sequence.isEmpty else {
            throw fault("is empty, but should be a list with something in it")
        }
        var values: [Value] = []
        for (index, element) in sequence.enumerated() {
            values.append(try read(YamlValue(node: element, file: file, key: "\(key)[\(index)]")))
        }
        return values
    }

    /// The entries of a mapping whose keys are not fixed, in their order.
    public func pairs() throws(YamlFault) -> [(key: String, value: YamlValue)] {
        guard case .mapping(let mapping) = node else { throw fault("is \(kind), but should be a mapping") }
        var pairs: [(String, YamlValue)] = []
        for (node, value) in mapping {
            guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
                throw YamlValue(node: node, file: file, key: key).fault("has a key that is not a text")
            }
            let path = key.isEmpty ? scalar.string : "\(key).\(scalar.string)"
            pairs.append((scalar.string, YamlValue(node: value, file: file, key: path)))
        }
        return pairs
    }

    /// A mapping with fixed keys.
    /// - Parameter keys: All keys that may be there, in the order in which they are listed.
    /// - Throws: ``YamlFault`` for another kind of value, and for a key that is none of these.
    public func mapping(_ keys: [String]) throws(YamlFault) -> YamlMapping {
        guard case .mapping(let mapping) = node else { throw fault("is \(kind), but should be a mapping") }
        var values: [String: YamlValue] = [:]
        for pair in try pairs() {
            guard keys.contains(pair.key) else {
                throw YamlFault(
                    file: file, line: mapping.keys.first { $0.string == pair.key }?.mark?.line, key: pair.value.key,
                    reason:
                        "unknown key \(YamlFault.quoted(pair.value.key)); known \(key.isEmpty ? "" : "in \(key) ")are \(keys.joined(separator: ", "))",
                    allowed: keys, suggestions: Suggestions.near(pair.key, among: keys))
            }
            values[pair.key] = pair.value
        }
        return YamlMapping(whole: self, values: values)
    }
}

/// A mapping whose keys are all known.
public struct YamlMapping {
    /// The mapping as a value, for faults that concern several of its keys.
    public let whole: YamlValue
    let values: [String: YamlValue]

    /// The value of a key that may be missing.
    public subscript(key: String) -> YamlValue? { values[key] }

    /// The value of a key that must be there.
    /// - Throws: ``YamlFault`` at the line where the mapping begins.
    public func required(_ key: String) throws(YamlFault) -> YamlValue {
        guard let value = values[key] else {
            let path = whole.key.isEmpty ? key : "\(whole.key).\(key)"
            throw YamlFault(
                file: whole.file, line: whole.line, key: path, reason: "the key \(YamlFault.quoted(path)) is missing")
        }
        return value
    }

    /// What a key that may be missing holds.
    public func optional<Value>(
        _ key: String, _ read: (YamlValue) throws(YamlFault) -> Value
    ) throws(YamlFault) -> Value? {
        guard let value = values[key] else { return nil }
        return try read(value)
    }
}
