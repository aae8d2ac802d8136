import Merging
import Testing

/// Functions that upstream has moved are found by name and content.
@Suite struct BlockMergeTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func function(_ name: String, _ lines: String...) -> String {
        "static int \(name)(int x)\n{\n\(lines.map { "\t\($0)\n" }.joined())}\n\n"
    }

    private static let body = ["one();", "two();", "three();", "four();", "five();"]

    private func whole(_ name: String, _ change: [String: String] = [:]) -> String {
        "static int \(name)(int x)\n{\n\(Self.body.map { "\t\(change[$0] ?? $0)\n" }.joined())}\n"
    }

    @Test("functions and Kconfig entries are pieces; declarations, tables and what is there twice are not")
    func pieces() {
        let text = """
            #include <x.h>
            static int declared(int x);
            static int table[] = {
            \tf(1),
            };
            void
            one(void)
            {
            out:
            \treturn;
            }

            struct s f = { .x = y(1) };
            #ifdef A
            int twice(void) { return 1; }
            int again(int x)
            {
            }
            #else
            int again(int x)
            {
            }
            #endif
            """
        let blocks = TextBlocks(bytes(text))
        #expect(blocks.text(of: bytes("one")) == bytes("one(void)\n{\nout:\n\treturn;\n}\n"))
        for name in ["declared", "table", "f", "again", "y"] { #expect(blocks.text(of: bytes(name)) == nil, "\(name)") }
        let kconfig = TextBlocks(bytes("if NET\nconfig A\n\tbool \"a\"\n\n\thelp me\n\nconfig B\n\tbool\nendif\n"))
        #expect(kconfig.text(of: bytes("config A")) == bytes("config A\n\tbool \"a\"\n\n\thelp me\n\n"))
        #expect(kconfig.text(of: bytes("config B")) == bytes("config B\n\tbool\n"))
    }

    @Test("a function in another place is merged by itself, and the rest without it")
    func moved() throws {
        let old = whole("f") + whole("g") + "int last;\n"
        let patched = whole("f", ["two();": "2();"]) + whole("g") + "int last = 1;\n"
        let block = BlockMerge(before: bytes(old), after: bytes(patched))
        #expect(block.names == [bytes("f")])
        let elsewhere = TextBlocks(bytes("int x;\n" + whole("f", ["five();": "5();"])))
        #expect(block.share(of: bytes("f"), in: elsewhere) == 7.0 / 8)
        let (piece, rules) = try #require(block.merged(bytes("f"), in: elsewhere))
        #expect(rules == [.lines])
        #expect(
            BlockMerge.put([piece], into: bytes("int x;\n" + whole("f", ["five();": "5();"])))
                == bytes("int x;\n" + whole("f", ["two();": "2();", "five();": "5();"])))
        #expect(block.remainder(without: [bytes("f")]) == bytes(whole("f") + whole("g") + "int last = 1;\n"))
    }

    @Test("another function of the same name is none, and both sides' change of a line stays a conflict")
    func notMoved() {
        let block = BlockMerge(before: bytes(whole("f")), after: bytes(whole("f", ["two();": "2();"])))
        #expect(
            block.share(of: bytes("f"), in: TextBlocks(bytes(function("f", "else_();", "other();", "third();")))) == nil
        )
        #expect(block.share(of: bytes("f"), in: TextBlocks(bytes(whole("g")))) == nil)
        let both = TextBlocks(bytes(whole("f", ["two();": "II();"])))
        #expect(block.share(of: bytes("f"), in: both) != nil && block.merged(bytes("f"), in: both) == nil)
    }
}
