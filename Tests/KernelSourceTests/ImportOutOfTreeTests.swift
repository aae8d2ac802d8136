import Bytes
import Diagnostics
import KernelSource
import KernelTree
import SystemPackage
import TestSupport
import Testing

/// Specs whose `%prep` would change something outside of the tree by way of a link that is harmless where it is shipped.
@Suite struct ImportOutOfTreeTests {
    private let scratch: ImportScratch

    init() throws {
        scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        let made = scratch.shell(
            """
            set -e
            rm linux-6.1/drivers/xen/caf*; sed -i 's/^EXTRAVERSION.*/EXTRAVERSION =/' linux-6.1/Makefile
            mkdir outside rpm; echo safe > outside/file; echo old > outside/old1; chmod 600 outside/file
            # Six folders down the link stays in the tree; at the top it climbs out, to the folder of the same name there.
            deep=linux-6.1/a/b/c/d/e/f; mkdir -p $deep "linux-6.1$PWD/outside"
            ln -s "../../../../../..$PWD/outside" $deep/l
            tar cf rpm/linux-6.1.tar linux-6.1; echo new > rpm/new; mkdir x; echo y > x/file; tar cf rpm/x.tar -C x file
            """)
        try #require(made == 0)
    }

    private func spec(_ prep: String) throws {
        try Files.write(
            """
            Name: kernel
            Version: 6.1
            Release: 1
            Summary: x
            License: x
            Source0: linux-6.1.tar
            Source1: new
            Source2: x.tar
            Patch1: p.patch
            %description
            x
            %prep
            %setup -q -n linux-6.1
            \(prep)
            """, to: scratch.path.pushing("rpm/kernel.spec"))
    }

    private func outcome() async -> (any DiagnosedError)? {
        do {
            var importer = SourceImporter()
            importer.appliesPatches = true
            _ = try await importer.importTree(
                from: try SourceLocation.detect(scratch.path.pushing("rpm/kernel.spec")),
                into: scratch.path.appending("tree"))
            return nil
        } catch { return error as? any DiagnosedError }
    }

    private func expectRefused(_ what: String) async throws {
        let error = try #require(await outcome(), "imported: \(what)")
        #expect(error.category == .malformedInput, "\(error.message)")
        #expect(!Files.exists(scratch.path.appending("tree")))
        let isSafe = scratch.shell(
            """
            test "$(cat outside/file outside/old1)" = "$(printf 'safe\\nold')" && test "$(ls -A outside)" = "$(printf 'file\\nold1')" \
            && test "$(stat -c %a outside/file)" = 600 && test -z "$(ls -A | grep '^\\.tree')"
            """)
        #expect(isSafe == 0, "\(what) reached outside: \(error.message)")
    }

    @Test(
        "a link that is moved to where it leads outside",
        arguments: [
            "cp %{SOURCE1} zz", "cp %{SOURCE1} zz/file", "rm -rf zz/old*", "rm -f zz/file", "mkdir -p zz/made",
            "touch zz/touched", "chmod +x zz/file", "mv Makefile zz", "mv zz/file taken", "cp zz/file taken",
            "tar -xf %{SOURCE2} -C zz", "cd zz\ncp %{SOURCE1} file", "find zz -name 'old*' -exec rm -f {} \\;", ":",
        ])
    func movedLink(command: String) async throws {
        try spec("mv a/b/c/d/e/f/l zz\n" + command)
        try await expectRefused(command)
    }

    @Test("a link that a patch makes", arguments: ["cp %{SOURCE1} made/file", "rm -rf made/old*", ":"])
    func patchedLink(command: String) async throws {
        try spec("%patch1 -p1\n" + command)
        let patch = "diff --git a/made b/made\nnew file mode 120000\n--- /dev/null\n+++ b/made\n@@ -0,0 +1 @@\n+"
        try Files.write(
            patch + "\(scratch.path)/outside\n\\ No newline at end of file\n", to: scratch.path.pushing("rpm/p.patch"))
        try await expectRefused(command)
    }
}
