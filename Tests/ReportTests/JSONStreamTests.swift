import Diagnostics
import Foundation
import Report
import Testing

/// JSON results mean what Foundation's encoder would write.
struct JSONStreamTests {
    /// Every shape a result has.
    private struct Value: Codable, Sendable, Equatable {
        struct Inner: Codable, Sendable, Equatable {
            var text: String
            var list: [Int]
        }
        enum Word: String, Codable, Sendable { case some, other }

        var text = "quote \" backslash \\ slash / newline \n tab \t é 漢 🐧 \u{1}"
        var whole = -42
        var large = UInt64.max
        var small = Int8.min
        var fraction = 1.5
        var round = 2.0
        var tiny = 1e-9
        var flag = true
        var nothing: Int?
        var something: Int? = 7
        var word = Word.other
        var empty: [String] = []
        var none: [String: Int] = [:]
        var lists = [[1, 2], [], [3]]
        var optionals: [Int?] = [1, nil, 3]
        var inner = Inner(text: "", list: [1])
        var many = [Inner(text: "a", list: []), Inner(text: "b", list: [1, 2, 3])]
        var names = ["b": Inner(text: "x", list: []), "a": Inner(text: "y", list: [0]), "é": Inner(text: "", list: [])]
        var deep = ["x": ["y": ["z": [1]]]]
    }

    private struct Report<Content: Encodable & Sendable>: Reportable {
        static var schema: String { "dom0kit.probe/1" }
        var content: Content
        var verdict: Verdict { .pass }
        var summaryLine: String { "" }
        func text(_ style: TextStyle) -> String { "" }
        private enum CodingKeys: String, CodingKey { case content }
    }

    private func render(_ content: some Encodable & Sendable) throws -> [UInt8] {
        Array(try Rendering.render(Report(content: content), as: .json, style: .plain).utf8)
    }

    private func object(_ bytes: [UInt8]) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary)
    }

    @Test func sameAsFoundation() throws {
        let value = Value()
        let ours = try object(try render(value))
        let theirs = try #require(
            try JSONSerialization.jsonObject(with: try JSONEncoder().encode(value)) as? NSDictionary)
        #expect(ours["content"] as? NSDictionary == theirs)
        #expect(ours["schema"] as? String == "dom0kit.probe/1" && ours["verdict"] as? String == "pass")
        let content = try JSONSerialization.data(withJSONObject: ours["content"] ?? 0)
        #expect(try JSONDecoder().decode(Value.self, from: content) == value)
    }

    @Test func theSameValueGivesTheSameBytes() throws {
        let once = try render(Value())
        for _ in 0..<20 { #expect(try render(Value()) == once) }
        let text = String(decoding: once, as: UTF8.self)
        #expect(
            text.hasPrefix("{\n  \"schema\" : \"dom0kit.probe/1\",\n  \"verdict\" : \"pass\",\n  \"content\" : {\n"))
        #expect(text.hasSuffix("\n  }\n}\n"))
        let names = try #require(text.firstRange(of: "\"names\""))
        let rest = text[names.upperBound...]
        let (a, b) = (try #require(rest.firstRange(of: "\"a\"")), try #require(rest.firstRange(of: "\"b\"")))
        #expect(a.lowerBound < b.lowerBound, "keys of a dictionary are sorted")
    }

    @Test func emptyThings() throws {
        struct Nothing: Encodable, Sendable {}
        let text = String(decoding: try render([Nothing(), Nothing()]), as: UTF8.self)
        #expect(text.contains("\"content\" : [\n    {},\n    {}\n  ]"), "\(text)")
        #expect(String(decoding: try render([String: Int]()), as: UTF8.self).contains("\"content\" : {}"))
        #expect(String(decoding: try render([Int]()), as: UTF8.self).contains("\"content\" : []"))
    }

    /// JSON has neither.
    @Test(arguments: [Double.nan, .infinity, -.infinity]) func noNumber(value: Double) throws {
        #expect(try object(try render(value))["content"] is NSNull)
    }

    @Test func containersInContainers() throws {
        struct Nested: Encodable, Sendable {
            enum Key: String, CodingKey { case list, map, first, second }
            func encode(to encoder: any Encoder) throws {
                var top = encoder.container(keyedBy: Key.self)
                var list = top.nestedUnkeyedContainer(forKey: .list)
                try list.encode(1)
                var map = list.nestedContainer(keyedBy: Key.self)
                try map.encode("x", forKey: .first)
                try map.encodeNil(forKey: .second)
                var inner = list.nestedUnkeyedContainer()
                try inner.encodeNil()
                var other = top.nestedContainer(keyedBy: Key.self, forKey: .map)
                try other.encode(true, forKey: .first)
            }
        }
        let content = try object(try render(Nested()))["content"] as? NSDictionary
        let expected: NSDictionary = [
            "list": [1, ["first": "x", "second": NSNull()] as NSDictionary, [NSNull()]] as NSArray,
            "map": ["first": true] as NSDictionary,
        ]
        #expect(content == expected)
    }

    /// A result whose own fields repeat those of the envelope.
    @Test func noKeyIsThereTwice() throws {
        struct Repeating: Reportable {
            static let schema = "dom0kit.probe/1"
            var verdict: Verdict { .warn }
            var summaryLine: String { "" }
            func text(_ style: TextStyle) -> String { "" }
            private enum CodingKeys: String, CodingKey { case verdict, inner }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(verdict, forKey: .verdict)
                try container.encode(["verdict": Verdict.fail], forKey: .inner)
            }
        }
        let text = try Rendering.render(Repeating(), as: .json, style: .plain)
        #expect(
            text == """
                {
                  "schema" : "dom0kit.probe/1",
                  "verdict" : "warn",
                  "inner" : {
                    "verdict" : "fail"
                  }
                }

                """)
    }

    // MARK: - Pieces

    @Test func aLargeResultComesInPieces() throws {
        let lines = (0..<20_000).map { "line \($0) é" }
        var pieces: [[UInt8]] = []
        try Rendering.write(Report(content: lines), as: .json, style: .plain) { pieces.append($0) }
        #expect(pieces.count > 3)
        #expect(pieces.allSatisfy { $0.count < 2 * 65536 })
        #expect(pieces.dropLast().allSatisfy { $0.count >= 65536 })
        #expect(try object(pieces.flatMap(\.self))["content"] as? [String] == lines)
    }

    @Test func aSmallResultIsOnePiece() throws {
        var pieces = 0
        try Rendering.write(Report(content: [1, 2]), as: .json, style: .plain) { _ in pieces += 1 }
        #expect(pieces == 1)
    }

    /// What the writer throws ends the rendering, whichever piece it throws at.
    @Test(arguments: [1, 2, 3]) func anErrorOfTheWriterIsThrown(piece: Int) throws {
        struct DiskFull: Error {}
        struct Lines: Encodable, Sendable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                for number in 0..<20_000 { try list.encode(["key": "value \(number)"]) }
            }
        }
        var written = 0
        #expect(throws: DiskFull.self) {
            try Rendering.write(Report(content: Lines()), as: .json, style: .plain) { _ in
                written += 1
                if written >= piece { throw DiskFull() }
            }
        }
        #expect(written <= piece + 1)
    }
}
