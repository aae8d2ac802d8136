extension PatchCase {
    private static let head = "--- a/f\n+++ b/f\n"
    private static let edit = "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
    private static let later = "@@ -7,3 +7,3 @@\n 7\n-8\n+eight\n 9\n"

    /// The text of patches: line ends, white space, junk, names.
    static let text: [PatchCase] = [
        PatchCase(name: "two hunks", patch: head + edit + later),
        PatchCase(
            name: "description and signature",
            patch: "Subject: x\n\n--- text\n+ text\n- text\n@@ text\n---\n f | 1\n\n" + head + edit + "-- \n1.2\n"),
        PatchCase(
            name: "time stamps",
            patch: "--- a/f\t2009-01-01 00:00:00.5 +0100\n+++ b/f\t2009-01-02 00:00:00.5 +0100\n" + edit),
        PatchCase(name: "date behind spaces", patch: "--- a/f 2009-01-01\n+++ b/f 2009-01-02\n" + edit),
        PatchCase(name: "carriage returns in the patch only", patch: (head + edit).replacing("\n", with: "\r\n")),
        PatchCase(
            name: "carriage returns in patch and file", tree: ["f": "1\r\n2\r\n3\r\n"],
            patch: (head + edit).replacing("\n", with: "\r\n"), expect: .refused),
        PatchCase(
            name: "carriage returns in the lines only", tree: ["f": "1\r\n2\r\n3\r\n"],
            patch: head + "@@ -1,3 +1,3 @@\n 1\r\n-2\r\n+two\r\n 3\r\n"),
        PatchCase(
            name: "blank context lines without their space", tree: ["f": "\n2\n\n"],
            patch: head + "@@ -1,3 +1,3 @@\n\n-2\n+two\n\n"),
        PatchCase(
            name: "tab context line without its space", tree: ["f": "\tx\n2\n3\n"],
            patch: head + "@@ -1,3 +1,3 @@\n\tx\n-2\n+two\n 3\n"),
        PatchCase(
            name: "form feed in context", tree: ["f": "1\n\u{C}\n2\n"],
            patch: head + "@@ -1,3 +1,3 @@\n 1\n \u{C}\n-2\n+two\n"),
        PatchCase(
            name: "newline taken away", tree: ["f": "1\n2\n"],
            patch: head + "@@ -1,2 +1,2 @@\n 1\n-2\n+2\n\\ No newline at end of file\n"),
        PatchCase(
            name: "newline added", tree: ["f": "1\n2"],
            patch: head + "@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+2\n"),
        PatchCase(
            name: "no newline before and after", tree: ["f": "1\n2"],
            patch: head + "@@ -1,2 +1,2 @@\n-1\n+one\n 2\n\\ No newline at end of file\n"),
        PatchCase(
            name: "newline missing in the tree only", tree: ["f": "1\n2\n3"], patch: head + edit, policy: .suse,
            expect: .refused),
        PatchCase(name: "newline missing in the tree only, with fuzz", tree: ["f": "1\n2\n3"], patch: head + edit),
        PatchCase(
            name: "blank line between hunks", patch: head + edit + "\n" + later, expect: .appliedWithWarning),
        PatchCase(
            name: "text between files", tree: ["f": "1\n2\n3\n", "g": "1\n2\n3\n"],
            patch: head + edit + "\ntext\n\n--- a/g\n+++ b/g\n" + edit),
        PatchCase(name: "hunk with too many lines", patch: head + edit + "+more\n", expect: .stricter("malformed")),
        PatchCase(name: "hunk cut short", patch: head + "@@ -1,9 +1,9 @@\n 1\n-2\n+two\n 3\n", expect: .refused),
        PatchCase(
            name: "counts that do not fit", patch: head + "@@ -1,3 +1,2 @@\n 1\n-2\n+two\n 3\n", expect: .refused),
        PatchCase(name: "empty patch", patch: ""),
        PatchCase(name: "garbage only", patch: "hello\nworld\n", expect: .refused),
        PatchCase(
            name: "Index line only",
            patch: "Index: f\n===================================================================\n--- f\n+++ f\n"
                + edit, strip: 0),
        PatchCase(name: "old name with .orig", patch: "--- a/f.orig\n+++ b/f\n" + edit),
        PatchCase(name: "new name that is not there", patch: "--- a/f\n+++ b/f.new\n" + edit),
        PatchCase(
            name: "both names there", tree: ["f": "1\n2\n3\n", "fo": "1\n2\n3\n"], patch: "--- a/fo\n+++ b/f\n" + edit),
        PatchCase(name: "strip 0", tree: ["a/f": "1\n2\n3\n"], patch: "--- a/f\n+++ a/f\n" + edit, strip: 0),
        PatchCase(name: "strip 2", patch: "--- x/y/f\n+++ x/z/f\n" + edit, strip: 2),
        PatchCase(name: "double slashes", tree: ["d/f": "1\n2\n3\n"], patch: "--- a//d/f\n+++ b//d/f\n" + edit),
        PatchCase(name: "name too short for its strip level", patch: "--- f\n+++ f\n" + edit, expect: .refused),
        PatchCase(name: "name above the tree", patch: "--- a/../../f\n+++ b/../../f\n" + edit, expect: .refused),
        PatchCase(name: "absolute name", patch: "--- /f\n+++ /f\n" + edit, strip: 0, expect: .refused),
        PatchCase(name: "no context, insert", patch: head + "@@ -4,0 +5,2 @@\n+x\n+y\n"),
        PatchCase(name: "no context, insert behind the end", patch: head + "@@ -40,0 +41,2 @@\n+x\n+y\n"),
        PatchCase(name: "no context, delete at another line", patch: head + "@@ -3 +2,0 @@\n-5\n"),
        PatchCase(
            name: "two equal hunks, one place", tree: ["f": "a\nb\nc\nd\n"],
            patch: head + "@@ -1,3 +1,4 @@\n a\n b\n+x\n c\n@@ -1,3 +1,4 @@\n a\n b\n+x\n c\n", policy: .suse,
            expect: .refused),
        PatchCase(
            name: "hunks out of order", patch: head + later + edit, expect: .refused),
        PatchCase(name: "hunk without a change", patch: head + "@@ -1,2 +1,2 @@\n 1\n 2\n", expect: .refused),
        PatchCase(
            name: "absurd line number", patch: head + "@@ -99999999999999999999,1 +1,1 @@\n-1\n+2\n", expect: .refused),
        PatchCase(name: "offset", tree: ["f": "0\n0\n0\n1\n2\n3\n"], patch: head + "@@ -2,2 +2,2 @@\n-2\n+two\n 3\n"),
    ]
}
