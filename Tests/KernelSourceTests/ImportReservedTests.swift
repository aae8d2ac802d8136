import Bytes
import KernelSource
import KernelTree
import Patching
import SystemPackage
import TestSupport
import Testing

/// Archives that ship what later commands would take for the state of a tool.
@Suite struct ImportReservedTests {
    private static let patch = "--- a/init/main.c\n+++ b/init/main.c\n@@ -1 +1 @@\n-one\n+two\n"

    private static func journal(_ scratch: ImportScratch) -> Int32 {
        scratch.shell(
            """
            set -e
            rm linux-6.1/drivers/xen/caf*; echo one > linux-6.1/init/main.c; echo keep > linux-6.1/kernel/a.c
            s=linux-6.1/.dom0kit-stage; mkdir -p $s/old; for n in 0 1 2 3 4 5 6 7; do mkdir $s/new$n; done
            printf 'dom0kit-journal 2\\ndelete 0 0 kernel/a.c\\nend\\n' > $s/journal; echo '1 2 3' > $s/owner
            mkdir linux-6.1/.git linux-6.1/.pc linux-6.1/init/.git; touch linux-6.1/init/.git/config; echo gitdir: /x > linux-6.1/kernel/.git; echo p.patch > linux-6.1/.pc/applied-patches
            """)
    }

    @Test("they are left out of an import, with a warning each")
    func importing() async throws {
        let scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        try #require(Self.journal(scratch) == 0 && scratch.shell("tar cf s.tar linux-6.1") == 0)
        let tree = try await SourceImporter().importTree(
            from: .archive(scratch.path.appending("s.tar")), into: scratch.path.appending("tree"))
        #expect(tree.warnings.filter { $0.contains("is left out") }.count == 5, "\(tree.warnings)")
        #expect(scratch.shell("find tree -name .git | grep .") != 0)
        #expect(scratch.shell("ls -A tree | grep -E '^\\.(git|pc|dom0kit)'") != 0)
        _ = try TreeTransaction(in: scratch.path.appending("tree")).apply(
            [
                PatchSource(
                    PatchInput(
                        name: "p.patch", bytes: Array(Self.patch.utf8)))
            ], policy: .standard)
        #expect(scratch.shell("test -e tree/kernel/a.c && grep -qx two tree/init/main.c") == 0)
    }

    @Test("in a folder of the user's own a journal of somebody else's is refused, and nothing is done")
    func applying() throws {
        let scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        try #require(Self.journal(scratch) == 0)
        let error = #expect(throws: FolderTreeError.self) {
            try TreeTransaction(in: scratch.path.appending("linux-6.1"))
        }
        #expect(error?.category == .malformedInput)
        #expect(scratch.shell("test -e linux-6.1/kernel/a.c && test -e linux-6.1/.dom0kit-stage/journal") == 0)
    }

    @Test("a path deeper than the system takes is refused, and the next import into the folder works")
    func deep() async throws {
        let scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        let made = scratch.shell(
            """
            set -e
            rm linux-6.1/drivers/xen/caf*; tar cf good.tar linux-6.1; cp good.tar deep.tar
            python3 - <<'P'
            import tarfile
            with tarfile.open("deep.tar", "a", format=tarfile.PAX_FORMAT) as t:
                t.addfile(tarfile.TarInfo("linux-6.1/" + "d/" * 9000 + "f"))
            P
            """)
        try #require(made == 0)
        let into = scratch.path.appending("tree")
        await #expect(throws: (any Error).self) {
            try await SourceImporter().importTree(from: .archive(scratch.path.appending("deep.tar")), into: into)
        }
        // What an import of an earlier version could leave: a tree that no single path reaches the end of.
        try #require(
            scratch.shell(
                "mkdir .tree.import-99999999; cd .tree.import-99999999; python3 -c 'import os\nfor i in range(5000): os.mkdir(\"d\"); os.chdir(\"d\")'"
            ) == 0)
        let tree = try await SourceImporter().importTree(
            from: .archive(scratch.path.appending("good.tar")), into: into)
        #expect(tree.version.version == 6)
        #expect(scratch.shell("test ! -e .tree.import-99999999") == 0)
    }
}
