import Bytes
import Foundation
import SystemPackage
import Testing

/// `dom0kit apply`, `verify` and `refresh`, end to end.
struct ApplyCommandTests {
    private static let base = (1...30).map { "\($0)\n" }.joined()

    private static func change(_ file: String, _ line: Int, _ new: String) -> String {
        "--- a/\(file)\n+++ b/\(file)\n@@ -\(line - 3),7 +\(line - 3),7 @@\n"
            + (line - 3..<line).map { " \($0)\n" }.joined() + "-\(line)\n+\(new)\n"
            + (line + 1...line + 3).map { " \($0)\n" }.joined()
    }

    /// A tree with one file and a series of two patches.
    private func scratch(second: String = change("f", 20, "twenty")) throws -> CommandFolder {
        let folder = try CommandFolder()
        try folder.write("tree/f", Self.base)
        try folder.write("patches/one.patch", "Subject: one\n---\n" + Self.change("f", 10, "ten"))
        try folder.write("patches/two.patch", second)
        try folder.write("patches/series", "one.patch\ntwo.patch\n")
        return folder
    }

    private func file(_ folder: CommandFolder, _ name: String) throws -> String {
        String(decoding: try Files.read(folder.path.pushing(FilePath(name))), as: UTF8.self)
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func appliesAndReports() throws {
        let folder = try scratch()
        let run = try folder.dom0kit("apply", "--tree", "tree", "--series", "patches", "--format", "json")
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            try file(folder, "tree/f") == Self.base.replacing("10\n", with: "ten\n").replacing("20\n", with: "twenty\n")
        )
        let result = try json(run.output)
        #expect(result["schema"] as? String == "dom0kit.apply/1" && result["verdict"] as? String == "pass")
        let summary = try #require(result["summary"] as? [String: Int])
        #expect(summary["patches"] == 2 && summary["clean"] == 2 && summary["files"] == 1 && summary["hunks"] == 2)
        #expect(try Files.list(folder.path.appending("tree")) == ["f"])
    }

    @Test func aFailingSeriesChangesNothingAndExplainsItself() throws {
        let folder = try scratch(second: Self.change("f", 10, "TEN"))
        let run = try folder.dom0kit("apply", "--tree", "tree", "--series", "patches")
        #expect(run.status == 10)
        #expect(try file(folder, "tree/f") == Self.base)
        #expect(run.output.contains("two.patch:3: f: hunk 1 does not apply"))
        #expect(run.output.contains("one.patch:5 (hunk 1) removed: 10"))
        #expect(run.output.split(separator: "\n").last?.hasPrefix("fail: ") == true)
        let result = try json(
            folder.dom0kit("apply", "--tree", "tree", "--series", "patches", "--format", "json").output)
        let failure = try #require(result["failure"] as? [String: Any])
        #expect(failure["patch"] as? String == "two.patch" && failure["hunk"] as? Int == 1)
        #expect(failure["reason"] as? String == "no-place")
    }

    @Test func dryRunAndStrictChangeNothing() throws {
        let folder = try scratch()
        #expect(try folder.dom0kit("apply", "--tree", "tree", "--series", "patches", "--dry-run").status == 0)
        #expect(try file(folder, "tree/f") == Self.base)
        try folder.write("tree/f", "0\n" + Self.base)
        #expect(try folder.dom0kit("apply", "--tree", "tree", "--series", "patches", "--strict").status == 11)
        #expect(try file(folder, "tree/f") == "0\n" + Self.base)
    }

