import Bytes
import Series
import SystemPackage
import TestSupport
import Testing

@Suite struct SeriesLintTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.file("p/one.patch", patch(to: "1", header: "Origin: upstream\n\n"))
    }

    private func kinds(_ text: String, by lint: SeriesLint = SeriesLint(), file: String = "series") throws
        -> [LintFinding.Kind]
    {
        try scratch.file("p/\(file)", Array(text.utf8))
        return try lint.check(try SeriesReader().read(scratch.path.appending("p/\(file)"))).map(\.kind)
    }

    @Test func nothingWrong() throws { #expect(try kinds("one.patch\n") == []) }

    @Test func everyKind() throws {
        try scratch.file("p/same.patch", patch(to: "1", header: "Origin: upstream\n\n"))
        try scratch.file("p/empty.patch", [])
        try scratch.file("p/prose.patch", Array("only words\n".utf8))
        try scratch.file("p/broken.patch", Array("--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n-a\n".utf8))
        #expect(try kinds("one.patch\ngone.patch\n") == [.missing] + [.unused, .unused, .unused, .unused])
        #expect(
            try kinds("one.patch\none.patch\nsame.patch\nempty.patch\nprose.patch\nbroken.patch\n # x\n") == [
                .portability, .duplicate, .sameContent, .empty, .empty, .malformed,
            ])
        #expect(try kinds("gone.patch\n") == [.stale])
    }

    @Test func policy() throws {
        var lint = SeriesLint()
        lint.requiredHeaders = [["Origin", "Git-commit"], ["Signed-off-by"]]
        #expect(try kinds("one.patch\n", by: lint) == [.provenance])
        lint = SeriesLint()
        lint.knownGuards = ["xen"]
        #expect(
            try kinds(
                "+xen one.patch\n+zen one.patch\n+xen -xen one.patch\n- one.patch\n", by: lint, file: "series.conf")
                == [
                    .unknownGuard, .neverIncluded, .neverIncluded,
                ])
    }
}
