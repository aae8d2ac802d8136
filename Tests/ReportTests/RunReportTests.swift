import Diagnostics
import Pipeline
import Report
import Testing

struct RunReportTests {
    private func stage(_ name: String, _ verdict: Verdict, cached: Bool = false, seconds: Double = 1.25) -> String {
        """
        {"name": "\(name)", "verdict": "\(verdict.rawValue)", "seconds": \(seconds), "cached": \(cached), "key": "00",
         "inputs": {}, "reason": "no earlier result", "summary": "summary of \(name)", "artefacts": []}
        """
    }

    private func report(_ verdict: Verdict, _ stages: [String], _ more: String = "") throws -> RunReport {
        RunReport(
            try decoded(
                """
                {"kit": "0.1.0", "profile": "debian-12", "verdict": "\(verdict.rawValue)", "work": "/w",
                 "stages": [\(stages.joined(separator: ", "))], "notChecked": []\(more)}
                """))
    }

    @Test func aPass() throws {
        let report = try report(
            .pass,
            [stage("import", .pass, cached: true), stage("build", .pass, seconds: 754), stage("evidence", .pass)],
            #", "evidence": "/w/evidence", "reproduce": "qemu""#)
        #expect(report.verdict == .pass && report.result.exitStatus == .success)
        #expect(
            try text(report) == """
                pass  import    cached       summary of import
                pass  build     12 min 34 s  summary of build
                pass  evidence  1.3 s        summary of evidence
                repeat the boot: qemu
                pass: debian-12: booted and proven; evidence in /w/evidence

                """)
        #expect((try json(report)["stages"] as? [Any])?.count == 3)
    }

    @Test func stoppedAsAsked() throws {
        #expect(try text(try report(.pass, [stage("import", .pass)])).hasSuffix("pass: debian-12: stopped as asked\n"))
    }

    /// The stage that failed gives the exit code.
    @Test(arguments: [
        ("import", Diagnostics.ExitStatus.malformedInput), ("apply", .seriesFails),
        ("configure", .notDom0Configuration),
        ("build", .buildFails), ("inspect", .notDom0Image), ("boot", .bootFails),
    ])
    func aFailure(name: String, status: Diagnostics.ExitStatus) throws {
        let report = try report(
            .fail, [stage(name, .fail)],
            #", "failure": {"stage": "\#(name)", "message": "it went wrong", "lines": ["a line"]}"#)
        #expect(report.verdict == .fail && report.result.exitStatus == status)
        let shown = try text(report)
        #expect(shown.contains("\n  a line\n"), "\(shown)")
        #expect(shown.hasSuffix("fail: debian-12: \(name): it went wrong\n"))
        #expect((try json(report)["failure"] as? [String: Any])?["stage"] as? String == name)
    }
}
