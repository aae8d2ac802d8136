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
        let text = try folder.dom0kit("series", "list", "p")
        #expect(text.status == 0 && text.output.contains("left out"))
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
