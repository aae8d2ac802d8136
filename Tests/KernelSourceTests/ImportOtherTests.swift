import Bytes
import Diagnostics
import Glibc
import KernelSource
import KernelTree
import SystemPackage
import TestSupport
import Testing

/// Commits of a git repository, with `git archive` as the judge.
@Suite(.enabled(if: hasTool("git"), "needs git"))
struct ImportGitTests {
    let scratch: ImportScratch

    init() throws {
        scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        let made = scratch.shell(
            """
            set -e
            export GIT_CONFIG_GLOBAL=/dev/null; cd linux-6.1; : > init/empty; seq 1 100000 > kernel/large; printf 'no end' > kernel/end
            git init -q .; git config user.email t@example.invalid; git config user.name T; git config core.autocrlf false
            git add -A; git commit -qm 'Linux 6.1'; git tag v6.1
            echo later >> Makefile; git commit -qam later
            """)
        try #require(made == 0)
    }

    private func importing(_ name: String, into target: String = "tree") async throws -> ImportedTree {
        var importer = SourceImporter()
        importer.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        return try await importer.importTree(
            from: try SourceLocation.parse(name) { scratch.path.pushing($0) }, into: scratch.path.appending(target))
    }

    @Test(arguments: ["v6.1", "HEAD", "HEAD~1"]) func sameTreeAsGitArchive(revision: String) async throws {
        let tree = try await importing("git:linux-6.1@\(revision)")
        #expect(
            scratch.shell(
                "mkdir want && git -C linux-6.1 archive \(revision) | tar x -C want && diff -r --no-dereference want tree && test -x tree/scripts/run"
            ) == 0)
        #expect(tree.origin.description.contains("(commit "))
        #expect(tree.files == (revision == "HEAD" ? 7 : 7))
    }

    /// What a repository's attributes and settings would run or change is not run and changes nothing.
    @Test func nothingOfTheRepositoryIsRun() async throws {
        let made = scratch.shell(
            """
            cd linux-6.1; git config filter.x.smudge "touch '$PWD/../mark'"; git config core.fsmonitor "touch '$PWD/../mark'"
            printf '#!/bin/sh\\ntouch %s/../mark\\n' "$PWD" > .git/hooks/post-checkout; chmod +x .git/hooks/post-checkout
            echo '* filter=x export-ignore' > .gitattributes; git add .gitattributes; git commit -qm attributes; rm -f ../mark
            """)
        try #require(made == 0)
        _ = try await importing("git:linux-6.1@HEAD")
        #expect(!Files.exists(scratch.path.appending("mark")))
        #expect(Files.exists(scratch.path.pushing("tree/Makefile")))
    }

    @Test(arguments: [
        ("git:linux-6.1@v9.9", ErrorCategory.missingInput), ("git:linux-6.1", .usage),
        ("git:gone@v6.1", .missingInput), ("git:linux-6.1@--upload-pack=touch", .missingInput),
        ("git:linux-6.1@", .usage),
    ])
    func whatIsNotThere(name: String, category: ErrorCategory) async throws {
        do {
            _ = try await importing(name)
            Issue.record("it was imported")
        } catch let error as KernelTreeError { #expect(error.category == category, "\(error.message)") }
        #expect(!Files.exists(scratch.path.appending("tree")))
    }

    @Test func aRevisionOfASimilarNameIsNamed() async throws {
        let error = await #expect(throws: KernelTreeError.self) { try await importing("git:linux-6.1@v6.2") }
        #expect(error?.remedy == "did you mean 'v6.1'?")
    }

    /// Links that leave the tree, by themselves or by way of others, and names that climb out of it.
    @Test(arguments: [
        "ln -s ../../etc kernel/out", "ln -s /etc/passwd kernel/out", "ln -s . here; ln -s here/.. out",
    ])
    func hostileTrees(make: String) async throws {
        try #require(scratch.shell("cd linux-6.1; \(make); git add -A; git commit -qm x") == 0)
        do {
            _ = try await importing("git:linux-6.1@HEAD")
            Issue.record("it was imported")
        } catch let error as KernelTreeError { #expect(error.category == .malformedInput) }
        #expect(!Files.exists(scratch.path.appending("tree")))
        #expect(try Files.list(scratch.path).filter { $0.hasPrefix(".") } == [])
    }
}

/// openSUSE's kernel-source, with its own way of applying patches as the judge.
@Suite struct ImportSuseTests {
    let scratch: ImportScratch

    init() throws {
        scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        let made = scratch.shell(
            """
            set -e
            rm linux-6.1/drivers/xen/caf*; seq 1 40 > linux-6.1/kernel/lines; tar cJf linux-6.1.tar.xz linux-6.1
            mkdir -p ks/rpm ks/patches.suse ks/patches.xen; cp -a linux-6.1 orig
            step() { diff -Nru orig linux-6.1 > ks/$1 || :; rm -rf orig; cp -a linux-6.1 orig; }
            sed -i 's/^3$/three/' linux-6.1/kernel/lines; rm linux-6.1/arch/x86/Kconfig; step patches.suse/one.patch
            sed -i 's/^20$/twenty/' linux-6.1/kernel/lines; echo x > linux-6.1/drivers/xen/core.c; step patches.xen/two.patch
            printf 'patches.suse/one.patch\\n+xen patches.xen/two.patch\\n' > ks/series.conf
            printf '# The version of the main tarball to use\\nSRCVERSION=6.1\\nVARIANT=\\n' > ks/rpm/config.sh
            mv linux-6.1 want
            """)
        try #require(made == 0)
    }

    private func importing(_ name: String, base: String? = nil) async throws -> ImportedTree {
        var importer = SourceImporter()
        importer.appliesPatches = true
        importer.symbols = ["xen", "x86_64"]
        importer.base = try base.map { try SourceLocation.detect(scratch.path.appending($0)) }
        return try await importer.importTree(
            from: try SourceLocation.detect(scratch.path.appending(name)), into: scratch.path.appending("tree"))
    }

    @Test func aCheckoutWithItsArchive() async throws {
        try #require(scratch.shell("cp linux-6.1.tar.xz ks") == 0)
        let tree = try await importing("ks")
        #expect(scratch.shell("diff -r --no-dereference want tree") == 0)
        #expect(tree.origin.inputs.map(\.name) == ["linux-6.1.tar.xz"])
    }

    /// Checkouts of 2008 and before have their settings among the scripts; and one can be given as a revision.
    @Test func anOldCheckout() async throws {
        let made = scratch.shell(
            """
            set -e
            mkdir ks/scripts; mv ks/rpm/config.sh ks/scripts; rmdir ks/rpm
            cd ks; git init -q .; git add .
            git -c user.name=x -c user.email=x@y commit -q -m all
            """)
        try #require(made == 0)
        _ = try await importing("ks", base: "linux-6.1.tar.xz")
        #expect(scratch.shell("diff -r --no-dereference want tree && rm -r tree") == 0)
        var importer = SourceImporter()
        importer.appliesPatches = true
        importer.symbols = ["xen", "x86_64"]
        importer.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        let error = await #expect(throws: KernelTreeError.self) {
            try await importer.importTree(
                from: .git(scratch.path.appending("ks"), revision: "HEAD"), into: scratch.path.appending("tree"))
        }
        #expect(error?.category == .missingInput)
        #expect(error?.message.hasSuffix("has patches for Linux 6.1, and not that source itself") == true)
        importer.base = .archive(scratch.path.appending("linux-6.1.tar.xz"))
        let tree = try await importer.importTree(
            from: .git(scratch.path.appending("ks"), revision: "HEAD"), into: scratch.path.appending("tree"))
        #expect(scratch.shell("diff -r --no-dereference want tree") == 0)
        #expect(tree.origin.description.contains("@HEAD (commit "))
    }

    @Test func anUpstreamSourceOfAnotherVersion() async throws {
        try #require(
            scratch.shell("tar xJf linux-6.1.tar.xz && sed -i 's/^PATCHLEVEL = 1/PATCHLEVEL = 2/' linux-6.1/Makefile")
                == 0)
        let error = await #expect(throws: KernelTreeError.self) { try await importing("ks", base: "linux-6.1") }
        #expect(error?.category == .malformedInput)
        #expect(
            error?.message.hasSuffix("are for Linux 6.1, and the upstream source that was named is Linux 6.2.9-rc1")
                == true,
            "\(error?.message ?? "")")
        #expect(error?.remedy == "name Linux 6.1")
        #expect(!Files.exists(scratch.path.appending("tree")))
    }

    @Test(arguments: ["linux-6.1.tar.xz", "folder"]) func aBaseOfItsOwn(base: String) async throws {
        try #require(scratch.shell("tar xJf linux-6.1.tar.xz && mv linux-6.1 folder") == 0)
        _ = try await importing("ks", base: base)
        #expect(scratch.shell("diff -r --no-dereference want tree") == 0)
    }

    @Test(.enabled(if: hasTool("rpmbuild"), "needs rpm"))
    func aSourcePackage() async throws {
        let made = scratch.shell(
            """
            set -e
            mkdir -p rpm/SPECS rpm/SOURCES; cp linux-6.1.tar.xz ks/series.conf ks/rpm/config.sh rpm/SOURCES
            cd ks; for d in patches.*; do tar cjf ../rpm/SOURCES/$d.tar.bz2 $d; done; cd ../rpm
            printf 'Name: kernel-source\\nVersion: 6.1\\nRelease: 1\\nSummary: x\\nLicense: x\\nSource0: linux-6.1.tar.xz\\nSource1: series.conf\\nSource2: patches.suse.tar.bz2\\nSource3: patches.xen.tar.bz2\\nSource4: config.sh\\n%%description\\nx\\n' > SPECS/kernel-source.spec
            rpmbuild --define "_topdir $PWD" -bs SPECS/kernel-source.spec; mv SRPMS/*.src.rpm ../k.src.rpm
            """)
        try #require(made == 0)
        _ = try await importing("k.src.rpm")
        #expect(scratch.shell("diff -r --no-dereference want tree") == 0)
    }

    @Test func whichArchiveIsMissing() async throws {
        do {
            _ = try await importing("ks")
            Issue.record("it was imported")
        } catch let error as KernelTreeError {
            #expect(error.category == .missingInput)
            #expect(error.message.contains("linux-6.1.tar.xz"))
            #expect(error.remedy?.contains("https://cdn.kernel.org/pub/linux/kernel/v6.x/linux-6.1.tar.xz") == true)
        }
    }
}

