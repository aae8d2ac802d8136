import Diagnostics
import Patching
import Porting
import Report
import Testing

struct VerifyReportTests {
    private func cell(
        _ tree: String, _ series: String, _ patch: PatchInput, _ policy: PlacementPolicy = .standard
    ) throws -> VerifyOutcome.Cell {
        VerifyOutcome.Cell(
            tree: tree, series: series, policy: policy, report: try Sample.report([patch], policy: policy))
    }

    @Test func oneCombination() throws {
        let cells = [try cell("tree", "series", Sample.patch())]
        let report = VerifyReport(VerifyOutcome(cells), policies: [.standard], strict: true)
        #expect(report.verdict == .pass && report.status == .success)
        #expect(try text(report) == "pass: series on tree: 1 patch, 1 hunk in 1 file: 1 clean\n")
        #expect((try json(report)["summary"] as? [String: Int])?["patches"] == 1)
    }

    @Test func theWorstCounts() throws {
        let cells = [
            try cell("one", "series", Sample.patch()), try cell("two", "series", Sample.patch(at: 3)),
            try cell("three", "series", Sample.patch(context: "other")),
        ]
        let whole = VerifyReport(VerifyOutcome(cells), policies: [.standard], strict: false)
        #expect(whole.verdict == .fail && whole.status == .seriesFails)
        let shown = try text(whole)
        #expect(shown.contains("pass  series  one    1 patch"), "\(shown)")
        #expect(shown.contains("pass  series  two    1 patch") && shown.contains("fail  series  three  1 patch"))
        #expect(shown.hasSuffix("fail: 2 of 3 combinations of series and tree apply\n"))
        let results = try #require(try json(whole)["results"] as? [[String: Any]])
        #expect(results.map { $0["tree"] as? String } == ["one", "two", "three"])
        let two = Array(cells[..<2])
        let strict = VerifyReport(VerifyOutcome(two), policies: [.standard], strict: true)
        #expect(strict.verdict == .fail && strict.status == .outsidePolicy)
        let lax = VerifyReport(VerifyOutcome(two), policies: [.standard], strict: false)
        #expect(lax.verdict == .pass && lax.status == .success)
    }

    /// A hunk that only fuzz places: GNU patch takes it, git does not.
    @Test func consumersThatDisagree() throws {
        let patch = Sample.patch(at: 9, context: "line 9").bytes(replacing: " line 8\n", with: " line eight\n")
        let policies: [PlacementPolicy] = [.gnu, .git]
        let cells = try policies.map { try cell("tree", "series", patch, $0) }
        let report = VerifyReport(VerifyOutcome(cells), policies: policies, strict: false)
        #expect(report.status == .seriesFails)
        #expect(try text(report).hasSuffix("; the consumers disagree\n"))
        let found = try #require(try json(report)["disagreements"] as? [[String: Any]])
        #expect(found.first?["groups"] as? [[String]] == [["gnu"], ["git"]])
    }
}

extension PatchInput {
    /// The patch with a part of its text replaced.
    fileprivate func bytes(replacing part: String, with other: String) -> PatchInput {
        PatchInput(
            name: name, bytes: Array(String(decoding: blob.bytes, as: UTF8.self).replacing(part, with: other).utf8))
    }
}
