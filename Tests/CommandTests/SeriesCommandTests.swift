import Bytes
import Foundation
import SystemPackage
import Testing

@Suite struct SeriesCommandTests {
    let folder: CommandFolder

    init() throws {
        folder = try CommandFolder()
        try folder.write("p/one.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
        try folder.write("p/two.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n+c\n")
        try folder.write("p/series.conf", "# all\n\tone.patch\n+xen two.patch\n")
    }

    @Test func list() throws {
        let json = try folder.json(["series", "list", "p", "--guards", "xen", "--format", "json"])
        #expect(json["schema"] as? String == "dom0kit.series/1")
        #expect(json["dialect"] as? String == "suse")
        let patches = try #require(json["patches"] as? [[String: Any]])
        #expect(patches.map { $0["included"] as? Bool } == [true, true])
        #expect(patches.map { $0["line"] as? Int } == [2, 3])
        #expect(patches.map { ($0["exclusions"] as? [Any])?.count } == [0, 0])
        let text = try folder.dom0kit("series", "list", "p")
        #expect(text.status == 0 && text.output.contains("two.patch (left out by +xen)"), "\(text)")
        let without = try folder.json(["series", "list", "p", "--format", "json"])
        let second = try #require((without["patches"] as? [[String: Any]])?.last)
        #expect(second["included"] as? Bool == false && second["guards"] as? [String] == ["+xen"])
        let reasons = second["exclusions"] as? [[String: String]]
        #expect(reasons == [["kind": "guards", "reason": "by +xen"]])
        #expect(text.output.split(separator: "\n").last?.hasPrefix("pass: ") == true, "\(text.output)")
    }

    @Test func lint() throws {
        #expect(try folder.dom0kit("series", "lint", "p").status == 0)
        let strict = try folder.dom0kit("series", "lint", "p", "--require", "Origin|Git-commit", "--strict")
        #expect(strict.status == 11, "\(strict)")
        try folder.write("p/series.conf", "gone.patch\none.patch\n")
        let missing = try folder.dom0kit("series", "lint", "p")
        #expect(missing.status == 10 && missing.output.contains("series.conf:1"), "\(missing)")
    }

    @Test func convert() throws {
        let run = try folder.dom0kit("series", "convert", "p", "--guards", "xen", "--to", "quilt", "--into", "q")
        #expect(run.status == 0, "\(run)")
        let before = try folder.json(["series", "list", "p", "--guards", "xen", "--format", "json"])
        let after = try folder.json(["series", "list", "q", "--format", "json"])
        #expect(before["sha256"] as? String == after["sha256"] as? String)
        #expect(try folder.dom0kit("series", "convert", "p", "--to", "quilt", "--into", "q").status == 73)
        #expect(try folder.dom0kit("series", "convert", "p", "--to", "git", "--into", "g").status == 64)
    }

    @Test(arguments: [(["list", "gone"], 66), (["list", "p/one.patch", "--dialect", "rpmx"], 64), (["lint"], 64)])
    func badInput(arguments: [String], status: Int) throws {
        let run = try folder.dom0kit(["series"] + arguments)
        #expect(Int(run.status) == status, "\(run)")
        #expect(run.output.isEmpty && !run.errors.isEmpty)
    }
}

/// `series upstream` and `series twins`.
@Suite struct SeriesSearchCommandTests {
    let folder: CommandFolder

    init() throws {
        folder = try CommandFolder()
        try folder.write("p/series", "one.patch\n")
        try folder.write(
            "p/one.patch",
            "--- a/arch/x86/kernel/setup.c\n+++ b/arch/x86/kernel/setup.c\n@@ -1 +1 @@\n-int old_one;\n+int new_one;\n")
        try folder.write("t/arch/x86/kernel/setup-xen.c", "int old_one;\n")
        try folder.write("r/arch/x86/kernel/setup.c", "int new_one;\n")
    }

    private func git(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments =
            ["-C", folder.path.appending("r").string, "-c", "user.email=t@example.invalid", "-c", "user.name=T"]
            + arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test func twins() throws {
        let run = try folder.dom0kit("series", "twins", "p", "--tree", "t")
        #expect(run.status == 0 && run.output.contains("setup-xen.c is not"), "\(run)")
        #expect(try folder.dom0kit("series", "twins", "p", "--tree", "t", "--strict").status == 11)
        let json = try folder.json(["series", "twins", "p", "--format", "json"])
        #expect(json["schema"] as? String == "dom0kit.twins/1")
        #expect(json["verdict"] as? String == "pass")
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/git"), "needs git"))
    func upstream() throws {
        try git("init", "-q", ".")
        try git("add", "-A")
        try git("commit", "-qm", "all")
        let run = try folder.dom0kit("series", "upstream", "p", "--in", "git:r@HEAD", "--strict")
        #expect(run.status == 11 && run.output.contains("reverse"), "\(run)")
        let json = try folder.json(["series", "upstream", "p", "--in", "git:r@HEAD", "--format", "json"])
        #expect(json["schema"] as? String == "dom0kit.upstream/1")
        let patches = try #require(json["patches"] as? [[String: Any]])
        #expect(patches.first?["upstream"] as? Bool == true)
        #expect((patches.first?["patchID"] as? String)?.count == 40)
        let tree = try folder.dom0kit("series", "upstream", "p", "--in", "r", "--strict")
        #expect(tree.status == 11 && tree.output.contains("in r, by reversal"), "\(tree)")
        for (arguments, status) in [
            (["--in", "git:r@gone"], 66), (["--in", "gone"], 66), ([], 64), (["--in", "git:gone@HEAD"], 66),
            (["--in", "r", "--since", "HEAD"], 64),
        ] {
            let bad = try folder.dom0kit(["series", "upstream", "p"] + arguments)
            #expect(Int(bad.status) == status && bad.output.isEmpty, "\(arguments) \(bad)")
        }
    }
}