    @Test func badInput() throws {
        let folder = try scratch()
        #expect(try folder.dom0kit("apply", "--tree", "none", "--series", "patches").status == 66)
        #expect(try folder.dom0kit("apply", "--tree", "tree", "--series", "none").status == 66)
        #expect(try folder.dom0kit("apply", "--tree", "tree").status == 64)
        #expect(try folder.dom0kit("apply", "--tree", "tree", "--series", "patches", "--like", "x").status == 64)
        #expect(try folder.dom0kit("apply", "--tree", "tree", "--series", "patches", "--fuzz", "9").status == 64)
        try folder.write("patches/two.patch", "--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n 1\n-2\n+two\n")
        let cut = try folder.dom0kit("apply", "--tree", "tree", "--series", "patches")
        #expect(cut.status == 65 && cut.errors.contains("two.patch:6: the hunk ends early"))
        try folder.write("patches/two.patch", Self.change("../../f", 20, "x"))
        let outside = try folder.dom0kit("apply", "--tree", "tree", "--series", "patches")
        #expect(outside.status == 65 && outside.errors.contains("leaves the tree"))
        #expect(try file(folder, "tree/f") == Self.base)
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/quilt"),
            "quilt is missing: apt-get install quilt"))
    func quiltTakesTheSeriesBack() throws {
        let folder = try scratch(
            second: Self.change("f", 20, "twenty") + "--- /dev/null\n+++ b/d/new\n@@ -0,0 +1 @@\n+new\n")
        #expect(try folder.dom0kit("apply", "--tree", "tree", "--series", "patches", "--quilt-state").status == 0)
        #expect(try file(folder, "tree/d/new") == "new\n")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/quilt")
        process.arguments = ["pop", "-a"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path.appending("tree").string)
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": folder.path.string]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try file(folder, "tree/f") == Self.base)
        #expect(!Files.exists(folder.path.pushing("tree/d/new")))
    }

    @Test func verifyIsAMatrix() throws {
        let folder = try scratch()
        try folder.write("other/f", Self.base.replacing("10\n", with: "x\n"))
        let run = try folder.dom0kit(
            "verify", "--tree", "tree", "--tree", "other", "--series", "patches", "--format", "json")
        #expect(run.status == 10)
        let results = try #require(try json(run.output)["results"] as? [[String: Any]])
        #expect(results.map { $0["verdict"] as? String } == ["pass", "fail"])
        let all = try folder.dom0kit("verify", "--tree", "tree", "--series", "patches", "--like", "all")
        #expect(all.status == 0 && all.output.contains("all consumers agree"))
    }

    /// Where consumers come to other trees or verdicts it is said who agrees with whom.
    @Test func consumersThatDisagree() throws {
        func groups(_ patch: String) throws -> (status: Int32, groups: [[String]]) {
            let folder = try CommandFolder()
            try folder.write("tree/f", "1\n2\n3\n")
            try folder.write("tree/g", Self.base)
            try folder.write("x.patch", patch)
            let run = try folder.dom0kit(
                "verify", "--tree", "tree", "--series", "x.patch", "--like", "all", "--format", "json")
            let found = try? json(run.output)["disagreements"] as? [[String: Any]]
            return (run.status, (found ?? []).first?["groups"] as? [[String]] ?? [])
        }
        // `-E` removes a file that is only emptied.
        let emptied = try groups("--- a/f\n+++ b/f\n@@ -1,3 +0,0 @@\n-1\n-2\n-3\n")
        #expect(emptied.status == 0 && emptied.groups == [["quilt", "rpm", "git", "gnu"], ["suse", "dpkg"]])
        // Fuzz.
        let fuzzy = try groups("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n x\n-2\n+two\n 3\n")
        #expect(fuzzy.status == 10 && fuzzy.groups == [["quilt", "gnu"], ["suse", "dpkg", "rpm", "git"]])
        // git binary patches and context diffs.
        let context = try groups(
            "*** a/f\n--- b/f\n***************\n*** 1,3 ****\n  1\n! 2\n  3\n--- 1,3 ----\n  1\n! two\n  3\n")
        #expect(context.status == 10 && context.groups == [["quilt", "suse", "rpm", "gnu"], ["dpkg", "git"]])
        // What only some can read.
        let cut = try groups("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3")
        #expect(cut.status == 10 && cut.groups == [["quilt", "suse", "dpkg", "rpm", "gnu"], ["git"]])
        #expect(try groups("--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n 1\n").status == 65)
        // git's search: a hunk that names line 1 has to be there.
        let moved = try groups("--- a/g\n+++ b/g\n@@ -1,5 +1,5 @@\n 4\n 5\n-6\n+six\n 7\n 8\n")
        #expect(moved.status == 10 && moved.groups == [["quilt", "suse", "dpkg", "rpm", "gnu"], ["git"]])
    }

    @Test func refreshMakesTheSeriesClean() throws {
        let folder = try scratch()
        try folder.write("tree/f", "0\n0\n" + Self.base)
        #expect(try folder.dom0kit("verify", "--tree", "tree", "--series", "patches", "--strict").status == 11)
        #expect(try folder.dom0kit("refresh", "--tree", "tree", "--series", "patches").status == 0)
        #expect(try folder.dom0kit("verify", "--tree", "tree", "--series", "patches", "--strict").status == 0)
        #expect(try file(folder, "patches/one.patch").hasPrefix("Subject: one\n---\n--- a/f\n"))
    }
}
