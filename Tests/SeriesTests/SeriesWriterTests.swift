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
