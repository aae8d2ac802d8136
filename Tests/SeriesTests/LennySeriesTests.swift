import Bytes
import Diagnostics
import Glibc
import Series
import SystemPackage
import TestSupport
import Testing

/// Debian's kernel packages of the Lenny era.
@Suite struct LennySeriesTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try changelog(["2.6.26-3", "2.6.26-2", "2.6.26-1~experimental.1", "2.6.26-1", "2.6.25-7", "2.6.26-9"])
        for name in ["one.patch", "two.patch", "bugfix/three.patch", "features/all/xen/x.patch", "arm.patch"] {
            try scratch.file("debian/patches/\(name)", patch(to: name))
        }
        _ = shell("cd debian/patches && bzip2 two.patch && gzip bugfix/three.patch", in: scratch.path)
        try list("1", "# first\n+ one.patch\n\n+ two.patch\n")
        try list("2", "- one.patch\n")
        try list("3", "+ bugfix/three.patch\n")
        try list("2-extra", "+ features/all/xen/x.patch featureset=xen\n#+ gone.patch featureset=openvz\n")
        try list("1-extra", "+ arm.patch arch=armel arch=arm featureset=none featureset=xen\n+ one.patch\n")
        try list("orig-0", "X dfsg/files-1\n")
    }

    private func changelog(_ versions: [String]) throws {
        try scratch.file(
            "debian/changelog",
            Array(
                versions.map {
                    "linux-2.6 (\($0)) unstable; urgency=low\n\n  * x (closes: 1-2)\n\n -- T <t@example.invalid>  Mon, 01 Jan 2009 00:00:00 +0000\n"
                }.joined(separator: "\n").utf8))
    }

    private func list(_ name: String, _ text: String) throws {
        try scratch.file("debian/patches/series/\(name)", Array(text.utf8))
    }

    private func read(_ guards: Set<String> = []) throws -> PatchSeries {
        try SeriesReader(guards: guards).read(scratch.path)
    }

    private func shown(_ series: PatchSeries) -> [String] {
        series.included.map {
            ($0.reverse ? "- " : "+ ") + $0.name + " "
                + ($0.position.file.lastComponent?.string ?? "") + ":\($0.position.line)"
        }
    }

    @Test func revisionsInTheOrderOfTheChangelog() throws {
        let series = try read()
        #expect(series.dialect == .lenny)
        #expect(
            shown(series) == ["+ one.patch 1:2", "+ two.patch 1:4", "- one.patch 2:1", "+ bugfix/three.patch 3:1"])
        #expect(series.entries.allSatisfy { $0.fuzz == 1 })
        let loaded = try series.load()
        #expect(loaded.patches[1].blob.bytes == patch(to: "two.patch"))
        #expect(loaded.patches[3].blob.bytes == patch(to: "bugfix/three.patch"))
        #expect(series.remarks == [])
    }

    /// `arch=` and `featureset=` are alternatives among themselves and hold together.
    @Test(arguments: [
        (["amd64", "xen"], ["+ one.patch 1-extra:2", "+ features/all/xen/x.patch 2-extra:1"]),
        (
            ["arch=arm", "featureset=xen"],
            ["+ arm.patch 1-extra:1", "+ one.patch 1-extra:2", "+ features/all/xen/x.patch 2-extra:1"]
        ),
        (["armel", "none"], ["+ arm.patch 1-extra:1", "+ one.patch 1-extra:2"]),
        (["amd64"], ["+ one.patch 1-extra:2"]),
    ])
    func extras(symbols: [String], extra: [String]) throws {
        let series = try read(Set(symbols))
        #expect(Array(shown(series).dropFirst(4)) == extra)
        #expect(series.entries.count == 7)
    }

    @Test func filesThatNoRevisionNames() throws {
        try list("4", "+ one.patch\n")
        let remarks = try read().remarks
        #expect(remarks.count == 1 && remarks[0].text.contains("'4'"))
    }

    @Test(arguments: [
        ("* one.patch\n", "3:1: the operation '*'"), ("+\n", "3:1: '+' is not"), ("+  one.patch\n", "3:1: "),
        ("\n+ ../../x\n", "3:2: the name"), ("+ /etc/passwd\n", "3:1: the name"),
    ])
    func malformed(text: String, hint: String) throws {
        try list("3", text)
        do {
            _ = try read()
            Issue.record("it was read")
        } catch let error as SeriesError {
            #expect(error.category == .malformedInput)
            #expect(error.message.contains(hint), "\(error.message)")
        }
    }

    @Test func missingThings() throws {
        try list("3", "+ gone.patch\n")
        #expect(throws: SeriesError.self) { try read().load() }
        #expect(try SeriesLint().check(try read()).contains { $0.kind == .missing && $0.position?.line == 1 })
        try list("3", "X files\n")
        try scratch.file("debian/patches/files", Array("rm x\n".utf8))
        do {
            _ = try read().load()
            Issue.record("a list of files was taken for a patch")
        } catch let error as SeriesError { #expect(error.category == .usage) }
        try changelog([])
        #expect(throws: SeriesError.self) { try read() }
        try Files.remove(scratch.path.pushing("debian/changelog"))
        #expect(throws: SeriesError.self) { try read() }
    }
}

/// Debian's own packaging history. `DOM0KIT_CORPUS_DEBIAN_KERNEL` names a checkout's `linux-2.6` folder of the Lenny time.
@Suite struct LennyCorpusTests {
    static var corpus: String? { getenv("DOM0KIT_CORPUS_DEBIAN_KERNEL").map { String(cString: $0) } }

    @Test(.enabled(if: corpus != nil, "DOM0KIT_CORPUS_DEBIAN_KERNEL names no checkout"))
    func everyListedPatchIsThere() throws {
        let path = FilePath(Self.corpus ?? "")
        let series = try SeriesReader(guards: ["amd64", "xen"]).read(path)
        #expect(series.dialect == .lenny)
        #expect(!series.included.isEmpty)
        let findings = try SeriesLint().check(series)
        #expect(findings.filter { $0.severity == .fail } == [])
    }
}
