import Diagnostics
import Porting
import Report
import Series
import SystemPackage
import TestSupport
import Testing

/// The reports of `dom0kit series`.
struct SeriesReportTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.file("s/series.conf", "one.patch\n+xen two.patch\n")
        try scratch.file("s/one.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
        try scratch.file("s/two.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n+c\n")
    }

    private func read(_ guards: Set<String> = []) throws -> PatchSeries {
        try SeriesReader(dialect: nil, guards: guards).read(scratch.path.appending("s"))
    }

    @Test func list() throws {
        let series = try read()
        let report = SeriesListReport(series, digests: try series.digests(workers: 1))
        #expect(report.verdict == .pass)
        let shown = try text(report)
        #expect(shown.hasPrefix("1  one.patch\n2  two.patch (left out by +xen)  +xen\npass: "), "\(shown)")
        #expect(shown.contains(": 1 patch (suse), 1 left out, sha256 "))
        let patches = try #require(try json(report)["patches"] as? [[String: Any]])
        #expect(patches.map { $0["included"] as? Bool } == [true, false])
        #expect(patches.map { $0["sha256"] != nil } == [true, false])
    }

    @Test func listWithAMissingPatch() throws {
        try scratch.file("s/series.conf", "one.patch\ngone.patch\n")
        let series = try read()
        let report = SeriesListReport(series, digests: try series.digests(workers: 1))
        #expect(report.verdict == .warn)
        #expect(try text(report).hasSuffix(": 2 patches (suse), some of them are missing\n"))
        #expect(try json(report)["sha256"] == nil)
    }

    @Test func lint() throws {
        let series = try read(["xen"])
        let clean = SeriesLintReport(series, findings: try SeriesLint().check(series))
        #expect(clean.verdict == .pass && clean.status(strict: true) == .success)
        #expect(try text(clean).hasSuffix("s: 2 patches, no findings\n"))
        try scratch.file("s/series.conf", "one.patch\ngone.patch\n")
        try scratch.file("s/left.patch", "x\n")
        let faulty = try read()
        let report = SeriesLintReport(faulty, findings: try SeriesLint().check(faulty))
        #expect(report.verdict == .fail && report.status(strict: false) == .seriesFails)
        let shown = try text(report)
        #expect(shown.contains("/s/series.conf:2: fail: the patch 'gone.patch' is missing [missing]\n"), "\(shown)")
        #expect(shown.contains(": 2 patches, 1 error, "))
        let finding = (try json(report)["findings"] as? [[String: Any]])?.first { $0["kind"] as? String == "missing" }
        #expect(finding?["line"] as? Int == 2 && finding?["severity"] as? String == "fail")
    }

    @Test func convert() throws {
        let series = try read(["xen"])
        let loaded = try series.load(workers: 1)
        let report = SeriesConvertReport(series, to: .quilt, file: "out/series", loaded: loaded)
        #expect(report.verdict == .pass)
        #expect(
            try text(report) == "pass: 2 patches from suse to quilt in out/series, sha256 \(loaded.digest.hex)\n")
        #expect(try json(report)["patches"] as? Int == 2)
    }

    @Test func twins() throws {
        try scratch.file("f/series", "one.patch\n")
        try scratch.file(
            "f/one.patch", "--- a/k/setup.c\n+++ b/k/setup.c\n@@ -1 +1 @@\n-int old_one;\n+int new_one;\n")
        let series = try SeriesReader(dialect: nil, guards: []).read(scratch.path.appending("f"))
        let lagging = try TwinCoverage(of: try series.load(workers: 1)) { name in
            name == "k/setup-xen.c" ? Array("int old_one;\n".utf8) : nil
        }
        let report = SeriesTwinsReport(name: "f", coverage: lagging)
        #expect(report.verdict == .warn)
        #expect(
            try text(report) == """
                k/setup.c is changed by the series, but its twin k/setup-xen.c is not:
                    one.patch: the twin lacks 1 of 1 added line and still has 1 removed line
                warn: f: 1 file that has a twin is changed; 1 without the twin following

                """)
        let pair = (try json(report)["pairs"] as? [[String: Any]])?.first
        #expect(pair?["covered"] as? Bool == false && pair?["native"] as? String == "k/setup.c")
        let none = SeriesTwinsReport(
            name: "f", coverage: try TwinCoverage(of: try series.load(workers: 1)) { _ in nil })
        #expect(none.verdict == .pass)
    }

    @Test func upstream() throws {
        let commit = String(repeating: "ab", count: 20)
        let findings = [
            UpstreamFinding(
                patch: "one.patch", ways: [.reference, .reversal], commit: commit, subject: "x86: do it",
                notContained: [], identity: commit),
            UpstreamFinding(
                patch: "two.patch", ways: [], commit: nil, subject: nil, notContained: [commit], identity: nil),
        ]
        let report = SeriesUpstreamReport(name: "s", upstream: "git:r@v6.1", since: nil, findings: findings)
        #expect(report.verdict == .warn)
        let shown = try text(report)
        #expect(shown.contains("reference, reverse  one.patch  abababababab x86: do it\n"), "\(shown)")
        #expect(shown.contains("not upstream        two.patch  names abababababab, which is not in it\n"))
        #expect(shown.contains("warn: s: 1 of 2 patches are in git:r@v6.1, "))
        let patches = try json(report)["patches"] as? [[String: Any]]
        #expect(patches?.map { $0["by"] as? [String] } == [["reference", "reverse"], []])
        let none = SeriesUpstreamReport(
            name: "s", upstream: "git:r@v6.1", since: "v6.0", findings: Array(findings[1...]))
        #expect(none.verdict == .pass)
        #expect(try json(none)["since"] as? String == "v6.0")
    }
}
