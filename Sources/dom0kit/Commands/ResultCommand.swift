import ArgumentParser
import Diagnostics
import Report

/// A command that shows a result.
protocol ResultCommand: AsyncParsableCommand {
    /// What it shows.
    associatedtype Result: Reportable
    /// How it shows it.
    var global: GlobalOptions { get }
}

extension ResultCommand {
    /// Shows that there is no verdict, in the place of the result.
    func show(undecided error: any DiagnosedError) throws {
        let report = UndecidedReport(error, schema: Result.schema, hint: Hints.hint(for: error))
        try OutputTarget(global.output).deliver(try global.render(report), done: nil)
    }
}