/// A Debian kernel package of the Lenny era, with that package's own commands as the judge.
@Suite struct ImportLennyTests {
    @Test func sameTreeAsPatchApply() async throws {
        let scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        let made = scratch.shell(
            """
            set -e
            rm linux-6.1/drivers/xen/caf*; seq 1 40 > linux-6.1/kernel/lines; mv linux-6.1 linux-2.6-2.6.26
            tar czf linux-2.6_2.6.26.orig.tar.gz linux-2.6-2.6.26; cp -a linux-2.6-2.6.26 orig; cp -a orig new; mkdir p
            step() { diff -Nru orig new > p/$1 || :; rm -rf orig; cp -a new orig; }
            sed -i 's/^3$/three/' new/kernel/lines; step one.patch
            sed -i 's/^10$/ten/' new/kernel/lines; echo x > new/init/new.c; step two.patch; bzip2 p/two.patch
            sed -i 's/^20$/twenty/' new/kernel/lines; step xen.patch
            cp -a linux-2.6-2.6.26 want
            (cd want; patch -p1 -f -s -t --no-backup-if-mismatch --fuzz=1 < ../p/one.patch
              bzcat ../p/two.patch.bz2 | patch -p1 -f -s -t --no-backup-if-mismatch --fuzz=1
              patch -p1 -f -s -t --no-backup-if-mismatch -R < ../p/one.patch; rm arch/x86/K*
              patch -p1 -f -s -t --no-backup-if-mismatch --fuzz=1 < ../p/xen.patch
              echo '2.6.26 2 featureset=xen' > version.Debian)
            cd linux-2.6-2.6.26; mkdir -p debian/patches/series; cp ../p/one.patch ../p/xen.patch debian/patches
            bunzip2 -k ../p/two.patch.bz2; cp ../p/two.patch debian/patches
            printf '+ one.patch\\n+ two.patch\\n' > debian/patches/series/1; printf -- '- one.patch\\nX files\\n' > debian/patches/series/2
            printf '+ xen.patch featureset=xen\\n' > debian/patches/series/1-extra; printf '# x\\n\\nrm arch/x86/K*\\n' > debian/patches/files
            printf 'Source: linux-2.6\\nMaintainer: T <t@example.invalid>\\nStandards-Version: 3.8\\n\\nPackage: linux-x\\nArchitecture: all\\nDescription: x\\n' > debian/control
            for r in 2 1; do printf "linux-2.6 (2.6.26-$r) unstable; urgency=low\\n\\n  * x\\n\\n -- T <t@example.invalid>  Mon, 01 Jan 2009 00:00:00 +0000\\n\\n"; done > debian/changelog
            cp -a debian ../want; cd ..; dpkg-source -b linux-2.6-2.6.26
            """)
        try #require(made == 0)
        var importer = SourceImporter()
        importer.appliesPatches = true
        importer.symbols = ["amd64", "xen"]
        let location = try SourceLocation.detect(scratch.path.appending("linux-2.6_2.6.26-2.dsc"))
        _ = try await importer.importTree(from: location, into: scratch.path.appending("tree"))
        #expect(scratch.shell("diff -r --no-dereference want tree") == 0)
        importer.symbols = []
        _ = try await importer.importTree(from: location, into: scratch.path.appending("plain"))
        #expect(scratch.shell("grep -qx 20 plain/kernel/lines && grep -qx '2.6.26 2' plain/version.Debian") == 0)
    }
}
