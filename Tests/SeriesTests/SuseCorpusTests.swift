import Bytes
import Glibc
import Series
import SystemPackage
import TestSupport
import Testing

/// openSUSE's public kernel-source history, with its own `rpm/guards` as the judge. `DOM0KIT_CORPUS_KERNEL_SOURCE` names
/// a checkout, such as that of the tag `rpm-2.6.31.3-1`.
@Suite struct SuseCorpusTests {
    static var corpus: String? { getenv("DOM0KIT_CORPUS_KERNEL_SOURCE").map { String(cString: $0) } }

    @Test(
        .enabled(if: corpus != nil && hasTool("perl"), "DOM0KIT_CORPUS_KERNEL_SOURCE names no checkout"),
        arguments: ["xen x86_64", "x86_64 default", "i386 xen", "", "RT x86_64 rt", "ppc64"])
    func sameAsGuards(symbols: String) throws {
        let scratch = try Scratch()
        let checkout = FilePath(Self.corpus ?? "")
        try #require(
            shell("perl '\(checkout)/rpm/guards' \(symbols) < '\(checkout)/series.conf' > want", in: scratch.path) == 0)
        let want = String(decoding: try Files.read(scratch.path.appending("want")), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        let defined = Set(symbols.split(separator: " ").map(String.init))
        let series = try SeriesReader(guards: defined).read(checkout)
        #expect(series.included.map(\.name) == want)
        #expect(!want.isEmpty)
        #expect(try series.load().patches.count == want.count)
    }
}
