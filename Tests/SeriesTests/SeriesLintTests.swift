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
                    .emptySeries, .unknownGuard, .neverIncluded, .neverIncluded,
                ])
        #expect(try kinds("# nothing\n", by: lint).contains(.emptySeries))
    }

    @Test func filesThatAreMadeTwice() throws {
        let make = "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n"
        let other = make.replacing("+x", with: "+y")
        let gone = "--- a/new\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        for (name, text) in [("make", make), ("other", other), ("gone", gone)] {
            try scratch.file("p/\(name).patch", Array(text.utf8))
        }
        #expect(try kinds("one.patch\nmake.patch\nother.patch\ngone.patch\n") == [.neverApplies])
        #expect(try kinds("one.patch\nmake.patch\ngone.patch\nother.patch\n") == [])
        #expect(
            try kinds("one.patch\nmake.patch\ngone.patch\nother.patch\nmake.patch -R\n").contains(.neverApplies)
                == false)
    }

    @Test(arguments: [
        ("Git-commit: 0123456789abcdef0123456789abcdef01234567", 0), ("Git-commit: not yet", 1), ("Git-commit: 123", 1),
        ("Git-commit: never", 0),
    ]) func commitsThatAreNone(header: String, findings: Int) throws {
        try scratch.file("p/one.patch", patch(to: "1", header: header + "\n\n"))
        #expect(try kinds("one.patch\n") == Array(repeating: .provenance, count: findings))
    }

    /// A spec or checkout whose patches cannot all be told is never taken for complete.
    @Test func gaps() throws {
        let spec = "Name: x\nVersion: 1\nPatch1: one.patch\n%prep\n%patch1 -p1\npatch -p1 < $HOME/other.patch\n"
        #expect(try kinds(spec, file: "x.spec") == [.incomplete])
        #expect(throws: SeriesError.self) {
            try SeriesReader().read(scratch.path.appending("p/x.spec")).load()
        }
        let uncertain = "Name: x\nVersion: 1\nPatch1: one.patch\n%prep\nif make check; then\n%patch1 -p1\nfi\n"
        #expect(try kinds(uncertain, file: "x.spec") == [.incomplete, .incomplete])
    }

    /// What depends on something that is not evaluated is a gap, whichever way it would go.
    @Test(arguments: [
        "%if %(date)\n%patch1 -p1\n%endif\n", "%if %(date)\n%else\n%patch1 -p1\n%endif\n",
        "%if %(date)\n%if 1\n%patch1 -p1\n%endif\n%endif\n", "%if 0\n%elif %{lua: print(1)}\n%patch1 -p1\n%endif\n",
        "for p in $(ls); do\n  if ! patch -p1 -i ../$p; then\n    exit 1\n  fi\ndone\n",
        "for p in *.patch; do patch -p1 < $p; done\n",
        "%if %(date)\nmake x\n%endif\n", "%define x %(date)\n%x\n",
        "ls | while read p; do patch -p1 -i $p; done\n", "cat series | xargs -n 1 patch -p1 -i\n", "git am *.patch\n",
        "test \"$y\" && patch -p1 < $RPM_SOURCE_DIR/$x\n",
    ]) func uncertainPatches(prep: String) throws {
        let found = try kinds("Name: x\nVersion: 1\nPatch1: one.patch\n%prep\n\(prep)", file: "x.spec")
        #expect(found.contains(.incomplete), "\(prep): \(found)")
    }

    @Test func certainPatches() throws {
        let spec =
            "Name: x\nVersion: 1\nPatch1: one.patch\n%prep\n%if %(date)\necho x\n%endif\n"
            + "if ! patch -p1 -F0 -i %{PATCH1}; then\n  exit 1\nfi\n"
        try scratch.file("p/x.spec", Array(spec.utf8))
        let series = try SeriesReader().read(scratch.path.appending("p/x.spec"))
        #expect(series.gaps == [] && series.included.map(\.name) == ["one.patch"] && series.included[0].fuzz == 0)
    }
}
