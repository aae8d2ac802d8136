import Diagnostics
import Kconfig
import KernelBuild
import Report
import Testing

struct BuildReportTests {
    private static let digest = String(repeating: "0", count: 64)

    private func report(_ outcome: BuildOutcome, findings: [ConfigFinding] = []) -> BuildReport {
        let environment = BuildEnvironment(architecture: "x86_64", epoch: 0, searchPath: "/bin")
        let request = BuildRequest(
            tree: "/t", output: "/o", targets: ["bzImage"], image: "bzImage", jobs: 2, environment: environment,
            log: "/o/log")
        return BuildReport(outcome: outcome, request: request, findings: findings)
    }

    private func kernel() throws -> BuildOutcome {
        .built(
            try decoded(
                #"{"image": "/o/bzImage", "imageSHA256": "\#(Self.digest)", "release": "6.1.7", "steps": 3}"#))
    }

    @Test func built() throws {
        let report = report(try kernel())
        #expect(report.verdict == .pass)
        #expect(try text(report) == "pass: 6.1.7 in /o/bzImage, SHA-256 \(Self.digest)\n")
        let json = try json(report)
        #expect(json["command"] as? String == "make -C /t O=/o ARCH=x86_64 -j2 bzImage")
        #expect((json["kernel"] as? [String: Any])?["steps"] as? Int == 3)
        #expect(json["failure"] == nil)
    }

    @Test func aSettingThatIsLost() throws {
        let finding = ConfigFinding(symbol: "XEN", wanted: [.yes], got: .no, level: .asked)
        let report = report(try kernel(), findings: [finding])
        #expect(report.verdict == .warn)
        #expect(try text(report).hasPrefix("not as asked: CONFIG_XEN is n, wanted y\nwarn: "))
        #expect((try json(report)["findings"] as? [Any])?.count == 1)
    }

    @Test func failed() throws {
        let failure: BuildFailure = try decoded(
            """
            {"message": "f.c:3:9: error: 'x' undeclared", "file": "f.c", "line": 3, "context": ["f.c: In function 'g':"],
             "command": "make", "termination": "exit status 2", "log": "/o/log"}
            """)
        let report = report(.failed(failure))
        #expect(report.verdict == .fail)
        #expect(
            try text(report) == """
                  f.c: In function 'g':
                log: /o/log
                repeat the build: make
                fail: f.c:3:9: error: 'x' undeclared

                """)
        #expect((try json(report)["failure"] as? [String: Any])?["line"] as? Int == 3)
    }
}
