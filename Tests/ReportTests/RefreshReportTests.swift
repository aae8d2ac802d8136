import Diagnostics
import Patching
import Report
import Testing

struct RefreshReportTests {
    private func report(
        _ patch: PatchInput, policy: PlacementPolicy = .gnu, written: Bool = false
    ) throws -> RefreshReport {
        let refresh = try SeriesRefresh.run(patches: [patch], on: try Sample.tree(), policy: policy)
        return RefreshReport(refresh, names: [patch.name], written: written)
    }

    @Test func nothingToDo() throws {
        let report = try report(Sample.patch())
        #expect(report.verdict == .pass && report.status(strict: true) == .success)
        #expect(try text(report) == "pass: the series is clean already\n")
        #expect((try json(report)["patches"] as? [Any])?.isEmpty == true)
    }

    @Test func moved() throws {
        let report = try report(Sample.patch(at: 3), written: true)
        #expect(report.verdict == .pass && report.status(strict: true) == .success)
        #expect(
            try text(report) == "a.patch  1 hunk\npass: 1 of 1 patch rewritten; the resulting tree is identical\n")
        let json = try json(report)
        #expect(json["written"] as? Bool == true && json["proven"] as? Bool == true)
        #expect((json["patches"] as? [[String: Any]])?.first?["hunks"] as? Int == 1)
    }

    @Test func placedByFuzz() throws {
        let old = String(decoding: Sample.patch().blob.bytes, as: UTF8.self)
        let patch = PatchInput(name: "a.patch", bytes: Array(old.replacing(" line 8\n", with: " line eight\n").utf8))
        let report = try report(patch)
        #expect(report.verdict == .warn)
        #expect(report.status(strict: false) == .success && report.status(strict: true) == .outsidePolicy)
        let shown = try text(report)
        #expect(shown.contains("check a.patch: f: hunk 1 at line 8, fuzz 1"), "\(shown)")
        #expect(shown.contains("1 hunk was placed by fuzz or in doubt: check each of them\n"))
        let doubt = (try json(report)["doubtful"] as? [[String: Any]])?.first
        #expect(doubt?["fuzz"] as? Int == 1 && doubt?["file"] as? String == "f")
    }

    @Test func doesNotApply() throws {
        let report = try report(Sample.patch(context: "other"), policy: .standard)
        #expect(report.verdict == .fail && report.status(strict: false) == .seriesFails)
        #expect(try text(report).hasSuffix("fail: the series does not apply; nothing was written\n"))
        #expect(try json(report)["proven"] as? Bool == false)
    }
}
