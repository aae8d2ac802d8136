import Diagnostics
import Testing

struct ExitStatusTests {
    @Test("every category of errors has an exit code of its own")
    func categories() {
        let codes = ErrorCategory.allCases.map { ExitStatus($0).rawValue }
        #expect(Set(codes).count == ErrorCategory.allCases.count)
        // One is a verdict: that there is none.
        #expect(codes.filter { $0 < 64 } == [ExitStatus.undecided.rawValue])
    }

    @Test("a signal's code is the shell's: 128 and its number", arguments: [(1, 129), (2, 130), (15, 143)])
    func signals(signal: Int32, code: Int32) { #expect(ExitStatus(signal: signal).rawValue == code) }
}
