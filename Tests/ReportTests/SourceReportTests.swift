import Diagnostics
import KernelSource
import Report
import SystemPackage
import TestSupport
import Testing

struct SourceReportTests {
    private func imported(_ more: [String] = []) async throws -> (report: SourceReport, scratch: Scratch) {
        let scratch = try Scratch()
        try scratch.file("linux/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 9\n")
        for part in ["arch", "init", "kernel", "scripts"] { try scratch.file("linux/\(part)/file", "x") }
        for file in more { try scratch.file("linux/" + file, "x") }
        let tree = try await SourceImporter().importTree(
            from: .folder(scratch.path.appending("linux")), into: scratch.path.appending("tree"))
        return (SourceReport(tree), scratch)
    }

    @Test func aTree() async throws {
        let (report, scratch) = try await imported()
        #expect(report.verdict == .pass)
        #expect(
            try text(report) == "pass: Linux 6.1.9 from \(scratch.path)/linux in \(scratch.path)/tree, 5 files\n")
        let json = try json(report)
        #expect(json["version"] as? String == "6.1.9" && json["files"] as? Int == 5)
        #expect((json["inputs"] as? [Any])?.isEmpty == true)
    }

    @Test func aTreeThatWasBuiltIn() async throws {
        let (report, _) = try await imported(["vmlinux"])
        #expect(report.verdict == .warn)
        let shown = try text(report)
        #expect(shown.hasPrefix("warning  the tree was built in (vmlinux)"), "\(shown)")
        #expect((try json(report)["warnings"] as? [String])?.count == 1)
    }
}
