import Foundation
import Merging
import Testing

/// What a change of a native file means for its twin.
@Suite struct TwinMergeTests {
    private let native = """
        #include <a.h>

        int one(int x)
        {
            start();
            work(x);
            end();
        }

        int two(int x)
        {
            begin(x);
            native_only(x);
            finish(x);
        }

        int three(void)
        {
            gone();
        }

        """

    private var twin: String {
        native.replacingOccurrences(of: "    native_only(x);\n", with: "    HYPERVISOR_call(x);\n")
            .replacingOccurrences(of: "int three(void)\n{\n    gone();\n}\n", with: "")
    }

    private func merge(_ old: String, _ new: String) -> (TwinMerge, String) {
        let native = native.replacingOccurrences(of: old, with: new)
        let merge = TwinMerge(old: Array(self.native.utf8), new: Array(native.utf8), twin: Array(twin.utf8))
        return (merge, String(decoding: merge.text, as: UTF8.self))
    }

    @Test("what upstream does in a function that the twin has does not come to another place of like lines")
    func elsewhere() {
        let old = "void init(void)\n{\n    start();\n#ifdef A\n    gate(A);\n#endif\n    end();\n}\n"
        let new = old.replacingOccurrences(of: "gate(A);\n", with: "gate(A);\n    set(A);\n")
        // The lines of the function are in its table.
        let twin =
            "int table[] = {\n    start();\n#ifdef A\n    gate(A);\n#endif\n};\n\nvoid init(void)\n{\n    walk();\n}\n"
        let merge = TwinMerge(old: Array(old.utf8), new: Array(new.utf8), twin: Array(twin.utf8))
        #expect(merge.hunks.map(\.rule) == [nil] && merge.text == Array(twin.utf8))
        // Without the function it is where the lines are.
        let table = twin.components(separatedBy: "\nvoid")[0]
        let other = TwinMerge(old: Array(old.utf8), new: Array(new.utf8), twin: Array(table.utf8))
        #expect(other.hunks.map(\.rule) == [.adjacent])
    }

    @Test("a twin that includes its native file has what that includes")
    func includesNative() {
        let twin = "#include \"../native.h\"\n\nint mine;\n"
        func merge(_ includesNative: Bool) -> TwinMerge {
            TwinMerge(
                old: Array("int a;\n".utf8), new: Array("#include <b.h>\nint a;\n".utf8), twin: Array(twin.utf8),
                includesNative: includesNative)
        }
        #expect(merge(true).hunks.map(\.rule) == [.present] && merge(true).text == Array(twin.utf8))
        #expect(merge(false).hunks.map(\.rule) != [.present])
    }

    @Test("inside a function that both have it is exact, beside one that differs it is not")
    func exact() {
        let (inside, text) = merge("    work(x);\n", "    work(x, 1);\n")
        #expect(inside.hunks.map(\.rule) == [.lines] && text.contains("    work(x, 1);\n"))
        #expect(text == twin.replacingOccurrences(of: "work(x)", with: "work(x, 1)"))
        let (beside, other) = merge("    finish(x);\n", "    finish(x, 1);\n")
        #expect(beside.hunks.map(\.rule) == [.adjacent] && other.contains("HYPERVISOR_call(x);\n    finish(x, 1);\n"))
        #expect(String(decoding: beside.hunks[0].section, as: UTF8.self) == "int two(int x)")
    }

    @Test("what stands at the top level is a decision: an include, a new function, another head of a function")
    func topLevel() {
        for (old, new) in [
            ("#include <a.h>\n", "#include <a.h>\n#include <b.h>\n"),
            ("int two(int x)\n", "int new(void)\n{\n}\n\nint two(int x)\n"), ("int one(int x)\n", "long one(int x)\n"),
        ] {
            let (merge, text) = merge(old, new)
            #expect(merge.hunks.allSatisfy { $0.rule == .adjacent } && merge.merge.conflicts.isEmpty, "\(new)")
            #expect(text == twin.replacingOccurrences(of: old, with: new))
        }
    }

    @Test("what the twin does not have needs nothing; what it has already is not done twice")
    func absent() {
        let (gone, text) = merge("    gone();\n", "    gone(1);\n")
        #expect(gone.hunks.map(\.rule) == [.absent] && text == twin)
        let mine = twin.replacingOccurrences(of: "    begin(x);\n", with: "    begin(x);\n    also_new(x);\n")
        let new = native.replacingOccurrences(of: "    begin(x);\n", with: "    begin(x);\n    also_new(x);\n")
        let present = TwinMerge(old: Array(native.utf8), new: Array(new.utf8), twin: Array(mine.utf8))
        #expect(present.hunks.map(\.rule) == [.present] && present.text == Array(mine.utf8))
    }

    @Test("other words of a line are changed beside the twin's; the same words are a conflict, and can be solved")
    func words() {
        let base = "int f(void)\n{\n    call(first, second);\n}\n"
        func run(_ mine: String, _ new: String, _ answer: String? = nil) -> TwinMerge {
            TwinMerge(
                old: Array(base.utf8), new: Array(base.replacingOccurrences(of: "call(first, second)", with: new).utf8),
                twin: Array(base.replacingOccurrences(of: "call(first, second)", with: mine).utf8)
            ) { conflict in
                #expect(conflict.base == Array("    call(first, second);\n".utf8))
                return answer.map { (Array($0.utf8), .resolved) }
            }
        }
        let words = run("call(xen_first, second)", "call(first, other)")
        #expect(words.hunks.map(\.rule) == [.words])
        #expect(String(decoding: words.text, as: UTF8.self).contains("    call(xen_first, other);\n"))
        let conflict = run("call(xen_first, second)", "call(last, second)")
        #expect(conflict.hunks.map(\.rule) == [nil] && conflict.merge.conflicts.count == 1)
        #expect(String(decoding: conflict.text, as: UTF8.self).contains("    call(xen_first, second);\n"))
        let marked = String(decoding: conflict.merge.marked(ours: "twin", base: "old", theirs: "new"), as: UTF8.self)
        #expect(
            marked.contains(
                "<<<<<<< twin\n    call(xen_first, second);\n||||||| old\n    call(first, second);\n=======\n    call(last, second);\n>>>>>>> new\n"
            ))
        let solved = run("call(xen_first, second)", "call(last, second)", "    call(xen_last, second);\n")
        #expect(solved.hunks.map(\.rule) == [.resolved] && solved.merge.conflicts.isEmpty)
        #expect(String(decoding: solved.text, as: UTF8.self).contains("    call(xen_last, second);\n"))
    }

    @Test("a twin that is the native file becomes the new native file")
    func copy() {
        for seed in 0..<40 {
            var random = Seeded(UInt64(seed))
            let old = (0..<60).map { "line \($0 / 2 + Int.random(in: 0...1, using: &random))\n" }
            var new = old
            for _ in 0..<6 {
                let at = Int.random(in: 0..<new.count, using: &random)
                if Bool.random(using: &random) { new.remove(at: at) } else { new.insert("new \(at)\n", at: at) }
            }
            let merge = TwinMerge(
                old: Array(old.joined().utf8), new: Array(new.joined().utf8), twin: Array(old.joined().utf8))
            #expect(merge.text == Array(new.joined().utf8) && merge.merge.conflicts.isEmpty, "\(seed)")
        }
    }
}

/// Numbers that are the same in every run.
private struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
