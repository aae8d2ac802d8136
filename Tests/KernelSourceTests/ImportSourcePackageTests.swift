import Bytes
import Diagnostics
import Glibc
import KernelSource
import KernelTree
import SystemPackage
import TestSupport
import Testing

/// Debian source packages, with dpkg-source as the judge.
@Suite(.enabled(if: hasTool("dpkg-source"), "needs dpkg-dev"))
struct ImportSourcePackageTests {
    let scratch: ImportScratch

    init() throws {
        scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
    }

    /// Makes `s.dsc` and what belongs to it, and `want/`, unpacked by dpkg-source.
    private func make(_ format: String) throws {
        let made = scratch.shell(
            """
            set -e
            rm linux-6.1/drivers/xen/caf* # dpkg-source 1.0 takes no Latin-1 names
            seq 1 40 > linux-6.1/kernel/lines; cp -a linux-6.1 linux-6.1.orig; tar cJf linux_6.1.9.orig.tar.xz linux-6.1
            test '\(format)' = 1.0 && tar czf linux_6.1.9.orig.tar.gz linux-6.1 && rm linux_6.1.9.orig.tar.xz
            mkdir -p linux-6.1/debian/source linux-6.1/debian/patches/sub; cd linux-6.1
            echo '\(format)' > debian/source/format
            printf 'Source: linux\\nMaintainer: T <t@example.invalid>\\nStandards-Version: 4.6\\n\\nPackage: linux-x\\nArchitecture: all\\nDescription: x\\n' > debian/control
            printf 'linux (6.1.9-1) unstable; urgency=low\\n\\n  * x\\n\\n -- T <t@example.invalid>  Mon, 01 Jan 2024 00:00:00 +0000\\n' > debian/changelog
            sed -i 's/^20$/twenty/' kernel/lines; echo new > kernel/new; rm init/* 2>/dev/null || :
            if [ '\(format)' != 1.0 ]; then
              (cd ..; diff -Nru linux-6.1.orig/kernel linux-6.1/kernel > linux-6.1/debian/patches/sub/one.patch || :)
              printf '# all\\nsub/one.patch\\n' > debian/patches/series
              cp ../linux-6.1.orig/kernel/lines kernel/lines; rm kernel/new
            fi
            cd ..; rm -rf linux-6.1.orig; dpkg-source -b linux-6.1; mv linux_6.1.9-1.dsc s.dsc
            dpkg-source --no-check -x s.dsc want
            """)
        try #require(made == 0)
    }

    private func importing(patched: Bool = true) async throws -> ImportedTree {
        var importer = SourceImporter()
        importer.appliesPatches = patched
        return try await importer.importTree(
            from: try SourceLocation.detect(scratch.path.appending("s.dsc")), into: scratch.path.appending("tree"))
    }

    private func failure() async -> KernelTreeError? {
        do {
            _ = try await importing()
            return nil
        } catch { return error as? KernelTreeError }
    }

    @Test(arguments: ["3.0 (quilt)", "1.0"]) func sameTreeAsDpkgSource(format: String) async throws {
        try make(format)
        let tree = try await importing()
        #expect(tree.version.description == "6.1.9-rc1")
        #expect(tree.origin.inputs.count == 3)
        #expect(scratch.shell("rm -rf want/.pc; diff -r --no-dereference want tree") == 0)
        #expect(scratch.shell("test -x tree/scripts/run && grep -q twenty tree/kernel/lines") == 0)
    }

    @Test func unpatchedByDefault() async throws {
        try make("3.0 (quilt)")
        _ = try await importing(patched: false)
        #expect(scratch.shell("! grep -q twenty tree/kernel/lines && test -f tree/debian/patches/series") == 0)
    }

    @Test func whatIsRefused() async throws {
        try make("3.0 (quilt)")
        try #require(
            scratch.shell("cp -a linux_6.1.9-1.debian.tar.xz keep && printf x >> linux_6.1.9-1.debian.tar.xz") == 0)
        #expect(await failure()?.category == .malformedInput)
        try #require(scratch.shell("mv keep linux_6.1.9-1.debian.tar.xz && mv linux_6.1.9.orig.tar.xz away") == 0)
        #expect(await failure()?.category == .missingInput)
        try #require(scratch.shell("mv away linux_6.1.9.orig.tar.xz && sed -i 's/^Format:.*/Format: 9.9/' s.dsc") == 0)
        #expect(await failure()?.category == .malformedInput)
        try #require(scratch.shell("sed -i '/^Checksums-Sha256/,/^Files/d' s.dsc") == 0)
        #expect(await failure()?.category == .malformedInput)
        #expect(!Files.exists(scratch.path.appending("tree")))
    }
}
