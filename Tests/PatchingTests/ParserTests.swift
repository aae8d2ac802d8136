import Patching
import Testing

/// What becomes of every byte of a patch, and of patches that are damaged.
struct ParserTests {
    private func parse(_ text: String, strip: Int = 1) throws -> ParsedPatch {
        try ParsedPatch.parse(Blob(Array(text.utf8)), name: "x.patch", strip: strip)
    }

    private func problem(_ text: String, strip: Int = 1) -> PatchError? {
        do {
            _ = try parse(text, strip: strip)
            return nil
        } catch {
            return error as? PatchError
        }
    }

    private let head = "--- a/f\n+++ b/f\n"
    private let edit = "@@ -1,3 +1,3 @@ main()\n 1\n-2\n+two\n 3\n"

    @Test func everyByteHasItsRegion() throws {
        for example in PatchCase.all {
            let bytes = example.patch
            guard let parsed = try? ParsedPatch.parse(Blob(bytes), name: "x", strip: example.strip) else { continue }
            var at = 0
            for region in parsed.regions {
                #expect(region.bytes.lowerBound == at, "\(example.name)")
                at = region.bytes.upperBound
            }
            #expect(at == bytes.count, "\(example.name)")
        }
    }

    @Test func messageWithSignature() throws {
        let parsed = try parse("From: me\n\n--- text\n---\n f | 2 +-\n\n" + head + edit + "-- \n2.30\n")
        #expect(parsed.regions.map(\.kind) == [.description, .header, .hunk, .signature])
        #expect(parsed.ignored.isEmpty)
        #expect(parsed.files[0].hunks[0].prefixContext == 1)
        #expect(parsed.files[0].hunks[0].line == 9)
    }

    @Test func ignoredTextIsReported() throws {
        let parsed = try parse(head + edit + "\nsome words\n" + head + edit + "\n@@ -7 +7 @@\n-7\n+8\n")
        #expect(parsed.ignored.map(\.looksLikePatch) == [false, true])
        #expect(parsed.ignored.map(\.line) == [9, 18])
    }

    @Test func hunkWithoutNamesIsReported() throws {
        let parsed = try parse(edit + head + edit)
        #expect(parsed.ignored.first?.looksLikePatch == true)
    }

    @Test(arguments: [
        ("@@ -1,9 +1,9 @@\n 1\n-2\n+two\n", 6, PatchError.Problem.truncatedHunk(missingOld: 7, missingNew: 7)),
        ("@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n+4\n", 8, .surplusLine),
        ("@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n-4\n", 8, .surplusLine),
        ("@@ -1,3 +1,3 @@\n 1\n*2\n", 5, .strayLine),
        ("@@ -1,2 +1,2 @@\n 1\n 2\n", 3, .emptyHunk),
        ("@@ -x,2 +1,2 @@\n", 3, .malformedHunkHeader),
        ("@@ -1,2 1,2 @@\n", 3, .malformedHunkHeader),
        ("@@ -1,2 +1,2\n", 3, .malformedHunkHeader),
        ("@@ -1,99999999999999999999 +1,2 @@\n", 3, .absurdNumber),
        ("@@ -1 +1 @@\n-1\n", 4, .truncatedHunk(missingOld: 0, missingNew: 1)),
    ])
    func damageIsFoundAtItsLine(_ text: String, _ line: Int, _ expected: PatchError.Problem) {
        let found = problem(head + text)
        #expect(found?.problem == expected)
        #expect(found?.line == line)
        #expect(found?.category == .malformedInput)
    }

    @Test func dangerousNames() {
        #expect(problem("--- a/../../x\n+++ b/../../x\n" + edit)?.problem == .dangerousName("a/../../x"))
        #expect(
            problem("--- /etc/passwd\n+++ /etc/passwd\n" + edit, strip: 0)?.problem == .dangerousName("/etc/passwd"))
        #expect(problem("--- f\n+++ f\n" + edit)?.problem == .nameTooShort("f", strip: 1))
        #expect(problem("--- \"a/x\\000\"\n+++ \"b/x\\000\"\n" + edit)?.problem == .dangerousName("a/x\0"))
        #expect(problem("diff --git a/x b/y\nrename from ../x\nrename to y\n")?.problem == .dangerousName("../x"))
    }

    @Test func onlyGarbage() {
        #expect(problem("hello\n")?.problem == .noPatch)
        #expect(problem("5c5\n< a\n---\n> b\n")?.problem == .noPatch)
    }

    @Test func emptyPatch() throws {
        let parsed = try parse("")
        #expect(parsed.files.isEmpty)
    }
}
