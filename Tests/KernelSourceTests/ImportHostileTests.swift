import Archive
import Bytes
import Diagnostics
import Glibc
import KernelSource
import KernelTree
import SystemPackage
import TestSupport
import Testing

/// Sources that are damaged or mean harm: refused as malformed or missing, nothing made, nothing outside touched.
@Suite struct ImportHostileTests {
    let scratch: ImportScratch

    init() throws {
        scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        try #require(scratch.shell("rm linux-6.1/drivers/xen/caf*; mkdir target; echo safe > target/file") == 0)
    }

    private func outcome(_ name: String) async -> (any DiagnosedError)? {
        do {
            var importer = SourceImporter()
            importer.appliesPatches = true
            _ = try await importer.importTree(
                from: try SourceLocation.detect(scratch.path.pushing(FilePath(name))),
                into: scratch.path.appending("tree"))
            return nil
        } catch { return error as? any DiagnosedError }
    }

    private func expectRefused(_ name: String, _ category: ErrorCategory, _ hint: String = "") async throws {
        let error = try #require(await outcome(name), "\(name) was imported")
        #expect(error.category == category, "\(error.message)")
        #expect(hint.isEmpty || error.message.contains(hint), "\(error.message)")
        #expect(!Files.exists(scratch.path.appending("tree")))
        #expect(try Files.list(scratch.path).filter { $0.hasPrefix(".") } == [])
        #expect(scratch.shell("test \"$(cat target/file)\" = safe && test \"$(ls target)\" = file") == 0)
    }

    /// Archives that would reach outside, or are cut off.
    @Test(arguments: [
        (
            "mkdir x; tar cf s -P linux-6.1 ./x/../../target/file 2>/dev/null; tar cf s --transform 's,^linux-6.1/Makefile,../target/file,' linux-6.1",
            "outside"
        ),
        ("ln -s ../../target linux-6.1/out; tar cf s linux-6.1", "outside"),
        ("ln -s /etc linux-6.1/etc; tar cf s linux-6.1", "outside"),
        (
            "ln target/file linux-6.1/hard; tar cf s target/file linux-6.1 --transform 's,^target/,../target/,'",
            "outside"
        ),
        ("mkfifo linux-6.1/fifo; tar cf s linux-6.1", "FIFO"),
        ("tar czf s linux-6.1; truncate -s -30 s", ""),
        ("tar cJf s linux-6.1; truncate -s 60% s 2>/dev/null || truncate -s -40 s", ""),
        ("tar cf s linux-6.1; printf x | dd of=s bs=1 seek=60 conv=notrunc", ""),
        ("head -c 300000000 /dev/zero > linux-6.1/zero; tar cJf s linux-6.1; rm linux-6.1/zero", "grows"),
    ])
    func archives(make: String, hint: String) async throws {
        try #require(scratch.shell("\(make); rm -rf x; test -s s") == 0)
        try await expectRefused("s", .malformedInput, hint)
    }

