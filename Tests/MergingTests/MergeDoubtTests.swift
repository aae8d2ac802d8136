import Merging
import Testing

@Suite struct MergeDoubtTests {
    /// The merge of a function file to which the patch and upstream each do something, and what is doubted of it.
    private func doubts(_ ours: (String, String), _ theirs: (String, String), base: String = Self.base) throws
        -> [String]
    {
        let sides = [base, Self.replace(ours, in: base), Self.replace(theirs, in: base)].map { Array($0.utf8) }
        let merge = ThreeWayMerge(base: sides[0], ours: sides[1], theirs: sides[2])
        try #require(merge.rules == [.lines])
        return MergeDoubt.all(base: sides[0], ours: sides[1], theirs: sides[2], result: try #require(merge.text)).map {
            switch $0 {
            case .twice(let line): "twice " + String(decoding: line, as: UTF8.self)
            case .gone(let name): "gone " + String(decoding: name, as: UTF8.self)
            case .elsewhere(let line): "elsewhere " + String(decoding: line, as: UTF8.self)
            case .stillThere(let line): "still there " + String(decoding: line, as: UTF8.self)
            }
        }
    }

    private static let base = """
        obj-y := irq_$(BITS).o
        a
        static void first(void)
        {
        \tbegin();
        \tgoto out;
        }
        b
        static void second(void)
        {
        \tstep_one(old_name);
        }
        c

        """

    private static func replace(_ change: (String, String), in text: String) -> String {
        let parts = text.split(separator: change.0, maxSplits: 1, omittingEmptySubsequences: false)
        return parts[0] + change.1 + parts[1]
    }

    @Test("a line with a new name that both add in different places is there twice")
    func twice() throws {
        let mine = ("b\n", "b\nint fresh(void);\n")
        #expect(try doubts(mine, ("a\n", "a\nint fresh(void);\n")) == ["twice int fresh(void);"])
        #expect(try doubts(mine, ("a\n", "a\nint other(void);\n")) == [])
    }

    @Test("a line of names that were there before is no sign of anything")
    func ordinaryLines() throws {
        #expect(try doubts(("b\n", "b\n\tgoto out;\n"), ("a\n", "a\n\tgoto out;\n")) == [])
    }

    @Test("a name that upstream took out of the file, and that the patch uses in a line of its own")
    func gone() throws {
        let change = ("step_one(old_name)", "step_one(new_name)")
        #expect(try doubts(("\tbegin();\n", "\tbegin();\n\tuse(old_name);\n"), change) == ["gone old_name"])
        #expect(try doubts(("\tbegin();\n", "\tbegin();\n\tuse(new_name);\n"), change) == [])
        // A word of a sentence is not a name.
        #expect(try doubts(("\tbegin();\n", "\tbegin(); /* first of second */\n"), ("second", "third")) == [])
        let rule = ("obj-y := irq_$(BITS).o", "obj-y := irq.o")
        #expect(try doubts(("c\n", "c\ndisabled-obj-y := irq_$(BITS).o\n"), rule) == ["gone irq_"])
    }

    @Test("a change that comes to another function of like lines")
    func elsewhere() throws {
        func operations(_ name: String, _ write: String) -> String {
            "static const struct ops \(name)_ops = {\n\t.open\t= simple_open,\n\t.read\t= common_read,\n\t.write\t= \(write),\n};\n\n"
        }
        let (base, ours) = ("int x;\n" + operations("foo", "common"), "int x;\n" + operations("foo", "xen"))
        let wrong = "int x;\n" + operations("bar", "xen") + operations("foo", "foo")
        let theirs = "int x;\n" + operations("bar", "common") + operations("foo", "foo")
        func doubts(_ result: String) -> [MergeDoubt] {
            MergeDoubt.all(
                base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8), result: Array(result.utf8))
        }
        #expect(doubts(wrong).map(\.rule) == [.otherFunction])
        #expect(doubts("int x;\n" + operations("bar", "common") + operations("foo", "xen")).isEmpty)
    }

    @Test("a line that the patch takes away and upstream has moved")
    func stillThere() throws {
        let base = "a\n\tphone_home();\nb\nc\nd\ne\n"
        let (ours, theirs) = ("a\nb\nc\nd\ne\n", "a\nb\nc\nd\n\tphone_home();\ne\n")
        func rules(_ base: String, _ ours: String, _ theirs: String) -> [ThreeWayMerge.Rule] {
            let sides = [base, ours, theirs].map { Array($0.utf8) }
            let merge = ThreeWayMerge(base: sides[0], ours: sides[1], theirs: sides[2])
            return MergeDoubt.all(base: sides[0], ours: sides[1], theirs: sides[2], result: merge.text ?? []).map(
                \.rule)
        }
        #expect(rules(base, ours, theirs) == [.stillThere])
        #expect(rules(base, ours, ours + "f\n") == [])
        // A line that says nothing.
        #expect(
            rules(
                base.replacing("phone_home()", with: "return 0"), ours,
                theirs.replacing("phone_home()", with: "return 0")) == [])
    }
}
