import Hypervisor
import Testing

/// Processors on which a kernel is known to crash.
@Suite struct KnownCrashTests {
    private static let crash = KnownCrash(processors: ["EPYC*", "max"], unless: "smap=false", why: "it has SMAP")

    @Test(arguments: [
        ("EPYC", "", true), ("EPYC-Rome", "", true), ("max", "xpti=false", true), ("max,+svm", "", true),
        ("max", "loglvl=all smap=false", false), ("EPYC", "smap=falsehood", true), ("maximum", "", false),
        ("qemu64", "", false),
    ])
    func isExpected(processor: String, arguments: String, expected: Bool) {
        #expect(Self.crash.isExpected(processor: processor, hypervisorArguments: arguments) == expected)
    }

    @Test func whatNothingAvoids() {
        let crash = KnownCrash(processors: ["max"], why: "it has too much")
        #expect(crash.isExpected(processor: "max", hypervisorArguments: "smap=false xpti=false"))
    }
}
