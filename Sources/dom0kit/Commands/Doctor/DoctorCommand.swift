import ArgumentParser
import Diagnostics
import Pipeline
import Report

/// `dom0kit doctor`
struct DoctorCommand: ResultCommand {
    typealias Result = DoctorReport

    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show every tool the kit needs, its version, and how to install what is missing.")

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let report = DoctorReport(findings: try await Doctor.examine(variables: Environment.toolVariables))
        try global.show(report)
        try global.finish(report.verdict == .fail ? .missingTool : .success)
    }
}
