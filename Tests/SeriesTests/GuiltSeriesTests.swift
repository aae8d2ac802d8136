import Series
import SystemPackage
import TestSupport
import Testing

/// The guards of guilt and of Mercurial's patch queues, which quilt takes for comments.
@Suite struct GuiltSeriesTests {
    private static let list = """
        first.patch
        with.patch #+xen
        without.patch #-xen
        both.patch #+xen #+hvm #-old
        told.patch # + a person's words
        plain.patch #comment

        """

    private func read(_ guards: Set<String>) throws -> PatchSeries {
        let scratch = try Scratch()
        try scratch.file("s/series", Self.list)
        for name in ["first", "with", "without", "both", "told", "plain"] {
            try scratch.file("s/\(name).patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
        }
        return try SeriesReader(guards: guards).read(scratch.path.appending("s"))
    }

    @Test("without a selection they are gaps: the two tools would apply different series")
    func gaps() throws {
        let series = try read([])
        #expect(series.gaps.map(\.position.line) == [2, 3, 4])
        #expect(series.gaps.first?.text.contains("'#+xen'") == true)
        #expect(throws: SeriesError.self) { try series.load() }
    }

    @Test(
        "with one they are guards",
        arguments: [
            (["xen"], ["first", "with", "both", "told", "plain"]), (["none"], ["first", "without", "told", "plain"]),
            (["hvm"], ["first", "without", "both", "told", "plain"]),
            (["xen", "old"], ["first", "with", "told", "plain"]),
        ] as [(Set<String>, [String])])
    func selected(guards: Set<String>, names: [String]) throws {
        let series = try read(guards)
        #expect(series.gaps.isEmpty)
        #expect(series.included.map { $0.name.replacing(".patch", with: "") } == names)
        #expect(series.entries.count == 6)
    }
}
