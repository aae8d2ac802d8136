extension PatchCase {
    private static let twoLines = "@@ -0,0 +1,2 @@\n+new\n+file\n"
    private static let gone = "@@ -1,2 +0,0 @@\n-old\n-file\n"
    private static let epoch = "1970-01-01 00:00:00.000000000 +0000"

    /// Files that come and go.
    static let createAndDelete: [PatchCase] = [
        PatchCase(name: "create, /dev/null", patch: "--- /dev/null\n+++ b/d/e/new\n" + twoLines),
        PatchCase(
            name: "create, old name at the epoch",
            patch: "--- a/new\t\(epoch)\n+++ b/new\t2009-01-01 00:00:00\n" + twoLines),
        PatchCase(name: "create, no sign but -0,0", patch: "--- a/new\n+++ b/new\n" + twoLines),
        PatchCase(
            name: "create, ctime-like epoch",
            patch: "--- a/new\tThu Jan  1 01:00:00 1970\n+++ b/new\tMon Jan  5 01:00:00 2009\n" + twoLines),
        PatchCase(
            name: "create what is there", tree: ["new": "other\n"], patch: "--- /dev/null\n+++ b/new\n" + twoLines,
            expect: .refused),
        PatchCase(
            name: "create what is there with the same content", tree: ["new": "new\nfile\n"],
            patch: "--- /dev/null\n+++ b/new\n" + twoLines, expect: .refused),
        PatchCase(
            name: "create what is there but empty", tree: ["new": ""], patch: "--- /dev/null\n+++ b/new\n" + twoLines),
        PatchCase(
            name: "insert at the top of what is there", tree: ["new": "other\n"],
            patch: "--- a/new\n+++ b/new\n" + twoLines),
        PatchCase(
            name: "create, git, executable",
            patch: "diff --git a/new b/new\nnew file mode 100755\nindex 0000000..1111111\n--- /dev/null\n+++ b/new\n"
                + twoLines),
        PatchCase(
            name: "create an empty file, git",
            patch: "diff --git a/new b/new\nnew file mode 100644\nindex 0000000..e69de29\n"),
        PatchCase(
            name: "create an empty file, git, -E",
            patch: "diff --git a/new b/new\nnew file mode 100644\nindex 0000000..e69de29\n", policy: .suse),
        PatchCase(
            name: "delete, /dev/null", tree: ["d/e/old": "old\nfile\n", "d/x": "x\n"],
            patch: "--- a/d/e/old\n+++ /dev/null\n" + gone),
        PatchCase(
            name: "delete, new name at the epoch", tree: ["old": "old\nfile\n"],
            patch: "--- a/old\t2009-01-01 00:00:00\n+++ b/old\t\(epoch)\n" + gone),
        PatchCase(name: "empty without a sign", tree: ["old": "old\nfile\n"], patch: "--- a/old\n+++ b/old\n" + gone),
        PatchCase(
            name: "empty without a sign, -E", tree: ["old": "old\nfile\n"], patch: "--- a/old\n+++ b/old\n" + gone,
            policy: .suse),
        PatchCase(
            name: "delete what has more content", tree: ["old": "old\nfile\nmore\n"],
            patch: "--- a/old\n+++ /dev/null\n" + gone, expect: .refused),
        PatchCase(
            name: "delete what is not there", tree: ["f": "1\n"], patch: "--- a/old\n+++ /dev/null\n" + gone,
            expect: .refused),
        PatchCase(
            name: "delete what is empty", tree: ["old": ""], patch: "--- a/old\n+++ /dev/null\n" + gone,
            expect: .refused),
        PatchCase(
            name: "delete an empty file, git", tree: ["old": "", "f": "1\n"],
            patch: "diff --git a/old b/old\ndeleted file mode 100644\nindex e69de29..0000000\n"),
        PatchCase(
            name: "delete, git", tree: ["old": "old\nfile\n", "f": "1\n"],
            patch:
                "diff --git a/old b/old\ndeleted file mode 100644\nindex 3333333..0000000\n--- a/old\n+++ /dev/null\n"
                + gone),
        PatchCase(
            name: "change what is not there", tree: ["f": "1\n"],
            patch: "--- a/other\n+++ b/other\n@@ -1 +1 @@\n-1\n+2\n", expect: .refused),
        PatchCase(
            name: "create, change and delete in one patch", tree: ["f": "1\n"],
            patch: "--- /dev/null\n+++ b/new\n" + twoLines
                + "--- a/new\n+++ b/new\n@@ -1,2 +1,2 @@\n new\n-file\n+thing\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n"
        ),
    ]
}
