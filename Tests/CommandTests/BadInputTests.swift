import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What is wrong with an input, and what the program makes of it.
struct BadInput: Sendable, CustomTestStringConvertible {
    let name: String
    /// A shell script that makes `x.patch` (and changes `tree`, where it has to).
    let script: String
    var arguments = ["--series", "x.patch"]
    let status: Int32
    /// What it says, on either output.
    let says: String

    var testDescription: String { name }

    private static func patch(_ text: String) -> String {
        "printf '%b' '" + text.replacing("'", with: "'\\''").replacing("\n", with: "\\n") + "' > x.patch"
    }

    private static let head = "--- a/f\n+++ b/f\n"
    private static let edit = "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
    private static let create = "@@ -0,0 +1 @@\n+new\n"

    static let all: [BadInput] = [
        BadInput(
            name: "hunk cut short", script: patch(head + "@@ -1,9 +1,9 @@\n 1\n-2\n+two\n"), status: 65,
            says: "x.patch:6: the hunk ends early"),
        BadInput(
            name: "counts too small", script: patch(head + edit + "+more\n"), status: 65,
            says: "x.patch:8: the hunk has more lines than its header says"),
        BadInput(
            name: "counts of a giant", script: patch(head + "@@ -1,1000000000 +1,1000000000 @@\n 1\n"), status: 65,
            says: "x.patch:4: the hunk ends early"),
        BadInput(
            name: "numbers beyond every integer",
            script: patch(head + "@@ -99999999999999999999999999,3 +1,3 @@\n 1\n-2\n+two\n 3\n"), status: 65,
            says: "x.patch:3: a line number"),
        BadInput(
            name: "line number at the limit", script: patch(head + "@@ -1099511627776,3 +1,3 @@\n 7\n-x\n+y\n 8\n"),
            status: 10, says: "hunk 1 does not apply"),
        BadInput(
            name: "NUL bytes instead of a patch", script: "head -c 5000 /dev/zero > x.patch", status: 65,
            says: "no diff"),
        BadInput(
            name: "NUL byte in a name", script: patch("--- a/f\\0000x\n+++ b/f\\0000x\n" + edit), status: 65,
            says: "x.patch:1"),
        BadInput(
            name: "name above the tree", script: patch("--- a/../../outside/f\n+++ b/../../outside/f\n" + edit),
            status: 65,
            says: "x.patch:1: the file name 'a/../../outside/f' leaves the tree"),
        BadInput(
            name: "absolute name",
            script:
                "\(patch("--- /etc/passwd\n+++ /etc/passwd\n" + edit)); mkdir p; mv x.patch p; echo 'x.patch -p0' > p/series",
            arguments: ["--series", "p"], status: 65, says: "leaves the tree"),
        BadInput(
            name: "rename out of the tree",
            script: patch("diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to ../outside/g\n"),
            status: 65,
            says: "leaves the tree"),
        BadInput(
            name: "git's own files", script: patch("--- /dev/null\n+++ b/.git/hooks/post-checkout\n" + create),
            status: 65,
            says: "git's own files"),
        BadInput(
            name: "through a link inside the tree",
            script: "ln -s d tree/way; " + patch("--- a/way/g\n+++ b/way/g\n" + edit),
            status: 10, says: "a symbolic link is in the place of a folder"),
        BadInput(
            name: "through a link out of the tree",
            script: "ln -s ../outside tree/way; " + patch("--- a/way/f\n+++ b/way/f\n" + edit), status: 10,
            says: "a symbolic link is in the place of a folder"),
        BadInput(
            name: "create through a link out of the tree",
            script: "ln -s ../outside tree/way; " + patch("--- /dev/null\n+++ b/way/new\n" + create), status: 10,
            says: "a symbolic link is in the place of a folder"),
        BadInput(
            name: "a link of the series' own making",
            script: patch(
                "diff --git a/l b/l\nnew file mode 120000\nindex 0000000..1111111\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+../outside\n\\\\ No newline at end of file\n--- /dev/null\n+++ b/l/new\n"
                    + create), status: 10, says: "folder"),
        BadInput(
            name: "a link in the place of the file",
            script: "ln -s ../outside/f tree/l; " + patch("--- a/l\n+++ b/l\n" + edit),
            status: 10, says: "a symbolic link is in the place of the file"),
        BadInput(
            name: "a folder in the place of the file", script: "mkdir tree/x; " + patch("--- a/x\n+++ b/x\n" + edit),
            status: 10,
            says: "a folder is in the place of the file"),
        BadInput(
            name: "a file in the place of a folder", script: patch("--- /dev/null\n+++ b/f/new\n" + create), status: 10,
            says: "a file is in the place of a folder"),
        BadInput(
            name: "FIFO", script: "mkfifo tree/x; " + patch("--- a/x\n+++ b/x\n" + edit), status: 10,
            says: "a device, FIFO or socket"),
        BadInput(
            name: "name longer than any",
            script: patch("--- /dev/null\n+++ b/" + String(repeating: "n", count: 300) + "\n" + create),
            status: 65, says: "File name too long"),
        BadInput(
            name: "ed script", script: patch(head + "2c\n!touch ran\ntwo\n.\n"), status: 65,
            says: "x.patch:3: an ed script"),
        BadInput(
            name: "ed script with a command", script: patch("--- a/f\n+++ b/f\n1,3d\n!touch ran\n"), status: 65,
            says: "an ed script cannot be applied"),
        BadInput(
            name: "normal diff", script: patch("Index: a/f\n2c2\n< 2\n---\n> two\n"), status: 65, says: "a normal diff"),
        BadInput(name: "words", script: patch("hello\nworld\n"), status: 65, says: "no diff"),
        BadInput(
            name: "base85 that is none",
            script: patch("diff --git a/f b/f\nindex 1111111..2222222\nGIT binary patch\nliteral 5\nM~~~\n\n"),
            status: 65,
            says: "x.patch:5: the binary patch cannot be decoded"),
        BadInput(
            name: "binary patch that ends",
            script: patch("diff --git a/f b/f\nindex 1111111..2222222\nGIT binary patch\nliteral 5\n"), status: 65,
            says: "the binary patch cannot be decoded"),
        BadInput(
            name: "binary patch of a giant",
            script: patch(
                "diff --git a/n b/n\nnew file mode 100644\nindex 0000000..2222222\nGIT binary patch\nliteral 1073741824\nMcmZQzU|?VYVGsZS0|Ws9\n\n"
            ),
            status: 10, says: "the data is damaged"),
        BadInput(
            name: "words about a binary file",
            script: patch("diff --git a/f b/f\nindex 1111111..2222222 100644\nBinary files a/f and b/f differ\n"),
            status: 10,
            says: "only says that binary files differ"),
        BadInput(
            name: "compressed patch cut short",
            script:
                "seq 1 99999 | gzip > a; { printf -- '\(head.replacing("\n", with: "\\n"))\(edit.replacing("\n", with: "\\n"))'; seq 1 20000; } | gzip | head -c 5000 > x.patch.gz",
            arguments: ["--series", "x.patch.gz"], status: 65, says: "x.patch.gz"),
        BadInput(
            name: "no such patch", script: "mkdir p; echo gone.patch > p/series", arguments: ["--series", "p"],
            status: 66, says: "gone.patch"),
        BadInput(name: "no such series", script: ":", arguments: ["--series", "none"], status: 66, says: "none"),
        BadInput(
            name: "a patch that is a folder", script: "mkdir -p p/x.patch; echo x.patch > p/series",
            arguments: ["--series", "p"],
            status: 66, says: "x.patch"),
        BadInput(
            name: "a patch that is a FIFO", script: "mkdir -p p; mkfifo p/x.patch; echo x.patch > p/series",
            arguments: ["--series", "p"], status: 66, says: "x.patch"),
        BadInput(
            name: "a patch outside of its series",
            script: "mkdir -p p; echo ../x.patch > p/series; " + patch(head + edit),
            arguments: ["--series", "p"], status: 65, says: "outside"),
        BadInput(
            name: "does not fit", script: patch(head + "@@ -1,3 +1,3 @@\n 1\n-x\n+y\n 3\n"), status: 10,
            says: "x.patch:3: f: hunk 1 does not apply"),
        BadInput(
            name: "the second of two files does not fit",
            script: patch(head + edit + "--- a/d/g\n+++ b/d/g\n@@ -1,3 +1,3 @@\n 1\n-x\n+y\n 3\n"), status: 10,
            says: "x.patch:10: d/g: hunk 1 does not apply"),
        BadInput(
            name: "left over text that looks like a patch, strictly",
            script: patch(head + edit + "\n@@ -5,3 +5,3 @@\n 5\n-6\n+six\n 7\n"),
            arguments: ["--series", "x.patch", "--strict"],
            status: 11, says: "line 9: ignored, but looks like a patch"),
    ]
}