    /// RPM source packages: the payload of a real one replaced, or cut off.
    @Test(
        .enabled(if: hasTools("rpmbuild", "cpio"), "needs rpm and cpio"),
        arguments: ["climbing", "truncated", "no spec", "two specs"])
    func sourceRPMs(what: String) async throws {
        let made = scratch.shell(
            """
            set -e
            mkdir -p rpm/SPECS rpm/SOURCES; tar cf rpm/SOURCES/linux.tar linux-6.1
            printf 'Name: kernel\\nVersion: 6.1\\nRelease: 1\\nSummary: x\\nLicense: x\\nSource0: linux.tar\\n%%description\\nx\\n%%prep\\n%%setup -q -n linux-6.1\\n' > rpm/SPECS/kernel.spec
            rpmbuild --define "_topdir $PWD/rpm" --define '_source_payload w9.gzdio' -bs rpm/SPECS/kernel.spec; mv rpm/SRPMS/*.src.rpm good.src.rpm
            """)
        try #require(made == 0)
        let good = try Files.read(scratch.path.appending("good.src.rpm"))
        // The payload begins at the last gzip signature before which the header ends.
        let start = try #require(
            good.indices.dropLast(2).first { good[$0] == 0x1f && good[$0 + 1] == 0x8b && good[$0 + 2] == 8 })
        let payloads = [
            "climbing":
                "cp linux-6.1/Makefile rpm/SPECS/escaped; cd rpm/SPECS; printf '../SPECS/escaped\\n' | cpio -o -H newc",
            "no spec": "cd rpm/SOURCES; ls | cpio -o -H newc",
            "two specs": "cd rpm/SPECS; cp kernel.spec other.spec; ls *.spec | cpio -o -H newc",
        ]
        if let payload = payloads[what] {
            try #require(scratch.shell("(\(payload)) 2>/dev/null | gzip > payload; test -s payload; echo") == 0)
            _ = system("cd '\(scratch.path)' && (\(payload)) 2>/dev/null | gzip > payload")
            try Files.write(
                Array(good[..<start]) + (try Files.read(scratch.path.appending("payload"))),
                to: scratch.path.appending("bad.src.rpm"))
        } else {
            try Files.write(Array(good.dropLast(200)), to: scratch.path.appending("bad.src.rpm"))
        }
        try await expectRefused(
            "bad.src.rpm", .malformedInput, what == "climbing" ? "outside" : what.contains("spec") ? "spec" : "")
        #expect(await outcome("good.src.rpm") == nil)
    }

    /// Control files of Debian source packages.
    @Test(arguments: [
        ("sed -i 's/^Format:.*/Format: 3.0 (git)/' s.dsc", ErrorCategory.malformedInput, "3.0 (git)"),
        ("sed -i '/^Checksums-Sha256/,$d' s.dsc", .malformedInput, "Checksums-Sha256"),
        ("sed -i 's, x.orig.tar.xz, ../x.orig.tar.xz,' s.dsc", .malformedInput, "not understood"),
        // Whatever the first digit is, it becomes another one.
        ("sed -i 's/^ [0-8]/ 9/;t;s/^ ./ 0/' s.dsc", .malformedInput, "SHA-256"),
        ("sed -i 's/^\\( [0-9a-f]*\\) [0-9]* x.orig/\\1 12345 x.orig/' s.dsc", .malformedInput, "the 12345 that"),
        ("rm x.orig.tar.xz", .missingInput, "x.orig.tar.xz"),
        ("echo more >> x.debian.tar.xz", .malformedInput, "SHA-256"),
        ("tail -n 1 s.dsc >> s.dsc", .malformedInput, "twice"),
        ("sed -i '/x.debian/d' s.dsc", .malformedInput, ".debian.tar"),
        ("sed -i '/x.orig/d' s.dsc", .malformedInput, ".orig.tar"), (": > s.dsc", .malformedInput, "Format"),
    ])
    func controlFiles(damage: String, category: ErrorCategory, hint: String) async throws {
        let made = scratch.shell(
            """
            set -e
            tar cJf x.orig.tar.xz linux-6.1; mkdir -p debian/patches; : > debian/patches/series; tar cJf x.debian.tar.xz debian
            { printf 'Format: 3.0 (quilt)\\nSource: x\\nVersion: 1-1\\nChecksums-Sha256:\\n'
              for f in x.orig.tar.xz x.debian.tar.xz; do printf ' %s %s %s\\n' $(sha256sum < $f | cut -d ' ' -f 1) $(stat -c %s $f) $f; done; } > s.dsc
            cp s.dsc good.dsc
            """)
        try #require(made == 0)
        #expect(await outcome("good.dsc") == nil)
        try #require(scratch.shell("rm -rf tree; \(damage)") == 0)
        try await expectRefused("s.dsc", category, hint)
    }

    /// A packaging archive, or a patch, that would write through a link.
    @Test(arguments: ["archive", "patch"]) func throughALink(how: String) async throws {
        let made = scratch.shell(
            """
            set -e
            ln -s scripts linux-6.1/inner; tar cJf x.orig.tar.xz linux-6.1; mkdir -p debian/patches; echo p > debian/patches/series
            printf -- '--- /dev/null\\n+++ b/inner/new\\n@@ -0,0 +1 @@\\n+x\\n' > debian/patches/p
            if [ \(how) = archive ]; then ln -s ../../target debian/out; fi; tar cJf x.debian.tar.xz debian
            { printf 'Format: 3.0 (quilt)\\nSource: x\\nVersion: 1-1\\nChecksums-Sha256:\\n'
              for f in x.orig.tar.xz x.debian.tar.xz; do printf ' %s %s %s\\n' $(sha256sum < $f | cut -d ' ' -f 1) $(stat -c %s $f) $f; done; } > s.dsc
            """)
        try #require(made == 0)
        try await expectRefused("s.dsc", .malformedInput, how == "archive" ? "outside" : "symbolic link")
    }

    /// A signature is asked for only with a keyring, and then it has to hold.
    @Test(.enabled(if: hasTools("gpgv", "gpg"), "needs gpg and gpgv"))
    func signatures() async throws {
        let made = scratch.shell(
            """
            set -e
            tar cJf x.orig.tar.xz linux-6.1; mkdir -p debian/patches; : > debian/patches/series; tar cJf x.debian.tar.xz debian
            { printf 'Format: 3.0 (quilt)\\nSource: x\\nVersion: 1-1\\nChecksums-Sha256:\\n'
              for f in x.orig.tar.xz x.debian.tar.xz; do printf ' %s %s %s\\n' $(sha256sum < $f | cut -d ' ' -f 1) $(stat -c %s $f) $f; done; } > plain.dsc
            export GNUPGHOME=$PWD/gnupg; mkdir -m 700 gnupg
            for n in one two; do gpg --batch --passphrase '' --quick-gen-key "$n <$n@example.invalid>" ed25519 sign never; gpg --export $n > $n.gpg; done
            gpg --batch -u one --clearsign -o signed.dsc plain.dsc; sed 's/^Version: .*/Version: 2-1/' signed.dsc > forged.dsc
            gpgconf --kill all; rm -rf gnupg
            """)
        try #require(made == 0)
        func category(_ name: String, _ keyring: String?) async -> ErrorCategory? {
            var importer = SourceImporter()
            importer.keyring = keyring.map(scratch.path.appending)
            importer.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
            do {
                _ = try await importer.importTree(
                    from: try SourceLocation.detect(scratch.path.appending(name)), into: scratch.path.appending("tree"))
                try Files.remove(scratch.path.appending("tree"))
                return nil
            } catch { return (error as? any DiagnosedError)?.category }
        }
        #expect(await category("signed.dsc", "one.gpg") == nil)
        #expect(await category("signed.dsc", nil) == nil)
        #expect(await category("signed.dsc", "two.gpg") == .malformedInput)
        #expect(await category("forged.dsc", "one.gpg") == .malformedInput)
        #expect(await category("plain.dsc", "one.gpg") == .malformedInput)
    }
}
