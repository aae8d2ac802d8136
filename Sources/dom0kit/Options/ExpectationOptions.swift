import ArgumentParser
import Hypervisor

/// What the running dom0 has to show.
struct ExpectationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What 'uname -r' must print in dom0.", valueName: "release"))
    var expectRelease: String?

    @Option(
        help: ArgumentHelp("A file that dom0 must have, and its content; may be repeated.", valueName: "path=text"),
        transform: file)
    var expectFile: [Expectation] = []

    @Option(
        help: ArgumentHelp("What a line of dom0's kernel log must match; may be repeated.", valueName: "regex"),
        transform: line)
    var expectLog: [Expectation] = []

    /// All of them.
    var all: [Expectation] { (expectRelease.map { [.release($0)] } ?? []) + expectFile + expectLog }

    private static func file(_ text: String) throws -> Expectation {
        guard let expectation = Expectation(file: text) else { throw ValidationError("it takes PATH=TEXT") }
        return expectation
    }

    private static func line(_ text: String) throws -> Expectation {
        guard let expectation = Expectation(kernelLog: text) else {
            throw ValidationError("it takes a regular expression")
        }
        return expectation
    }
}
