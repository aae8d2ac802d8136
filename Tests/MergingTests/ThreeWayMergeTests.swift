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
}
