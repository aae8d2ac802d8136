import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Inputs on which the kit was once wrong, from end to end: what each command has to say of them, as its consumer does.
@Suite struct FieldCaseTests {
    /// A series of one patch on a tree, and what becomes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let patch: String
        let like: String
        let status: Int32
        /// What the text has to tell.
        var says = ""
        /// What the text must not tell.
        var hides = "it is never said"

        var testDescription: String { "\(name), like \(like)" }
    }

    private static let renamed =
        "diff --git a/old b/new\nrename from old\nrename to new\n--- a/old\n+++ b/new\n@@ -1 +1 @@\n-before\n+after\n"
    private static let added =
        "--- a/calls\n+++ b/calls\n@@ -1,4 +1,5 @@\n begin\n one();\n+added();\n two();\n finish\n"
    private static let filled =
        "diff --git a/gone.h b/gone.h\nindex e69de29..d00491f 100644\n--- a/gone.h\n+++ b/gone.h\n@@ -0,0 +1 @@\n+1\n"
    private static let deleted =
        "diff --git a/gone.h b/gone.h\ndeleted file mode 100644\nindex e69de29..0000000\n" + change("f")
    private static let lost =
        "diff --git a/nowhere.c b/nowhere.c\nindex 1111111..2222222 100644\n" + change("f")
    private static let atStart = "--- a/start\n+++ b/start\n@@ -1,2 +1,3 @@\n one\n+more\n two\n"

    private static func change(_ name: String, index: String = "") -> String {
        "diff --git a/\(name) b/\(name)\n\(index)--- a/\(name)\n+++ b/\(name)\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
    }

    static let cases: [Case] = [
        Case(name: "a rename that is done already", patch: renamed, like: "gnu", status: 0),
        Case(
            name: "a rename that is done already", patch: renamed, like: "git", status: 10,
            says: "old, is not in the tree"),
        Case(name: "a patch that is applied already", patch: added, like: "gnu", status: 10, says: "already"),
        Case(
            name: "a patch that fills an empty file that is missing", patch: filled, like: "git", status: 10,
            says: "gone.h"),
        Case(name: "a deletion of an empty file that is gone", patch: deleted, like: "quilt", status: 0),
        Case(name: "a deletion of an empty file that is gone", patch: deleted, like: "rpm", status: 0),
        Case(name: "a deletion of an empty file that is gone", patch: deleted, like: "gnu", status: 10),
        Case(name: "a git header that has lost its hunks", patch: lost, like: "gnu", status: 10, says: "nowhere.c"),
        Case(name: "a git header that has lost its hunks", patch: lost, like: "quilt", status: 10, says: "nowhere.c"),
        Case(name: "a git header that has lost its hunks", patch: lost, like: "dpkg", status: 10, says: "nowhere.c"),
        Case(name: "a git header that has lost its hunks", patch: lost, like: "rpm", status: 10, says: "nowhere.c"),
        Case(name: "a git header that has lost its hunks", patch: lost, like: "git", status: 65),
        Case(name: "a hunk that is tied to the file's start", patch: atStart, like: "git", status: 10),
        Case(name: "a hunk at the file's start", patch: atStart, like: "gnu", status: 0),
        Case(
            name: "a zeroed index", patch: change("f", index: "index 000000000000..000000000000 100644\n"), like: "git",
            status: 0),
        Case(
            name: "a name with a blank",
            patch: "--- a/with blank/f\n+++ b/with blank/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n", like: "git", status: 0
        ),
        Case(
            name: "line ends that differ", patch: "--- a/dos\n+++ b/dos\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n",
            like: "gnu",
            status: 10, says: "line ends", hides: "nothing like it"),
        Case(
            name: "fuzz that would drop all context before a change",
            patch: "--- a/calls\n+++ b/calls\n@@ -1,6 +1,7 @@\n none\n nil\n nada\n+put();\n nix\n nul\n no\n",
            like: "gnu",
            status: 10,
            hides: "allow fuzz 3"),
    ]

    private func folder() throws -> CommandFolder {
        let folder = try CommandFolder()
        for name in ["f", "with blank/f"] { try folder.write("t/\(name)", "1\n2\n3\n") }
        try folder.write("t/dos", "1\r\n2\r\n3\r\n")
        try folder.write("t/new", "before\n")
        try folder.write("t/calls", "begin\none();\nadded();\ntwo();\nfinish\n")
        try folder.write("t/start", "zero\none\ntwo\n")
        try folder.write("t/Makefile", "VERSION = 6\nPATCHLEVEL = 1\n")
        return folder
    }

    @Test(arguments: cases) func verdict(of item: Case) throws {
        let folder = try folder()
        try folder.write("s/series", "p.patch\n")
        try folder.write("s/p.patch", item.patch)
        let arguments = ["--tree", "t", "--series", "s", "--like", item.like]
        let run = try folder.dom0kit(["verify"] + arguments)
        let told = run.output + run.errors
        #expect(run.status == item.status, "\(run)")
        #expect(item.says.isEmpty || told.contains(item.says), "\(run)")
        #expect(!told.contains(item.hides), "\(run)")
        // `apply` comes to the same verdict.
        #expect(try folder.dom0kit(["apply", "--dry-run"] + arguments).status == item.status)
        // And so does the consumer itself, where it is the machine's patch(1) or git.
        let command =
            switch item.like {
            case "gnu": "cd t && patch -p1 --dry-run -s < ../s/p.patch"
            case "git": "cd t && git init -q . && git apply --check ../s/p.patch"
            default: ""
            }
        if !command.isEmpty, hasTools("patch", "git") {
            #expect((shell(command, in: folder.path) == 0) == (item.status == 0), "\(item)")
        }
    }

    /// Nothing that an input holds steers the terminal.
    @Test(arguments: ["apply", "verify", "series", "import"]) func names(command: String) throws {
        let folder = try folder()
        let escape = "\u{1B}]0;title\u{07}\u{1B}[31m"
        try folder.write("s/a\(escape).patch", "--- a/x\(escape)\n+++ b/x\(escape)\n@@ -1 +1 @@\n-a\n+b\n")
        try folder.write("s/series", "a\(escape).patch\n")
        #expect(
            shell(
                "tar -cPf e.tar --transform=\"s,^t/f$,../$(printf 'a\\033[31m\\nb'),\" t/f t/Makefile", in: folder.path)
                == 0)
        let arguments =
            switch command {
            case "series": ["series", "list", "s"]
            case "import": ["source", "import", "e.tar", "--into", "o"]
            default: [command, "--tree", "t", "--series", "s"] + (command == "apply" ? ["--dry-run"] : [])
            }
        let run = try folder.dom0kit(arguments)
        let told = run.output + run.errors
        #expect(told.contains("\\x1b"), "\(run)")
        #expect(!told.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" || $0.value == 127 })
        #expect(run.status == (command == "series" ? 0 : command == "import" ? 65 : 10), "\(run)")
    }

    /// Folders and files in which people keep patches.
    @Test(arguments: [
        ("openwrt", ["100-b.patch", "950-0001-a.patch"], "", 0), ("void", ["fix.patch", "xen.patch"], "", 65),
        ("void", ["fix.patch", "xen.patch"], "patch", 0), ("series", ["0001-a.patch", "0002-b.patch"], "", 0),
    ]) func folders(name: String, patches: [String], dialect: String, status: Int32) throws {
        let folder = try folder()
        for patch in patches { try folder.write("\(name)/\(patch)", Self.change("f")) }
        let options = dialect.isEmpty ? [] : ["--dialect", dialect]
        let run = try folder.dom0kit(["series", "list", name] + options)
        #expect(run.status == status, "\(run)")
        guard status == 0 else {
            #expect(run.errors.contains("alphabetical order"), "\(run)")
            return
        }
        let places = patches.map { run.output.range(of: $0)?.lowerBound }
        #expect(!places.contains(nil))
        #expect(run.output.contains("2 patches"), "\(run)")
    }

    /// All its lines are in the file: that the hunk is tied to the file's start is why it does not apply.
    @Test func theEdgeIsNamed() throws {
        let folder = try CommandFolder()
        try folder.write("t/start", "# x\n# y\none\ntwo\nthree\nfour\n")
        try folder.write("p.patch", "--- a/start\n+++ b/start\n@@ -1,4 +1,5 @@\n one\n+new\n two\n three\n four\n")
        let git = try folder.dom0kit("verify", "--tree", "t", "--series", "p.patch", "--like", "git")
        #expect(git.status == 10 && git.output.contains("but not at its start or end"), "\(git)")
        #expect(!git.output.contains("fuzz 2"), "git apply knows no fuzz")
        let suse = try folder.dom0kit("verify", "--tree", "t", "--series", "p.patch", "--like", "suse")
        #expect(suse.status == 10 && suse.output.contains("it would fit with fuzz 2 at line 3"), "\(suse)")
    }
}