/// Every bad input ends with its exit code and says where and why; the tree and what is around it stay as they were.
@Suite struct BadInputTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        let made = scratch.shell(
            """
            mkdir -p tree/d outside && seq 1 9 > tree/f && seq 1 9 > tree/d/g && chmod 755 tree/d/g && ln -s f tree/link
            seq 1 9 > outside/f
            """)
        try #require(made == 0)
    }

    private static let list =
        "find tree outside -printf '%p %y %m %l %s %T@\\n' | sort; find tree outside -type f | sort | xargs sha256sum"

    @Test(arguments: BadInput.all) func isRefused(_ bad: BadInput) throws {
        try #require(scratch.shell(bad.script) == 0, "the case cannot be made")
        try #require(scratch.shell("{ \(Self.list); } > before") == 0)
        for command in ["apply", "verify"] {
            let ended = try run(
                CommandFolder.program.path, [command, "--tree", "tree"] + bad.arguments, in: scratch.path)
            #expect(ended.status == bad.status, "\(command): \(ended.text)")
            #expect(ended.text.contains(bad.says), "\(command): \(ended.text)")
            #expect(
                scratch.shell("{ \(Self.list); } > after; cmp before after && ! test -e ran") == 0,
                "\(command) changed something")
        }
    }

    @Test func treesThatAreNone() throws {
        try scratch.file("x.patch", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n+2\n")
        for (tree, status) in [("none", 66), ("x.patch", 64)] as [(String, Int32)] {
            let ended = try run(
                CommandFolder.program.path, ["apply", "--tree", tree, "--series", "x.patch"], in: scratch.path)
            #expect(ended.status == status, "\(ended.text)")
        }
    }

    /// A file nobody may write is replaced, as patch(1) does it, and keeps its mode.
    @Test func readOnlyFiles() throws {
        try #require(
            scratch.shell("chmod 444 tree/f; printf -- '--- a/f\\n+++ b/f\\n@@ -1 +1 @@\\n-1\\n+one\\n' > x.patch") == 0
        )
        let ended = try run(
            CommandFolder.program.path, ["apply", "--tree", "tree", "--series", "x.patch"], in: scratch.path)
        #expect(ended.status == 0, "\(ended.text)")
        #expect(scratch.shell("test $(stat -c %a tree/f) = 444 && head -1 tree/f | grep -q one") == 0)
    }

    /// As somebody who may not write to the tree, or not read a file of it.
    @Test(.enabled(if: geteuid() != 0 || hasTool("setpriv"), "setpriv is missing: apt-get install util-linux"))
    func foldersNobodyMayWrite() throws {
        try scratch.file("x.patch", "--- a/d/g\n+++ b/d/g\n@@ -1 +1 @@\n-1\n+one\n")
        try #require(scratch.shell("chmod 755 . ; chmod 555 tree tree/d; { \(Self.list); } > before") == 0)
        let other = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["env"]
        let program = CommandFolder.program.path
        let reachable = try run(other[0], Array(other.dropFirst()) + ["test", "-x", program], in: scratch.path)
        if reachable.status != 0 { try Test.cancel("another user cannot reach the program here") }
        let command = [program, "apply", "--tree", "tree", "--series", "x.patch"]
        let ended = try run(other[0], Array(other.dropFirst()) + command, in: scratch.path)
        #expect(ended.status == 73 && ended.text.contains("ermission denied"), "\(ended.text)")
        try #require(scratch.shell("{ \(Self.list); } > after; cmp before after") == 0)
        try #require(scratch.shell("chmod 000 tree/d/g") == 0)
        let blind = try run(other[0], Array(other.dropFirst()) + command, in: scratch.path)
        #expect(blind.status == 66 && blind.text.contains("tree/d/g"), "\(blind.text)")
        _ = scratch.shell("chmod 755 tree tree/d")
    }
}
