import KernelModel
import Testing

struct KernelVersionTests {
    @Test(
        "texts that begin with a version",
        arguments: [
            ("6.1.192", KernelVersion(6, 1, 192)), ("v6.1-rc3", KernelVersion(6, 1)),
            ("6.12.117+deb13-amd64", KernelVersion(6, 12, 117)), ("7.2.13-1", KernelVersion(7, 2, 13)),
            ("2.6.18-8.el5", KernelVersion(2, 6, 18)),
        ])
    func text(text: String, version: KernelVersion) { #expect(KernelVersion(text) == version) }

    @Test("texts that do not", arguments: ["", "v", "6", "x6.1", ".1", "6.", "99999999999999999999.1"])
    func noVersion(text: String) { #expect(KernelVersion(text) == nil) }

    @Test("versions order by numbers, release candidates before their release")
    func order() {
        let ordered = [
            KernelVersion(2, 6, 39), KernelVersion(6, 1, 192), KernelVersion(6, 12, extra: "-rc9"),
            KernelVersion(6, 12, extra: "-rc10"), KernelVersion(6, 12), KernelVersion(6, 12, 1), KernelVersion(7, 0),
        ]
        #expect(ordered.shuffled().sorted() == ordered)
        #expect(KernelVersion(6, 1) == KernelVersion(6, 1, 0))
        #expect(KernelVersion(6, 1).hashValue == KernelVersion(6, 1, 0).hashValue)
        #expect(KernelVersion(6, 12, extra: "-rc9").release == KernelVersion(6, 12))
    }

    @Test("a Makefile's assignments are taken literally")
    func makefile() {
        func read(_ text: String) -> KernelVersion? { KernelVersion(makefile: Array(text.utf8)) }
        #expect(read("VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 18\nEXTRAVERSION =\n") == KernelVersion(2, 6, 18))
        #expect(read("VERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL = 0\n")?.description == "7.2.0")
        #expect(read("VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL =\nEXTRAVERSION = -rc2\n")?.description == "6.1-rc2")
        #expect(read("VERSION = $(shell x)\nPATCHLEVEL = 6\n") == nil)
    }

    @Test(arguments: [
        ("6.1.9", "6.1", true), ("6.1.9", "6.1.9", true), ("6.1", "6.1.0", true), ("6.1.9", "6.1.0", false),
        ("6.2.9", "6.1", false), ("2.6.31", "2.6", true), ("2.6.31", "2.6.26", false),
    ])
    func isARelease(found: String, of wanted: String, expected: Bool) throws {
        let found = try #require(KernelVersion(found))
        #expect(found.isRelease(of: try #require(KernelVersion(wanted))) == expected)
    }
}
