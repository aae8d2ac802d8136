import Foundation
import Report
import TestSupport
import Testing

/// A report as text without colours.
func text(_ report: some Reportable) throws -> String {
    try Rendering.render(report, as: .text, style: .plain)
}

/// A report as JSON, held against its schema.
func json(_ report: some Reportable, sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
    let bytes = Array(try Rendering.render(report, as: .json, style: .plain).utf8)
    #expect(try JSONSchemas.validate(bytes) == "", sourceLocation: sourceLocation)
    let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    return try #require(object, sourceLocation: sourceLocation)
}

/// A value from its JSON.
func decoded<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
}
