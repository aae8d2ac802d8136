import Diagnostics
import Pipeline
import Report
import Testing

struct DoctorReportTests {
    private func report(_ findings: String) throws -> DoctorReport {
        DoctorReport(findings: try decoded("[\(findings)]", as: [Doctor.Finding].self))
    }

    private let make = """
        {"name": "make", "purpose": "building kernels", "package": "make", "required": true, "path": "/bin/make",
         "version": "GNU Make 4.3"}
        """

    @Test func everythingIsThere() throws {
        let report = try report(make)
        #expect(report.verdict == .pass && report.install == nil)
        #expect(
            try text(report) == "found  make  GNU Make 4.3  building kernels\npass: everything required is here\n")
        #expect(try json(report)["install"] == nil)
    }

    @Test func somethingConvenientIsMissing() throws {
        let report = try report(
            make + #", {"name": "git", "purpose": "trees", "package": "git", "required": false}"#)
        #expect(report.verdict == .pass)
        #expect(try text(report).contains("absent  git   apt-get install git  trees\n"))
    }

    @Test func somethingRequiredIsMissing() throws {
        let report = try report(
            #"{"name": "ld", "purpose": "p", "package": "binutils", "required": true},"#
                + #"{"name": "as", "purpose": "p", "package": "binutils", "required": true},"#
                + #"{"name": "bc", "purpose": "p", "package": "bc", "required": true}"#)
        #expect(report.verdict == .fail)
        #expect(report.install == "apt-get install bc binutils", "each package once, sorted")
        #expect(try text(report).hasSuffix("fail: missing: ld, as, bc; apt-get install bc binutils\n"))
        #expect(try json(report)["install"] as? String == "apt-get install bc binutils")
    }
}
