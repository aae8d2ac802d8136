import Bytes
import Glibc
import Series
import SystemPackage
import TestSupport
import Testing

/// What openSUSE's kernel-source has beside `series.conf`.
@Suite struct SuseSeriesTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for name in ["patches.suse/one.patch", "patches.xen/two.patch", "patches.addon/own.patch"] {
            try scratch.file("ks/\(name)", patch(to: name))
        }
        try scratch.file("ks/series.conf", Array("patches.suse/one.patch\n+xen patches.xen/two.patch\n".utf8))
        try scratch.file("ks/patches.addon/series", Array("# mine\n\town.patch\npatches.suse/one.patch\n".utf8))
    }

    private static let names = [
        "patches.suse/one.patch", "patches.xen/two.patch", "patches.addon/own.patch", "patches.suse/one.patch",
    ]

    @Test func addons() throws {
        let series = try SeriesReader(guards: ["xen"]).read(scratch.path.appending("ks"))
        #expect(series.entries.map(\.name) == Self.names)
        #expect(series.entries[2].position.file.string.hasSuffix("patches.addon/series"))
        #expect(series.entries[2].position.line == 2)
        #expect(try series.load().patches[2].blob.bytes == patch(to: "patches.addon/own.patch"))
    }

    /// A source package carries the folders as archives, on disk or inside the RPM.
    @Test(.enabled(if: hasTool("rpmbuild"))) func archives() throws {
        let made = shell(
            """
            set -e
            mkdir p && cp ks/series.conf p && cd ks && for d in patches.*; do tar cjf ../p/$d.tar.bz2 $d; done; cd ..
            mkdir -p rpm/SPECS rpm/SOURCES; cp p/* rpm/SOURCES; cd rpm
            printf 'Name: kernel-source\\nVersion: 1\\nRelease: 1\\nSummary: x\\nLicense: x\\nSource1: series.conf\\nSource2: patches.suse.tar.bz2\\nSource3: patches.xen.tar.bz2\\nSource4: patches.addon.tar.bz2\\n%%description\\nx\\n%%prep\\n' > SPECS/k.spec
            rpmbuild --define "_topdir $PWD" -bs SPECS/k.spec; mv SRPMS/*.src.rpm ../k.src.rpm
            """, in: scratch.path)
        try #require(made == 0)
        let want = try SeriesReader(guards: ["xen"]).read(scratch.path.appending("ks")).load()
        // What lies unpacked beside the list wins; without it the archives are opened.
        let folder = try SeriesReader(guards: ["xen"]).read(scratch.path.appending("p"))
        #expect(folder.entries.map(\.name) == ["patches.suse/one.patch", "patches.xen/two.patch"])
        #expect(try folder.load().patches.map(\.blob.bytes) == want.patches.prefix(2).map(\.blob.bytes))
        let package = try SeriesReader(guards: ["xen"]).read(scratch.path.appending("k.src.rpm"))
        #expect(package.dialect == .suse)
        #expect(package.entries.map(\.name) == Self.names)
        #expect(try package.load().digest == want.digest)
    }
}

/// Debian's source packages: vendors and featuresets.
@Suite struct DebianSeriesTests {
    @Test func vendorsAndFeaturesets() throws {
        let scratch = try Scratch()
        for name in ["patches/a.patch", "patches/b.patch", "patches-rt/a.patch"] {
            try scratch.file("debian/\(name)", patch(to: name))
        }
        try scratch.file("debian/patches/series", Array("a.patch\n".utf8))
        try scratch.file("debian/patches-rt/series", Array("# rt\na.patch\n".utf8))
        func names(_ guards: Set<String>, vendor: String = "debian") throws -> [String] {
            var reader = SeriesReader(guards: guards)
            reader.vendor = vendor
            return try reader.read(scratch.path).entries.map(\.name)
        }
        #expect(try names([]) == ["a.patch"])
        #expect(try names(["rt"]) == ["a.patch", "patches-rt/a.patch"])
        #expect(try names(["featureset=rt"]) == ["a.patch", "patches-rt/a.patch"])
        let loaded = try SeriesReader(guards: ["rt"]).read(scratch.path).load()
        #expect(loaded.patches.map(\.blob.bytes) == [patch(to: "patches/a.patch"), patch(to: "patches-rt/a.patch")])
        try scratch.file("debian/patches/ubuntu.series", Array("b.patch\na.patch\n".utf8))
        #expect(try names([]) == ["a.patch"])
        #expect(try names([], vendor: "ubuntu") == ["b.patch", "a.patch"])
    }

    /// The packaging archive of a source package, read without unpacking it.
    @Test func controlFiles() throws {
        let scratch = try Scratch()
        for name in ["patches/a.patch", "patches/sub/b.patch", "patches-rt/a.patch"] {
            try scratch.file("debian/\(name)", patch(to: name))
        }
        try scratch.file("debian/patches/series", Array("# all\na.patch\nsub/b.patch\n".utf8))
        try scratch.file("debian/patches-rt/series", Array("a.patch\n".utf8))
        let made = shell(
            """
            tar cJf x.debian.tar.xz debian
            { printf 'Format: 3.0 (quilt)\\nSource: x\\nVersion: 1-1\\nChecksums-Sha256:\\n'
              printf ' %s %s %s\\n' $(sha256sum < x.debian.tar.xz | cut -d ' ' -f 1) 1 x.debian.tar.xz; } > x.dsc
            """, in: scratch.path)
        try #require(made == 0)
        for guards in [Set<String>(), ["rt"]] {
            let packaged = try SeriesReader(guards: guards).read(scratch.path.appending("x.dsc"))
            let unpacked = try SeriesReader(guards: guards).read(scratch.path)
            #expect(packaged.dialect == .debian)
            #expect(packaged.entries.map(\.name) == unpacked.entries.map(\.name))
            #expect(packaged.entries.map(\.position.line) == unpacked.entries.map(\.position.line))
            #expect(packaged.entries.map(\.guards) == unpacked.entries.map(\.guards))
            #expect(try packaged.load().digest == unpacked.load().digest)
        }
        _ = shell("echo more >> x.debian.tar.xz", in: scratch.path)
        #expect(throws: SeriesError.self) { try SeriesReader().read(scratch.path.appending("x.dsc")) }
        _ = shell("rm x.debian.tar.xz", in: scratch.path)
        #expect(throws: SeriesError.self) { try SeriesReader().read(scratch.path.appending("x.dsc")) }
    }
}
