extension PatchCase {
    private static let edit = "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"

    /// git's extended headers.
    static let git: [PatchCase] = [
        PatchCase(
            name: "rename", patch: "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n"),
        PatchCase(
            name: "rename into a new folder with a change",
            patch:
                "diff --git a/f b/d/g\nsimilarity index 90%\nrename from f\nrename to d/g\nindex 1111111..2222222 100644\n--- a/f\n+++ b/d/g\n"
                + edit),
        PatchCase(
            name: "copy with a change",
            patch:
                "diff --git a/f b/g\nsimilarity index 90%\ncopy from f\ncopy to g\nindex 1111111..2222222 100644\n--- a/f\n+++ b/g\n"
                + edit),
        PatchCase(
            name: "copy and change the original",
            patch: "diff --git a/f b/f\nindex 1111111..2222222 100644\n--- a/f\n+++ b/f\n" + edit
                + "diff --git a/f b/g\nsimilarity index 100%\ncopy from f\ncopy to g\n"),
        PatchCase(
            name: "swap", tree: ["f": "1\n2\n3\n", "g": "a\nb\n"],
            patch: "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n"
                + "diff --git a/g b/f\nsimilarity index 100%\nrename from g\nrename to f\n"),
        PatchCase(
            name: "rename what is not there", tree: ["x": "1\n"],
            patch: "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n", expect: .refused),
        PatchCase(
            name: "mode", patch: "diff --git a/f b/f\nold mode 100644\nnew mode 100755\n"),
        PatchCase(
            name: "mode and content",
            patch: "diff --git a/f b/f\nold mode 100644\nnew mode 100755\nindex 1111111..2222222\n--- a/f\n+++ b/f\n"
                + edit),
        PatchCase(
            name: "quoted names", tree: ["a \"b\"\t": "1\n2\n3\n"],
            patch:
                "diff --git \"a/a \\\"b\\\"\\t\" \"b/a \\\"b\\\"\\t\"\nindex 1111111..2222222 100644\n--- \"a/a \\\"b\\\"\\t\"\n+++ \"b/a \\\"b\\\"\\t\"\n"
                + edit),
        PatchCase(
            name: "names with spaces and a tab behind", tree: ["a b": "1\n2\n3\n"],
            patch: "diff --git a/a b b/a b\nindex 1111111..2222222 100644\n--- a/a b\t\n+++ b/a b\t\n" + edit),
        PatchCase(
            name: "octal in a quoted name", tree: ["\u{E4}": "1\n2\n3\n"],
            patch:
                "diff --git \"a/\\303\\244\" \"b/\\303\\244\"\nindex 1111111..2222222 100644\n--- \"a/\\303\\244\"\n+++ \"b/\\303\\244\"\n"
                + edit),
        PatchCase(
            name: "symbolic link", tree: ["f": "1\n"],
            patch:
                "diff --git a/l b/l\nnew file mode 120000\nindex 0000000..1111111\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+f\n\\ No newline at end of file\n"
        ),
        PatchCase(
            name: "two messages on one file",
            patch:
                "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: one\n\ntext\n---\n f | 2 +-\n\ndiff --git a/f b/f\nindex 1111111..2222222 100644\n--- a/f\n+++ b/f\n"
                + edit
                + "-- \n2.30.2\n\nFrom 0123456789012345678901234567890123456780 Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: two\n\ntext\n---\n\ndiff --git a/f b/f\nindex 2222222..3333333 100644\n--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-two\n+2.\n 3\n-- \n2.30.2\n\n"
        ),
        PatchCase(
            name: "only words about a binary file",
            patch: "diff --git a/f b/f\nindex 1111111..2222222 100644\nBinary files a/f and b/f differ\n",
            expect: .stricter("binary-without-content")),
        PatchCase(
            name: "only words about a binary file, no git", patch: "Binary files a/f and b/f differ\n",
            expect: .refused),
    ]
}
