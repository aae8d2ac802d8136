import Diagnostics
import Patching
import Porting
import Report
import Testing

struct ApplyReportTests {
    private func report(_ patches: [PatchInput], strict: Bool = false, all: Bool = false) throws -> ApplyReport {
        ApplyReport(
            ApplyOutcome(try Sample.report(patches)), tree: "tree", policy: .quilt, strict: strict, explainsAll: all)
    }

    @Test func clean() throws {
        let report = try report([Sample.patch()])
        #expect(report.verdict == .pass && report.status == .success)
        #expect(try text(report) == "pass: 1 patch, 1 hunk in 1 file: 1 clean; nothing was written\n")
        let json = try json(report)
        #expect(json["written"] as? Bool == false)
        #expect(json["policy"] as? [String: String] == ["name": "quilt", "fuzz": "2", "command": "patch -p1 -f"])
        #expect(json["failure"] == nil && json["failures"] == nil)
        #expect((json["summary"] as? [String: Int])?["clean"] == 1)
    }

    @Test func moved() throws {
        for (strict, verdict, status) in [(false, Verdict.pass, ExitStatus.success), (true, .fail, .outsidePolicy)] {
            let report = try report([Sample.patch(at: 3)], strict: strict)
            #expect(report.verdict == verdict && report.status == status)
            let shown = try text(report)
            #expect(shown.contains("f: hunk 1 at line 8, 5 lines below line 3"), "\(shown)")
            #expect(shown.hasSuffix("\(verdict.rawValue): 1 patch, 1 hunk in 1 file: 1 offset; nothing was written\n"))
            let patches = try json(report)["patches"] as? [[String: Any]]
            let hunk = ((patches?.first?["files"] as? [[String: Any]])?.first?["hunks"] as? [[String: Any]])?.first
            #expect(hunk?["offset"] as? Int == 5 && hunk?["line"] as? Int == 8 && hunk?["oldLine"] as? Int == 3)
        }
    }

    @Test func failing() throws {
        let report = try report([Sample.patch(context: "line nine"), Sample.patch("b.patch")])
        #expect(report.verdict == .fail && report.status == .seriesFails)
        let shown = try text(report)
        #expect(shown.contains("a.patch:3: f: hunk 1 does not apply"), "\(shown)")
        #expect(shown.contains("- line nine\n") && shown.contains("+ line 9\n"))
        #expect(shown.hasSuffix("; tree is as it was\n"))
        let failure = try #require(try json(report)["failure"] as? [String: Any])
        #expect(failure["patch"] as? String == "a.patch" && failure["file"] as? String == "f")
        #expect(failure["hunk"] as? Int == 1)
    }

    /// The first five failures are explained, the others named; or all of them.
    @Test func manyFailures() throws {
        let patches = (1...8).map { number in
            PatchInput(
                name: "\(number).patch",
                bytes: Array("--- a/gone\(number)\n+++ b/gone\(number)\n@@ -1 +1 @@\n-1\n+2\n".utf8))
        }
        func advice(_ shown: String) -> Int {
            shown.components(separatedBy: "check that the tree is the version").count - 1
        }
        let some = try text(try report(patches))
        #expect(advice(some) == 5 && some.contains("--all explains every one"), "\(some)")
        #expect(some.contains("8.patch:1: gone8: "))
        let all = try text(try report(patches, all: true))
        #expect(advice(all) == 8 && !all.contains("--all"))
        #expect((try json(try report(patches))["failures"] as? [Any])?.count == 8)
    }

    /// A patch named as a verdict would be, on a file named like an escape sequence.
    @Test func namesForgeNothing() throws {
        let name = "x\npass: all is well"
        let patch = PatchInput(
            name: name, bytes: Array("--- a/\u{1B}[2Jf\n+++ b/\u{1B}[2Jf\n@@ -1 +1 @@\n-1\n+2\n".utf8))
        let shown = try text(try report([patch]))
        #expect(shown.split(separator: "\n").filter { $0.hasPrefix("pass") }.isEmpty, "\(shown)")
        #expect(!shown.contains("\u{1B}") && shown.contains("\\x1b[2Jf"))
        #expect((try json(try report([patch]))["patches"] as? [[String: Any]])?.first?["name"] as? String == name)
    }
}
