import Bytes
import Series
import SystemPackage
import TestSupport
import Testing

@Suite struct SeriesWriterTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for name in ["one.patch", "sub/two.patch", "three.patch"] { try scratch.file("in/\(name)", patch(to: name)) }
    }

    private func read(_ path: String, guards: Set<String> = []) throws -> PatchSeries {
        try SeriesReader(guards: guards).read(scratch.path.appending(path))
    }

    @Test func suseRoundTrip() throws {
        let text = "# head\n\n\tone.patch\n+xen sub/two.patch # for xen\n-xen +foo three.patch\n"
        try scratch.file("in/series.conf", Array(text.utf8))
        let series = try read("in", guards: ["xen"])
        try SeriesWriter.write(series, as: .suse, to: scratch.path.appending("out"))
        let again = try read("out", guards: ["xen"])
        #expect(again.entries.map(\.name) == series.entries.map(\.name))
        #expect(again.entries.map(\.guards) == series.entries.map(\.guards))
        #expect(again.entries.map(\.isIncluded) == series.entries.map(\.isIncluded))
        #expect(try again.load().digest == series.load().digest)
        #expect(try SeriesWriter.text(again, as: .suse) == SeriesWriter.text(series, as: .suse))
    }

    @Test func suseToQuilt() throws {
        try scratch.file(
            "in/series.conf", Array("  # head\n\tone.patch\n+xen sub/two.patch # for xen\n-xen three.patch\n".utf8))
        let series = try read("in", guards: ["xen"])
        try SeriesWriter.write(series, as: .quilt, to: scratch.path.appending("out"))
        let text = String(decoding: try Files.read(scratch.path.appending("out/series")), as: UTF8.self)
        #expect(text == "# head\none.patch\nsub/two.patch # guards +xen # for xen\n# left out by -xen: three.patch\n")
        #expect(!Files.exists(scratch.path.appending("out/three.patch")))
        #expect(try read("out").load().digest == series.load().digest)
    }

    @Test func whatADialectCannotHold() throws {
        try scratch.file("in/series", Array("one.patch -p0\nsub/two.patch -R\n".utf8))
        let series = try read("in")
        #expect(throws: SeriesError.self) { try SeriesWriter.text(series, as: .suse) }
        #expect(throws: SeriesError.self) { try SeriesWriter.text(series, as: .debian) }
        #expect(try SeriesWriter.text(series, as: .quilt) == "one.patch -p0\nsub/two.patch -R\n")
        try scratch.file("out/series", [1])
        #expect(throws: SeriesError.self) {
            try SeriesWriter.write(series, as: .quilt, to: scratch.path.appending("out"))
        }
        #expect(try Files.read(scratch.path.appending("out/series")) == [1])
    }

    @Test func mailToQuilt() throws {
        try scratch.file("box", mail("a", 1, patch()) + mail("b", 2, patch(from: "new", to: "newer")))
        let series = try read("box")
        try SeriesWriter.write(series, as: .quilt, to: scratch.path.appending("out"))
        #expect(try read("out").load().digest == series.load().digest)
    }

    @Test(.enabled(if: hasTool("quilt"), "quilt is missing: apt-get install quilt")) func quiltAppliesWhatWasWritten()
        throws
    {
        try scratch.file("box", mail("a", 1, patch()) + mail("b", 2, patch(from: "new", to: "newer")))
        try SeriesWriter.write(try read("box"), as: .quilt, to: scratch.path.appending("tree/patches"))
        try scratch.file("tree/a", Array("old\n".utf8))
        #expect(shell("cd tree && quilt --quiltrc - push -a", in: scratch.path) == 0)
        #expect(try Files.read(scratch.path.appending("tree/a")) == Array("newer\n".utf8))
    }
}

/// Between all dialects that can be written: what is read back is what was written.
@Suite struct SeriesConversionTests {
    /// Series with everything that all of these dialects can say: names, order, comments, blank lines.
    private static let plain = "# head\n\none.patch\n# why three\nthree.patch\n\nfour.patch # last\n"

    @Test(arguments: [SeriesDialect.quilt, .debian, .suse, .rpm], [SeriesDialect.quilt, .debian, .suse, .rpm])
    func thereAndBack(first: SeriesDialect, second: SeriesDialect) throws {
        let scratch = try Scratch()
        for name in ["one.patch", "three.patch", "four.patch"] { try scratch.file("in/\(name)", patch(to: name)) }
        try scratch.file("in/series", Array(Self.plain.utf8))
        func converted(_ series: PatchSeries, _ dialect: SeriesDialect, _ folder: String) throws -> PatchSeries {
            let list = try SeriesWriter.write(series, as: dialect, to: scratch.path.appending(folder))
            return try SeriesReader(dialect: dialect).read(list)
        }
        let start = try SeriesReader().read(scratch.path.appending("in"))
        let one = try converted(start, first, "a")
        let two = try converted(one, second, "b")
        #expect(two.dialect == second)
        #expect(two.entries.map(\.name) == start.entries.map(\.name))
        #expect(try two.load().digest == start.load().digest)
        func comments(_ series: PatchSeries) -> [String] {
            series.lines.compactMap { if case .text(let text) = $0, !text.isEmpty { text } else { nil } }
        }
        #expect(comments(two) == ["# head", "# why three"])
        // Once more in the same dialect: the same text.
        let again = try converted(two, second, "c")
        #expect(try SeriesWriter.text(again, as: second) == SeriesWriter.text(two, as: second))
    }

    @Test func whatASpecSays() throws {
        let scratch = try Scratch()
        for name in ["one.patch", "two.patch"] { try scratch.file("in/\(name)", patch(to: name)) }
        try scratch.file("in/series", Array("one.patch -p0\ntwo.patch -R\none.patch -R -p0\n".utf8))
        let series = try SeriesReader().read(scratch.path.appending("in"))
        let list = try SeriesWriter.write(series, as: .rpm, to: scratch.path.appending("out"))
        let again = try SeriesReader().read(list)
        #expect(again.entries.map(\.name) == series.entries.map(\.name))
        #expect(again.entries.map(\.strip) == [0, 1, 0])
        #expect(again.entries.map(\.reverse) == [false, true, true])
        try scratch.file("in/sub/x.patch", patch())
        try scratch.file("in/series", Array("sub/x.patch\n".utf8))
        #expect(throws: SeriesError.self) {
            try SeriesWriter.text(try SeriesReader().read(scratch.path.appending("in")), as: .rpm)
        }
    }

    @Test(.enabled(if: hasTool("rpmspec"))) func rpmReadsTheSpec() throws {
        let scratch = try Scratch()
        try scratch.file("in/one.patch", patch())
        try scratch.file("in/series", Array("# 50% of it\none.patch\n".utf8))
        try SeriesWriter.write(
            try SeriesReader().read(scratch.path.appending("in")), as: .rpm, to: scratch.path.appending("out"))
        #expect(
            shell(
                "rpmspec --define \"_sourcedir $PWD/out\" -P out/series.spec | grep -q 'patch .*-p1'", in: scratch.path)
                == 0)
    }
}
