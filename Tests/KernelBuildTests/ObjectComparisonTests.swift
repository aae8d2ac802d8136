import KernelBuild
import Testing

/// What the compiler says of objects in two trees.
@Suite struct ObjectComparisonTests {
    private func result(
        _ compiled: Set<String>, unknown: Set<String> = [], _ messages: [CompilerMessage] = [], obstacle: String? = nil
    ) -> ObjectBuild.Result {
        ObjectBuild.Result(compiled: compiled, unknown: unknown, messages: messages, obstacle: obstacle, log: "log")
    }

    private func warning(_ file: String, _ line: Int, _ text: String) -> CompilerMessage {
        CompilerMessage(severity: .warning, file: file, line: line, text: text)
    }

    private func compare(
        _ files: [(String?, String?)], _ old: ObjectBuild.Result, _ new: ObjectBuild.Result
    ) -> ObjectComparison {
        ObjectComparison(
            files.map { ObjectComparison.Subject(old: $0.0, new: $0.1) }, architecture: "x86", old: old, new: new)
    }

    @Test("what both say is not new, wherever it stands; what is said once more is")
    func messages() {
        let same = "unused variable 'x' [-Wunused-variable]"
        let comparison = compare(
            [("a.c", "a.c"), ("old/b.c", "new/b.c")],
            result(
                ["a.o", "old/b.o"], [warning("a.c", 3, same), warning("old/b.c", 1, "one"), warning("a.c", 9, "gone")]),
            result(
                ["a.o", "new/b.o"],
                [
                    warning("a.c", 30, same), warning("a.c", 31, same), warning("new/b.c", 7, "one"),
                    warning("h.h", 1, "h"),
                ]))
        #expect(comparison.new == [warning("a.c", 31, same), warning("h.h", 1, "h")])
        #expect(comparison.gone == 1 && !comparison.hasErrors && comparison.gaps.isEmpty)
    }

    @Test("an object that is not there is an error, a gap, or was none before")
    func objects() {
        let error = CompilerMessage(severity: .error, file: "a.c", line: 1, text: "'f' undeclared")
        let old = CompilerMessage(severity: .error, file: "c.c", line: 1, text: "'g' undeclared")
        let comparison = compare(
            [
                ("a.c", "a.c"), ("b.c", "b.c"), ("c.c", "c.c"), (nil, "new.c"), ("d.h", "d.h"),
                ("arch/mips/x.c", "arch/mips/x.c"), ("arch/x86/y.S", "arch/x86/y.S"), ("gone.c", nil),
                ("tools/t.c", "tools/t.c"),
            ],
            result(["a.o", "arch/x86/y.o"], unknown: ["b.o"], [old]),
            result(["new.o", "arch/x86/y.o"], unknown: ["b.o"], [error, old]))
        #expect(comparison.hasErrors && comparison.new == [error])
        #expect(comparison.compiled.map(\.file) == ["a.c", "new.c", "arch/x86/y.S"])
        #expect(comparison.compiled.map(\.succeeded) == [false, true, true])
        #expect(comparison.compiled.map(\.hasOld) == [true, false, true])
        #expect(
            comparison.gaps.map { "\($0.file) \($0.gap.rawValue)" } == [
                "b.c not-configured", "c.c broken-before", "d.h no-object", "arch/mips/x.c other-architecture",
                "tools/t.c no-object",
            ])
    }

    @Test("a tree that cannot be prepared says nothing of its files")
    func obstacle() {
        let comparison = compare(
            [("a.c", "a.c")], result([], obstacle: "no compiler"), result(["a.o"], [warning("a.c", 1, "one")]))
        #expect(comparison.obstacles == ["old tree: no compiler"] && comparison.compiled.isEmpty)
        #expect(comparison.gaps.map(\.gap) == [.notPrepared] && comparison.new.isEmpty)
    }
}
