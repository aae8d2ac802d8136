extension PatchCase {
    private static let head = "--- a/f\n+++ b/f\n"
    private static let edit = "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
    private static let later = "@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n"
    private static let context =
        "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n! 2\n  3\n--- 1,3 ----\n  1\n! two\n  3\n"

    private static func returns(_ text: String) -> String { text.replacing("\n", with: "\r\n") }

    /// A header line by line, then hunks; each line with its own end.
    private static func mixed(_ old: String, _ new: String, _ hunk: String, _ body: String) -> String {
        "--- a/f" + old + "\n+++ b/f" + new + "\n@@ -1,3 +1,3 @@" + hunk + "\n"
            + " 1\n-2\n+two\n 3\n".replacing("\n", with: body + "\n")
    }

    /// Line ends, indentation, lone headers, other formats, damage at the end.
    static let formats: [PatchCase] = [
        PatchCase(
            name: "returns in the hunks, not in the header", tree: ["f": "1\r\n2\r\n3\r\n"],
            patch: mixed("", "", "\r", "\r")),
        PatchCase(name: "returns in the header and the lines", patch: mixed("\r", "\r", "", "\r")),
        PatchCase(name: "returns in the old name only", patch: mixed("\r", "", "", "\r"), expect: .refused),
        PatchCase(name: "returns in the new name and the lines", patch: mixed("", "\r", "", "\r")),
        PatchCase(name: "returns in the header only", patch: mixed("\r", "\r", "", "")),
        PatchCase(name: "returns in the hunk header only", patch: mixed("", "", "\r", "")),
        PatchCase(name: "context diff", patch: context),
        PatchCase(name: "context diff with returns", patch: returns(context)),
        PatchCase(
            name: "context diff, description, two files", tree: ["f": "1\n2\n3\n", "g": "1\n2\n3\n"],
            patch: "Subject: x\n\ntext\n\n" + context + context.replacing("/f", with: "/g")),
        PatchCase(
            name: "context diff, create", tree: [:],
            patch: "*** /dev/null\n--- b/f\n***************\n*** 0 ****\n--- 1,2 ----\n+ 1\n+ 2\n"),
        PatchCase(
            name: "context diff, delete", tree: ["f": "1\n2\n", "g": "x\n"],
            patch: "*** a/f\n--- /dev/null\n***************\n*** 1,2 ****\n- 1\n- 2\n--- 0 ----\n"),
        PatchCase(name: "context diff, its last line without a newline", patch: String(context.dropLast())),
        PatchCase(
            name: "context diff, only the new side",
            patch: "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n--- 1,4 ----\n  1\n+ x\n  2\n  3\n"),
        PatchCase(
            name: "context diff, only the old side",
            patch: "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n- 2\n  3\n--- 1,2 ----\n"),
        PatchCase(
            name: "context diff, only the old side, and blank lines behind",
            tree: ["f": "1\n2\n3\n", "g": "1\n2\n3\n"],
            patch:
                "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n- 2\n  3\n--- 1,2 ----\n\n\n"
                + context.replacing("/f", with: "/g")),
        PatchCase(
            name: "context diff, a side left out that would be longer",
            patch: "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n- 2\n  3\n--- 1,9 ----\n", expect: .refused),
        PatchCase(
            name: "context diff, from 0 to 3",
            patch: "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n- 2\n  3\n--- 0,3 ----\n", expect: .refused),
        PatchCase(
            name: "context diff, backwards",
            patch: "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n- 2\n  3\n--- 3,1 ----\n", expect: .refused),
        PatchCase(
            name: "context diff, no lines but context",
            patch: "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n- 2\n  3\n--- 0 ----\n", expect: .refused),
        PatchCase(
            name: "context diff, short lines of asterisks",
            patch: "*** a/f\n--- b/f\n***************\n*** 1,3 **\n  1\n- 2\n  3\n--- 1,2 --\n"),
        PatchCase(
            name: "context diff, removed and added",
            patch:
                "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n- 2\n  3\n--- 1,3 ----\n  1\n+ two\n  3\n"),
        PatchCase(
            name: "context diff, changed to nothing",
            patch: "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n! 2\n  3\n--- 1,2 ----\n  1\n  3\n",
            expect: .refused),
        PatchCase(
            name: "context diff without asterisks between",
            patch: "*** a/f\n--- b/f\n*** 1,3 ****\n  1\n- 2\n  3\n--- 1,2 ----\n", expect: .refused),
        PatchCase(
            name: "context diff without spaces before the lines",
            patch: "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n1\n! 2\n3\n--- 1,3 ----\n1\n! two\n3\n",
            expect: .refused),
        PatchCase(
            name: "context diff for dpkg", patch: context, policy: .dpkg, expect: .refused),
        PatchCase(name: "indented", patch: (head + edit).split(separator: "\n").map { "  \($0)\n" }.joined()),
        PatchCase(
            name: "indented in the description",
            patch: "text\n\n" + (head + edit).split(separator: "\n").map { "    \($0)\n" }.joined() + "\n---\n" + head
                + later),
        PatchCase(
            name: "indented hunk without names in the description",
            patch: "text\n\n" + edit.split(separator: "\n").map { "    \($0)\n" }.joined() + "\n---\n" + head + later),
        PatchCase(
            name: "hunk without names in the description", patch: "text\n\n" + edit + "\n---\n" + head + later,
            expect: .appliedWithWarning),
        PatchCase(name: "only the new name", patch: "+++ b/f\n" + edit),
        PatchCase(name: "only the old name", patch: "--- a/f\n" + edit),
        PatchCase(name: "text between the names", patch: "--- a/f\ntext\n+++ b/f\n" + edit),
        PatchCase(
            name: "the last names count", patch: "--- a/x\n+++ b/x\n\n--- a/f\n+++ b/f\n" + edit,
            expect: .appliedWithWarning),
        PatchCase(
            name: "only the new name, behind another file", tree: ["f": "1\n2\n3\n", "g": "1\n2\n3\n"],
            patch: head + edit + "+++ b/g\n" + edit, expect: .appliedWithWarning),
        PatchCase(
            name: "only the old name, behind another file", tree: ["f": "1\n2\n3\n", "g": "1\n2\n3\n"],
            patch: head + edit + "--- a/g\n" + edit, expect: .appliedWithWarning),
        PatchCase(name: "ed script", patch: head + "2c\ntwo\n.\n", expect: .stricter("malformed")),
        PatchCase(
            name: "ed script behind a unified diff", tree: ["f": "1\n2\n3\n", "g": "1\n2\n3\n"],
            patch: head + edit + "--- a/g\n+++ b/g\n2c\ntwo\n.\n", expect: .stricter("malformed")),
        PatchCase(name: "normal diff", patch: "Index: a/f\n2c2\n< 2\n---\n> two\n", expect: .stricter("malformed")),
        PatchCase(
            name: "normal diff behind a unified diff", tree: ["f": "1\n2\n3\n", "g": "1\n2\n3\n"],
            patch: head + edit + "Index: a/g\n2c2\n< 2\n---\n> two\n", expect: .stricter("malformed")),
        PatchCase(name: "normal diff in the description", patch: "5c5\n< a\n---\n> b\n\n" + head + edit),
        PatchCase(
            name: "one blank line chopped off the end", tree: ["f": "1\n2\n3\n\n\n\n"],
            patch: head + "@@ -1,4 +1,4 @@\n 1\n-2\n+two\n 3\n", expect: .stricter("malformed")),
        PatchCase(
            name: "four blank lines chopped off the end", tree: ["f": "1\n2\n3\n\n\n\n\n"],
            patch: head + "@@ -1,7 +1,7 @@\n 1\n-2\n+two\n 3\n", expect: .refused),
        PatchCase(name: "no closing @@", patch: head + "@@ -1,3 +1,3\n 1\n-2\n+two\n 3\n", expect: .refused),
        PatchCase(name: "four @", patch: head + "@@ -1,3 +1,3 @@@@ x\n 1\n-2\n+two\n 3\n"),
        PatchCase(
            name: "two spaces in the hunk header", patch: head + "@@ -1,3  +1,3 @@\n 1\n-2\n+two\n 3\n",
            expect: .refused),
        PatchCase(
            name: "no newline in the middle, old",
            patch: head + "@@ -1,3 +1,3 @@\n 1\n-2\n\\ No newline at end of file\n+two\n 3\n", expect: .refused),
        PatchCase(
            name: "no newline in the middle, new",
            patch: head + "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n\\ No newline at end of file\n 3\n", expect: .refused),
        PatchCase(
            name: "no newline in the middle, context",
            patch: head + "@@ -1,3 +1,3 @@\n 1\n\\ No newline at end of file\n-2\n+two\n 3\n", expect: .refused),
        PatchCase(name: "backslash before the hunk", patch: head + "\\ x\n" + edit),
        PatchCase(
            name: "backslash first in the hunk",
            patch: head + "@@ -1,3 +1,3 @@\n\\ No newline at end of file\n 1\n-2\n+two\n 3\n", expect: .refused),
        PatchCase(name: "equals sign", patch: head + "@@ -1,3 +1,3 @@\n 1\n=2\n+two\n 3\n", expect: .refused),
        PatchCase(name: "hunk header that cannot be read behind a hunk", patch: head + edit + "@@ garbage\n"),
        PatchCase(name: "insert at line 0", patch: head + "@@ -0,0 +1,1 @@\n+zero\n"),
        PatchCase(name: "insert behind line 1", patch: head + "@@ -1,0 +1,1 @@\n+zero\n"),
        PatchCase(
            name: "last context line without a newline in the patch", patch: head + "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3"),
        PatchCase(
            name: "last context line of the file without a newline in the patch", tree: ["f": "1\n2\n3\n"],
            patch: head + "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3"),
        PatchCase(
            name: "last added line without a newline in the patch", tree: ["f": "1\n2\n"],
            patch: head + "@@ -1,2 +1,2 @@\n 1\n-2\n+two", expect: .refused),
        PatchCase(name: "prereq", patch: "Prereq: 9.9\n" + head + edit),
        PatchCase(
            name: "header without hunks, then another", tree: ["f": "1\n2\n3\n", "g": "1\n2\n3\n"],
            patch: "--- a/g\n+++ b/g\n--- a/f\n+++ b/f\n" + edit, expect: .appliedWithWarning),
        PatchCase(
            name: "header without hunks at the end", patch: head + edit + "--- a/g\n+++ b/g\n",
            expect: .appliedWithWarning),
        PatchCase(
            name: "git header without change at the end",
            patch: head + edit + "diff --git a/f b/f\nindex 1111111..2222222 100644\n", expect: .appliedWithWarning),
        PatchCase(
            name: "text behind the hunk that looks like context", patch: head + edit + " 4\n",
            expect: .appliedWithWarning),
        PatchCase(
            name: "form feed and vertical tab", tree: ["f": "1\n\u{C}2\n\u{B}\n"],
            patch: head + "@@ -1,3 +1,3 @@\n 1\n-\u{C}2\n+\u{C}two\n \u{B}\n"),
        PatchCase(
            name: "NUL bytes in lines", tree: ["f": "1\n2\0x\n3\n"],
            patch: head + "@@ -1,3 +1,3 @@\n 1\n-2\0x\n+two\0y\n 3\n"),
        PatchCase(
            name: "name with a NUL byte", patch: "--- a/f\0x\n+++ b/f\0x\n" + edit, expect: .stricter("malformed")),
        PatchCase(
            name: "behind the end of a file without a final newline", tree: ["f": "a\nb\nc\nd\ne\nf"],
            patch: head + "@@ -5,3 +5,4 @@\n x\n e\n+new\n f\n",
            expect: .differs(["f": "a\nb\nc\nd\ne\nf\nnew\n"])),
        PatchCase(
            name: "one of git's own files", tree: [".git/config": "1\n2\n3\n"],
            patch: "--- a/.git/config\n+++ b/.git/config\n" + edit, expect: .stricter("malformed")),
        PatchCase(
            name: "a file of the kit's own", tree: ["f": "1\n"],
            patch: "--- /dev/null\n+++ b/.dom0kit-stage/journal\n@@ -0,0 +1 @@\n+x\n", expect: .stricter("malformed")),
        PatchCase(name: "hunk past the end of an empty file", tree: ["f": ""], patch: head + edit, expect: .refused),
        PatchCase(name: "line number far behind the end", patch: head + "@@ -4000,3 +4000,3 @@\n 1\n-2\n+two\n 3\n"),
        PatchCase(name: "empty file, filled", tree: ["f": ""], patch: head + "@@ -0,0 +1 @@\n+x\n"),
        PatchCase(name: "only a signature behind", patch: head + edit + "--\n2.1\n"),
        PatchCase(
            name: "signature of svn",
            patch: "Index: a/f\n===================================================================\n"
                + "--- a/f\t(revision 12)\n+++ a/f\t(working copy)\n" + edit
                + "\nProperty changes on: a/f\n___________________________________________________________________\nAdded: svn:executable\n   + *\n",
            expect: .appliedWithWarning),
        PatchCase(
            name: "quilt header with diffstat and Index",
            patch:
                "From: x\nSubject: y\n\n---\n f |    2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\nIndex: b/f\n===================================================================\n--- a/f\n+++ b/f\n"
                + edit),
        PatchCase(
            name: "mail with CRLF header and LF patch",
            patch: returns("From: x\nSubject: y\n\ntext\n---\n") + head + edit),
        PatchCase(
            name: "hg header",
            patch:
                "# HG changeset patch\n# User x\n# Date 0 0\n# Node ID 1\n# Parent  2\nsubject\n\ndiff -r 1 -r 2 f\n--- a/f\tThu Jan 01 00:00:01 2015 +0000\n+++ b/f\tThu Jan 01 00:00:02 2015 +0000\n"
                + edit),
        PatchCase(
            name: "hg header at the epoch",
            patch:
                "diff -r 1 -r 2 f\n--- a/f\tThu Jan 01 00:00:00 1970 +0000\n+++ b/f\tThu Jan 01 00:00:02 2015 +0000\n"
                + edit),
        PatchCase(
            name: "bzr header",
            patch: "=== modified file 'f'\n--- a/f\t2015-01-01 00:00:00 +0000\n+++ b/f\t2015-01-02 00:00:00 +0000\n"
                + edit),
        PatchCase(
            name: "Only in", patch: "Only in a: x\ndiff -ru a/f b/f\n" + head + edit, expect: .appliedWithWarning),
    ]
}
