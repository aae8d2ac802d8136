import Diagnostics
import Testing
import Yaml

/// What a document of a text, a list and an inner mapping is read as.
private struct Sample: Equatable {
    enum Colour: String, CaseIterable { case red, green, blue }
    var title: String
    var colours: [Colour]
    var size: Int?
    var isOpen: Bool?

    init(_ text: String) throws(YamlFault) {
        let map = try YamlDocument.parse(Array(text.utf8), file: "a.yaml").mapping(["title", "colours", "inner"])
        title = try map.required("title").text()
        colours = try map.required("colours").list { value throws(YamlFault) in try value.one() }
        let inner = try map.optional("inner") { value throws(YamlFault) in try value.mapping(["size", "open"]) }
        size = try inner?.optional("size") { value throws(YamlFault) in try value.integer(in: 0...3) }
        isOpen = try inner?.optional("open") { value throws(YamlFault) in try value.boolean() }
    }
}

@Suite struct YamlDocumentTests {
    @Test func wellFormed() throws {
        let sample = try Sample("title: \"null\"\ncolours: [red, blue]\ninner:\n  size: 2\n  open: true\n")
        #expect(sample.title == "null")
        #expect(sample.colours == [.red, .blue])
        #expect(sample.size == 2)
        #expect(sample.isOpen == true)
    }

    @Test(arguments: [
        ("title: t\ncolours: [red,\n  gren]\n", "a.yaml:3: colours[1] is 'gren', which is not one of red, green, blue"),
        ("title: t\ncolours: red\n", "a.yaml:2: colours is a single value, but should be a list"),
        ("title: [t]\ncolours: []\n", "a.yaml:1: title is a list, but should be a text"),
        ("title:\ncolours: []\n", "a.yaml:1: title is empty, but should be a text"),
        ("title: ''\ncolours: []\n", "a.yaml:1: title is empty, but should be a text"),
        ("# c\n\ncolours: []\n", "a.yaml:3: the key 'title' is missing"),
        ("title: t\ncolors: []\n", "a.yaml:2: unknown key 'colors'; known are title, colours, inner"),
        (
            "title: t\ncolours: []\ninner:\n  sise: 1\n",
            "a.yaml:4: unknown key 'inner.sise'; known in inner are size, open"
        ),
        (
            "title: t\ncolours: []\ninner: {size: 4}\n",
            "a.yaml:3: inner.size is '4', which is not a whole number from 0 to 3"
        ),
        (
            "title: t\ncolours: []\ninner: {size: 99999999999999999999}\n",
            "a.yaml:3: inner.size is '99999999999999999999', which is not a whole number from 0 to 3"
        ),
        (
            "title: t\ncolours: []\ninner: {open: yes}\n",
            "a.yaml:3: inner.open is 'yes', which is not one of true, false"
        ),
        ("title: t\ncolours: []\ntitle: u\n", "a.yaml:1: the key 'title' is given more than once; this is the first"),
        (
            "title: t\ncolours: []\ninner:\n  size: 1\n  size: 1\n",
            "a.yaml:4: the key 'size' is given more than once; this is the first"
        ),
        ("", "a.yaml: the file is empty"), ("# only a comment\n", "a.yaml: the file is empty"),
        ("- a\n", "a.yaml:1: the file is a list, but should be a mapping"),
        ("word\n", "a.yaml:1: the file is a single value, but should be a mapping"),
        ("? [a]\n: b\n", "a.yaml:1: the file has a key that is not a text"),
        (
            "title: \"\\e[31m\"\ncolours: [\"\\e[31m\"]\n",
            "a.yaml:2: colours[0] is '\\u{1b}[31m', which is not one of red, green, blue"
        ),
        (
            "title: t\n\tcolours: []\n",
            "a.yaml:2:1: the file is not YAML: found a tab character that violates indentation while scanning a plain scalar in line 1"
        ),
    ])
    func faults(text: String, message: String) throws {
        let fault = #expect(throws: YamlFault.self) { try Sample(text) }
        #expect(fault?.message == message)
        #expect(fault?.category == .malformedInput)
    }

    @Test(
        arguments: [
            ("title: t\ncolours: [gren]\n", "did you mean 'green'?"),
            ("title: t\ncolors: []\n", "did you mean 'colours'?"),
            ("title: t\ncolours: [RED]\n", "did you mean 'red'?"), ("title: t\ncolours: [x]\n", nil),
        ] as [(String, String?)])
    func remedies(text: String, remedy: String?) throws {
        let fault = #expect(throws: YamlFault.self) { try Sample(text) }
        #expect(fault?.remedy == remedy)
    }

    @Test(
        arguments: [
            (Array("title: t\n".utf8) + [0xff, 10], "a.yaml:2: the file is not UTF-8 text"),
            (
                Array("a: [1, 2".utf8),
                "a.yaml:2:1: the file is not YAML: did not find expected ',' or ']' while parsing a flow sequence in line 1"
            ),
            (Array("a: \u{1}\n".utf8), "a.yaml:1: the file is not YAML: control characters are not allowed"),
            (
                Array("a: 1\n---\nb: 2\n".utf8),
                "a.yaml:2:1: the file is not YAML: but found another document expected a single document in the stream in line 1"
            ),
        ] as [([UInt8], String)])
    func notYaml(bytes: [UInt8], message: String) throws {
        let fault = #expect(throws: YamlFault.self) { try YamlDocument.parse(bytes, file: "a.yaml") }
        #expect(fault?.message == message)
    }

    @Test func tooLarge() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: (1 << 20) + 1)
        let fault = #expect(throws: YamlFault.self) { try YamlDocument.parse(bytes, file: "a.yaml") }
        #expect(fault?.message == "a.yaml: the file is larger than 1048576 bytes")
    }

    /// Aliases of aliases, which stand for more nodes than there are atoms, the last of them as a key.
    @Test func aliasesOfAliases() throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        let fault = #expect(throws: YamlFault.self) {
            try YamlDocument.parse(Array((text + "? *a60\n: x\n").utf8), file: "a.yaml")
        }
        #expect(fault?.message == "a.yaml: the file has more than 16 anchors and aliases (&NAME, *NAME)")
        #expect(try Sample("title: &t a * b && c\ncolours: [red]\n").title == "a * b && c")
    }

    /// Deep nesting must not exhaust the stack.
    @Test(arguments: ["[", "{a: ", "- "])
    func nesting(of text: String) throws {
        let fault = #expect(throws: YamlFault.self) {
            _ = try YamlDocument.parse(Array(String(repeating: text, count: 100_000).utf8), file: "a.yaml").text()
        }
        #expect(fault?.file == "a.yaml")
    }
}
