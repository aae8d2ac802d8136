import Bytes
import Merging
import SystemPackage
import TestSupport
import Testing

@Suite struct ThreeWayMergeTests {
    private func merge(_ base: String, _ ours: String, _ theirs: String) -> ThreeWayMerge {
        ThreeWayMerge(base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8))
    }

    /// A text of one letter a line.
    private static func lines(_ letters: String) -> String { letters.map { "\($0)\n" }.joined() }

    @Test(
        "what is put together, and why",
        arguments: [
            ("abcdef", "aXcdef", "abcdeY", "aXcdeY", [.lines]), ("abc", "abc", "aXc", "aXc", []),
            ("abc", "aXc", "aXc", "aXc", []), ("abcd", "aXcd", "abYd", "aXYd", [.adjacent]),
            ("abcd", "acd", "abXd", "aXd", [.adjacent]), ("ab", "aXb", "aYb", "aYXb", [.addedBesideAdded]),
            ("abcdefg", "Xbcdefg", "Xbcdefz", "Xbcdefz", []), ("", "a", "b", "ba", [.addedBesideAdded]),
        ] as [(String, String, String, String, Set<ThreeWayMerge.Rule>)])
    func merged(base: String, ours: String, theirs: String, result: String, rules: Set<ThreeWayMerge.Rule>) {
        let merge = merge(Self.lines(base), Self.lines(ours), Self.lines(theirs))
        #expect(merge.text == Array(Self.lines(result).utf8))
        #expect(merge.rules == rules)
        #expect(merge.rules.allSatisfy(\.isExact) == rules.isSubset(of: [.lines]))
    }

    @Test("different words of a line, and the same word")
    func words() {
        let base = "  call(one, two);\n"
        let both = merge(base, "  call(one, 2);\n", "  call(first, two);\n")
        #expect(both.text == Array("  call(first, 2);\n".utf8) && both.rules == [.words])
        #expect(merge(base, "  call(one, 2);\n", "  call(one, II);\n").text == nil)
        // What has nothing in common with the line is another line.
        #expect(merge(base, "  call(one, 2);\n", "return;\n").text == nil)
    }

    @Test("words of lines that one side breaks otherwise, where a word between the changes stays")
    func brokenWords() {
        // Upstream breaks the call in two and drops its last line; the patch changes the first word.
        let base = "\tld -T scripts/module.lds -o $@ $(filter %.o, $^); \\\n\t$(if $(POST), $(MAKE) -f $(POST), true)\n"
        let both = merge(
            base, base.replacing("scripts/module.lds", with: "$(LDS)"),
            "\tld -T scripts/module.lds \\\n\t-o $@ $(filter %.o, $^)\n")
        #expect(both.text == Array("\tld -T $(LDS) \\\n\t-o $@ $(filter %.o, $^)\n".utf8) && both.rules == [.words])
        // The patch makes several lines of one.
        let one = "static enum { STRICT, LEGACY, RELAXED } mode = STRICT;\n"
        let split = merge(
            one, "enum mode { STRICT, LEGACY, RELAXED };\nstatic enum mode mode = RELAXED;\n",
            "static enum { STRICT, EMULATED, LEGACY, RELAXED } mode = STRICT;\n")
        #expect(
            split.text
                == Array("enum mode { STRICT, EMULATED, LEGACY, RELAXED };\nstatic enum mode mode = RELAXED;\n".utf8))
        // What the preprocessor and make branch on is no branch of the program.
        let make = merge(
            "\tld -T x.lds -o $@ $(filter %.o, $^); \\\n\t$(if $(POST), $(POST))\n",
            "\tld -T $(L) -o $@ $(filter %.o, $^); \\\n\t$(if $(POST), $(POST))\n",
            "\tld -T x.lds -o $@ $(filter %.o, $^)\n")
        #expect(make.text == Array("\tld -T $(L) -o $@ $(filter %.o, $^)\n".utf8))
        // No word between the changes.
        #expect(merge("call(one, two, three);\n", "call(one, 2,\n three);\n", "call(first, two, three);\n").text == nil)
        // Too little of it is left on one side.
        #expect(merge("a b c d e f;\n", "A b c d e f;\n", "x y\nz e f;\n").text == nil)
    }

    /// Entries of Kconfig.
    private static func entries(_ names: String...) -> String {
        names.map { "config \($0)\n\ttristate \"\($0)\"\n\tdepends on PCI\n\thelp\n\t  The driver of \($0).\n\n" }
            .joined()
    }

    @Test("a block that the patch takes away goes with what upstream has made of it")
    func removedBlock() {
        let (base, ours) = (Self.entries("A", "B", "C", "D"), Self.entries("A", "D"))
        // Upstream has changed a line in it.
        let changed = base.replacing("tristate \"B\"\n\tdepends on PCI", with: "tristate \"B\"\n\tdepends on PCI && X")
        let both = merge(base, ours, changed)
        #expect(both.text == Array(ours.utf8) && both.rules == [.removedBlock] && !both.rules.allSatisfy(\.isExact))
        // What upstream adds in front of it stays.
        let before = merge(base, ours, changed.replacing("config B\n", with: "config NEW\n\tbool\n\nconfig B\n"))
        #expect(before.text == Array((Self.entries("A") + "config NEW\n\tbool\n\n" + Self.entries("D")).utf8))
        // What it adds to an entry that goes as a whole goes too, and stays a conflict where the entry stays.
        let added = base.replacing("\"B\"\n\tdepends on PCI\n", with: "\"B\"\n\tdepends on PCI\n\tselect Y\n")
        #expect(merge(base, ours, added).text == Array(ours.utf8))
        let lines = "config A\n\tselect B\n\tselect C\n\tselect D\n\thelp\n\t  Text.\n"
        #expect(
            merge(
                lines, lines.replacing("\tselect B\n\tselect C\n\tselect D\n", with: ""),
                lines.replacing("C\n", with: "C\n\tselect Y\n")
            )
            .text == nil)
        // An entry amid it is not the patch's to take away.
        #expect(
            merge(base, ours, changed.replacing("config C\n", with: "config NEW\n\tbool\n\nconfig C\n")).text == nil)
        // It does not begin, or end, as it did.
        #expect(merge(base, ours, changed.replacing("config B\n", with: "config B2\n")).text == nil)
        #expect(merge(base, ours, changed.replacing("driver of C", with: "old driver of C")).text == nil)
        // Little of it is there.
        let little = base.replacing(Self.entries("B", "C"), with: "config B\n\tbool \"X\"\n\t  The driver of C.\n\n")
        #expect(merge(base, ours, little).text == nil)
    }

    @Test(
        "a block that is moved, and what does not only take the place of its lines, stay in conflict",
        arguments: [
            (
                "l(q);\nd(q);\nf(q);\nu(q);\n1;\n2;\n3;\n4;\n5;\n", "1;\n2;\n3;\n4;\n5;\nl(q);\nd(q);\nf(q);\nu(q);\n",
                "d(q);", "d2(q);"
            ),
            (
                "k;\na_a;\na_b;\na_c;\na_d;\nz;\n", "k;\nz;\n", "a_b;\na_c;\na_d;\n",
                "a_b;\n#ifdef Q\na_c;\na_d;\n#endif\n"
            ),
            ("k;\na_a;\na_b;\na_c;\na_d;\nz;\n", "k;\nz;\n", "a_b;\na_c;\na_d;\n", "a_b;\nif (q) {\na_c;\na_d;\n}\n"),
            ("k;\na_a;\na_b;\na_c;\na_d;\nz;\n", "k;\nz;\n", "a_b;\n", "a_retry:\n"),
            // Signs before the block, with a line of upstream's among them.
            ("k;\n};\n};\na_a;\na_b;\na_c;\nz;\n", "k;\nz;\n", "};\n};\na_a;\n", "};\nnew;\n};\na_a;\n"),
            ("o = \\\n a.o \\\n b.o \\\n c.o \\\n z.o\n", "o = \\\n z.o\n", " b.o \\\n", " b.o \\\n new.o \\\n"),
        ])
    func notRemoved(base: String, ours: String, old: String, new: String) {
        #expect(base.contains(old) && merge(base, ours, base.replacing(old, with: new)).text == nil)
    }

    @Test(
        "changes that are not independent of each other stay in conflict",
        arguments: [
            // An else that loses its if.
            (
                "if (alpha)\n\tfoo(zeta, gamma, delta);\n", "foo(zeta, gamma, delta);\n",
                "if (alpha)\n\tfoo(zeta, gamma, eps);\nelse\n\tbar(zeta);\n"
            ),
            // A line that one side has twice, and the other one changes.
            (
                "foo(dev, alpha, beta);\n", "foo(dev, alpha, beta, 1);\nfoo(dev, alpha, beta, 2);\n",
                "foo(dev2, alpha, beta);\n"
            ),
            // The same word in two places; a condition that both turn around.
            (
                "foo(alpha, beta, gamma, delta);\n", "foo(alpha, flags, beta, gamma, delta);\n",
                "foo(alpha, beta, gamma, flags, delta);\n"
            ),
            (
                "if (test(A, flags) == 0 && more)\n", "if (!test(A, flags) == 0 && more)\n",
                "if (test(A, flags) == 0 && !more)\n"
            ),
        ])
    func dependent(base: String, ours: String, theirs: String) {
        let one = merge(base, ours, theirs)
        #expect(one.text == nil, "\(one.rules) \(String(decoding: one.text ?? [], as: UTF8.self))")
        #expect(merge(base, theirs, ours).text == nil)
    }

    @Test("what is put around a line stays around the one that takes its place")
    func around() {
        let both = merge(
            "a\nret = foo(x);\nz\n", "a\nlock();\nret = foo(x);\nunlock();\nz\n", "a\nret = foo(x, GFP, why);\nz\n")
        #expect(both.text == Array("a\nlock();\nret = foo(x, GFP, why);\nunlock();\nz\n".utf8), "\(both.rules)")
        let other = merge(
            "a\nret = foo(x);\nz\n", "a\nret = foo(x, GFP, why);\nz\n", "a\nlock();\nret = foo(x);\nunlock();\nz\n")
        #expect(other.text == both.text)
    }

    @Test("a conflict shows all three")
    func conflict() {
        let merge = merge("a\nold\nz\n", "a\nours\nz\n", "a\ntheirs\nz\n")
        #expect(merge.text == nil && merge.conflicts.count == 1)
        #expect(
            String(decoding: merge.marked(ours: "o", base: "b", theirs: "t"), as: UTF8.self)
                == "a\n<<<<<<< o\nours\n||||||| b\nold\n=======\ntheirs\n>>>>>>> t\nz\n")
    }

    @Test("a line without an end stays the last")
    func noNewline() {
        #expect(merge("a\nb\nc", "A\nb\nc", "a\nb\nc\n").text == Array("A\nb\nc\n".utf8))
        #expect(merge("a\nb\nc\nd", "A\nb\nc\nd", "a\nb\nc\nD").text == Array("A\nb\nc\nD".utf8))
    }

    /// Without the rules that are only likely, the result is git's.
    @Test(.enabled(if: hasTool("git"), "needs git"))
    func sameAsGit() throws {
        let scratch = try Scratch()
        var random = SystemRandomNumberGenerator()
        var (clean, conflicts) = (0, 0)
        for _ in 0..<150 {
            let base = (0..<Int.random(in: 1...60, using: &random)).map { "line \($0)" }
            func edited(_ mark: String) -> [String] {
                var lines = base
                for number in 0..<Int.random(in: 0...4, using: &random) {
                    let place = Int.random(in: 0...lines.count, using: &random)
                    let text = "\(mark) \(number)"
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: lines.insert(text, at: place)
                    case 1 where place < lines.count: lines.remove(at: place)
                    default: if place < lines.count { lines[place] = text }
                    }
                }
                return lines
            }
            let texts = [base, edited("ours"), edited("theirs")].map { lines in
                Array(lines.map { $0 + "\n" }.joined().utf8)
            }
            for (name, text) in zip(["base", "ours", "theirs"], texts) { try scratch.file(name, text) }
            let status = scratch.shell("git merge-file -p ours base theirs > merged")
            let own = ThreeWayMerge(base: texts[0], ours: texts[1], theirs: texts[2], rules: [])
            if status == 0 {
                clean += 1
                #expect(
                    own.text == (try scratch.read("merged")), "\(texts.map { String(decoding: $0, as: UTF8.self) })")
            } else {
                conflicts += 1
                #expect(own.text == nil, "\(texts.map { String(decoding: $0, as: UTF8.self) })")
            }
        }
        #expect(clean > 20 && conflicts > 5)
    }

    /// Hunks that are made from two texts make the one of the other.
    @Test(.enabled(if: hasTool("patch"), "needs patch"))
    func hunks() throws {
        let scratch = try Scratch()
        var random = SystemRandomNumberGenerator()
        for round in 0..<60 {
            let old = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                "l\(Int.random(in: 0...9, using: &random))"
            }
            var new = old
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let place = Int.random(in: 0...new.count, using: &random)
                if Bool.random(using: &random), place < new.count {
                    new.remove(at: place)
                } else {
                    new.insert("n\(place)", at: place)
                }
            }
            func text(_ lines: [String], _ ends: Bool) -> [UInt8] {
                let text = Array(lines.map { $0 + "\n" }.joined().utf8)
                return ends ? text : text.dropLast()
            }
            let (one, two) = (text(old, round % 3 != 0), text(new, round % 4 != 0))
            if one == two { continue }
            try scratch.file("f", one)
            try scratch.file("p", Array("--- a/f\n+++ b/f\n".utf8) + UnifiedDiff.hunks(from: one, to: two))
            let text = try scratch.text("p")
            #expect(scratch.shell("patch -p1 --fuzz=0 < p > log") == 0, "\(text)")
            #expect(try scratch.read("f") == two)
            #expect(scratch.shell("! grep -E 'offset|fuzz' log") == 0)
        }
    }

    @Test("what both add in one place is in one place, wherever its lines could stand as well")
    func slid() {
        func text(_ blocks: String...) -> String { "start\nx\ny\nz\nswitch\n" + blocks.joined() + "default\nend\n" }
        func block(_ name: String, _ rest: String) -> String { "case \(name)\n\(rest)\nbreak\n" }
        let base = text(block("1", "err = 0"))
        let mine = text(block("1", "err = 0"), block("2", "err = 0")).replacing("start", with: "begin")
        let merge = merge(base, mine, text(block("1", "err = 0"), block("2", "err = new")))
        #expect(merge.rules == [.lines, .addedBesideAdded], "\(merge.rules)")
    }

    @Test("what is added amid lines that upstream has removed has lost its place")
    func amid() {
        #expect(merge(Self.lines("abcdef"), Self.lines("abcXdef"), Self.lines("af")).text == nil)
        #expect(merge(Self.lines("abcdef"), Self.lines("abcXdef"), Self.lines("aUVf")).text == nil)
        #expect(merge(Self.lines("abcdef"), Self.lines("af"), Self.lines("abcXdef")).text == nil)
        // At the edge it still has one neighbour.
        #expect(merge(Self.lines("abcdef"), Self.lines("abXcdef"), Self.lines("abf")).rules == [.adjacent])
    }

    @Test(
        "a text in which each look finds one line more does not take the square of its lines", .timeLimit(.minutes(1)))
    func bounded() {
        var (old, new) = ("", "")
        for number in (1...20_000).reversed() {
            old += "a\(number - 1)\na\(number)\n"
            new += "z\na\(number - 1)\nz\na\(number)\n"
        }
        #expect(merge(old, old + "xen\n", new).text?.suffix(4).elementsEqual("xen\n".utf8) == true)
    }

    @Test("a mark of any kind that is left is no answer; an underlined title is none")
    func leftMarks() throws {
        let conflict = merge("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n")
        func solution(_ middle: String) -> MergeSolution {
            conflict.solution(in: Array("a\n\(middle)c\n".utf8), ours: "o", base: "b", theirs: "t")
        }
        #expect(solution("X\n||||||| b\nb\n=======\nY\n") == .unclear)
        #expect(solution("X\n=======\nY\n") == .unclear)
        #expect(solution("X\nY\n") != .unclear)
        let titles = merge("T\n=======\nb\n", "T\n=======\nX\n", "T\n=======\nY\n")
        let solved = titles.solution(in: Array("T\n=======\nXY\n".utf8), ours: "o", base: "b", theirs: "t")
        #expect(solved != .unclear && solved != .open)
    }

    @Test("of two conflicts that are alike one solved is no answer to the other")
    func alike() {
        let (base, ours, theirs) = ("b\n1\n2\n3\nb\n", "X\n1\n2\n3\nX\n", "Y\n1\n2\n3\nY\n")
        let both = merge(base, ours, theirs)
        let marked = String(decoding: both.marked(ours: "o", base: "b", theirs: "t"), as: UTF8.self)
        let parts = marked.split(separator: "1\n2\n3\n")
        func solution(_ text: String) -> MergeSolution {
            both.solution(in: Array(text.utf8), ours: "o", base: "b", theirs: "t")
        }
        #expect(parts.count == 2 && solution("XY\n1\n2\n3\n" + parts[1]) == .unclear)
        guard case .conflicts(let answers, left: 0) = solution("XY\n1\n2\n3\nXY\n") else {
            Issue.record("both are solved")
            return
        }
        #expect(answers.count == 1)
    }
}
