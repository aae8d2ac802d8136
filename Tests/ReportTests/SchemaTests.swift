import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// The published schemas themselves.
struct SchemaTests {
    private static let sources = JSONSchemas.checkout.appending("Sources").appending("Report")

    /// The names of results in the module's own sources, such as `dom0kit.apply/1`.
    private static func declared() throws -> [String] {
        var names: [String] = []
        for folder in try Files.list(sources) where Files.isDirectory(sources.appending(folder)) {
            for file in try Files.list(sources.appending(folder)) where file.hasSuffix(".swift") {
                let text = String(decoding: try Files.read(sources.appending(folder).appending(file)), as: UTF8.self)
                names += text.matches(of: /static let schema = "([^"]+)"/).map { String($0.output.1) }
            }
        }
        return names.sorted()
    }

    /// Draft 2020-12, and one for each kind of result.
    @Test func everyResultHasAWellFormedSchema() throws {
        let declared = try Self.declared()
        #expect(declared.count > 10)
        #expect(try JSONSchemas.names() == declared)
    }

    /// Everything has a description: schemas are read by people.
    @Test func everyFieldIsDescribed() throws {
        func undescribed(_ node: Any, _ place: String) -> [String] {
            if let list = node as? [Any] { return list.flatMap { undescribed($0, place) } }
            guard let map = node as? [String: Any] else { return [] }
            var found: [String] = []
            for (name, field) in map["properties"] as? [String: [String: Any]] ?? [:]
            where field["description"] == nil && field["$ref"] == nil { found.append("\(place)/\(name)") }
            return found + map.flatMap { undescribed($0.value, "\(place)/\($0.key)") }
        }
        let folder = Self.sources.appending("Schemas")
        for file in try Files.list(folder) {
            let schema = try JSONSerialization.jsonObject(with: Data(try Files.read(folder.appending(file))))
            #expect(undescribed(schema, file) == [])
        }
    }

    private static let result = """
        {"schema": "dom0kit.doctor/1", "verdict": "pass", "findings": [
         {"name": "make", "purpose": "building", "package": "make", "required": true, "path": "/usr/bin/make"}]}
        """

    @Test func aResultAsItShouldBe() throws { #expect(try JSONSchemas.validate(Array(Self.result.utf8)) == "") }

    /// What the validator has to find: a field gone, renamed, added, of another type, of another value; no schema.
    @Test(arguments: [
        ("\"required\": true, ", "", "'required' is a required property"),
        ("\"package\"", "\"debian\"", "'debian' was unexpected"),
        ("\"verdict\": \"pass\"", "\"verdict\": \"pass\", \"more\": 1", "'more' was unexpected"),
        ("true", "\"true\"", "$.findings[0].required: 'true' is not of type 'boolean'"),
        ("\"pass\"", "\"good\"", "$.verdict: 'good' is not one of"),
        ("doctor/1", "doctor/2", "no published schema for 'dom0kit.doctor/2'"), ("{", "", "not JSON"),
        ("\"schema\"", "\"verdict\": \"pass\", \"schema\"", "keys that are there twice: verdict"),
    ])
    func aResultWithAFault(_ text: String, _ fault: String, _ says: String) throws {
        let problems = try JSONSchemas.validate(Array(Self.result.replacing(text, with: fault).utf8))
        #expect(problems.contains(says), "\(problems)")
    }

    @Test func onlyJSONIsHeldAgainstASchema() throws {
        try JSONSchemas.check(Array("pass".utf8), of: ["doctor"], status: 0)
        try JSONSchemas.check([], of: ["doctor", "--format", "json"], status: 69)
        #expect(throws: JSONSchemas.Mismatch.self) {
            try JSONSchemas.check([], of: ["doctor", "--format", "json"], status: 0)
        }
        #expect(throws: JSONSchemas.Mismatch.self) {
            try JSONSchemas.check(Array("pass".utf8), of: ["doctor", "--format", "json"], status: 0)
        }
    }
}
