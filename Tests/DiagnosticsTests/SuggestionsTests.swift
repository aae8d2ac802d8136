import Diagnostics
import Testing

@Suite struct SuggestionsTests {
    @Test(arguments: [
        ("pvhh", ["pvh"]), ("pvv", ["pv", "pvh"]), ("PV", ["pv"]), ("xyz", []), ("x", []), ("", []), ("hmv", ["hvm"]),
    ])
    func letters(name: String, expected: [String]) {
        #expect(Suggestions.near(name, among: ["pv", "pvh", "hvm"]) == expected)
    }

    @Test func versions() {
        let names = ["linux-source-6.1", "linux-source-6.12", "linux-doc", "make"]
        #expect(
            Suggestions.near("linux-source-6.2", among: names, by: .versions, count: 5)
                == ["linux-source-6.1", "linux-source-6.12"])
        #expect(Suggestions.near("linux-source-5.10", among: names, by: .versions, count: 1) == ["linux-source-6.1"])
    }

    @Test func parts() {
        let names = ["XEN_BACKEND", "XEN_BLKDEV_BACKEND", "XEN_GNTDEV", "BRIDGE"]
        #expect(Suggestions.near("BLKDEV_XEN_BACKEND", among: names, by: .parts).first == "XEN_BLKDEV_BACKEND")
        #expect(Suggestions.near("BRIGDE", among: names, by: .parts) == ["BRIDGE"])
    }

    @Test func question() {
        #expect(Suggestions.question([]) == nil)
        #expect(Suggestions.question(["a", "b"]) == "did you mean 'a' or 'b'?")
    }

    @Test func distance() {
        #expect(Suggestions.distance(Array("ab".utf8), Array("ba".utf8), limit: 2) == 1)
        #expect(Suggestions.distance(Array("kitten".utf8), Array("sitting".utf8), limit: 3) == 3)
        #expect(Suggestions.distance(Array("kitten".utf8), Array("sitting".utf8), limit: 2) == nil)
    }
}
