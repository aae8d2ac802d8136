import Series
import SystemPackage
import TestSupport
import Testing

/// Native files and their twins in fork-style Xen trees.
@Suite struct TwinCoverageTests {
    private func change(_ file: String, _ minus: String, _ plus: String) -> String {
        "--- a/\(file)\n+++ b/\(file)\n@@ -1,3 +1,3 @@\n context\n-\(minus)\n+\(plus)\n context\n"
    }

    private func series(_ patches: [(String, String)]) throws -> LoadedSeries {
        let scratch = try Scratch()
        for (name, text) in patches { try scratch.file("p/\(name)", Array(text.utf8)) }
        try scratch.file("p/series", Array(patches.map { $0.0 + "\n" }.joined().utf8))
        return try SeriesReader().read(scratch.path.appending("p")).load()
    }

    private let twin =
        "--- /dev/null\n+++ b/arch/x86/kernel/setup-xen.c\n@@ -0,0 +1,2 @@\n+int fixed_before;\n+int something_else;\n"

    @Test func whatTheTwinDoesNotFollow() throws {
        let native = "arch/x86/kernel/setup.c"
        let coverage = try TwinCoverage(
            of: try series([
                ("before.patch", change(native, "int broken_before;", "int fixed_before;")),
                ("lost.patch", change(native, "int broken_lost;", "int fixed_lost;")),
                ("xen.patch", twin),
                (
                    "both.patch",
                    change(native, "a = long_name;", "b = long_name;")
                        + change("arch/x86/kernel/setup-xen.c", "int x_one;", "int x_two;")
                ),
                ("after.patch", change(native, "int something_else;", "int fixed_before;")),
                ("other.patch", change("arch/x86/kernel/other.c", "int q;", "int fixed_other;")),
            ]))
        #expect(coverage.pairs.map(\.native) == [native])
        let pair = try #require(coverage.pairs.first)
        #expect(pair.twin == "arch/x86/kernel/setup-xen.c")
        #expect(pair.nativePatches == ["before.patch", "lost.patch", "both.patch", "after.patch"])
        #expect(pair.twinPatches == ["xen.patch", "both.patch"])
        #expect(pair.uncovered.map(\.patch) == ["lost.patch", "after.patch"])
        #expect(pair.uncovered[0].lacking == 1 && pair.uncovered[0].kept == 0)
        #expect(pair.uncovered[1].lacking == 0 && pair.uncovered[1].kept == 1)
    }

    @Test func twinsOfTheTree() throws {
        let loaded = try series([("lost.patch", change("mm/memory.c", "int broken_lost;", "int fixed_lost;"))])
        #expect(try TwinCoverage(of: loaded).pairs == [])
        let found = try TwinCoverage(of: loaded) { $0 == "mm/memory-xen.c" ? Array("int broken_lost;\n".utf8) : nil }
        #expect(found.pairs.first?.uncovered.first?.kept == 1)
        let followed = try TwinCoverage(of: loaded) {
            $0 == "mm/memory-xen.c" ? Array("  int fixed_lost;\n".utf8) : nil
        }
        #expect(followed.pairs.count == 1 && followed.pairs[0].uncovered == [])
    }

    @Test(arguments: [
        ("arch/i386/mach-default/setup.c", "arch/i386/mach-xen/setup.c"),
        ("arch/x86/include/asm/io.h", "arch/x86/include/mach-xen/asm/io.h"),
        ("include/asm-x86_64/io.h", "include/asm-x86_64/mach-xen/asm/io.h"),
        ("arch/x86/kernel/entry_64.S", "arch/x86/kernel/entry_64-xen.S"),
    ])
    func namesOfTwins(native: String, twin: String) throws {
        let loaded = try series([("p.patch", change(native, "int broken_lost;", "int fixed_lost;"))])
        #expect(try TwinCoverage(of: loaded) { $0 == twin ? [] : nil }.pairs.map(\.twin) == [twin])
    }
}
