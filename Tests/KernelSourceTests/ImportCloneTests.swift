import Bytes
import KernelSource
import KernelTree
import SystemPackage
import Testing

@Suite struct ImportCloneTests {
    let scratch: ImportScratch
    let tree: FilePath

    init() throws {
        scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
        tree = scratch.path.appending("linux-6.1")
    }

    @Test func aCloneSharesItsFiles() async throws {
        let clone = scratch.path.appending("clone")
        #expect(try await TreeClone.make(tree, at: clone) == 4)
        #expect(
            scratch.shell("diff -r --no-dereference linux-6.1 clone && test linux-6.1/Makefile -ef clone/Makefile") == 0
        )
        #expect(
            scratch.shell(
                "test $(stat -c %a clone/scripts/run) = 755 && test $(readlink clone/scripts/basic/link) = ../run") == 0
        )
        #expect(try await TreeFingerprint.of(clone) == TreeFingerprint.of(tree))
        await #expect(throws: KernelTreeError.self) { try await TreeClone.make(tree, at: clone) }
        // Replacing a file in the clone leaves the original alone.
        try Files.write("VERSION = 9\n", to: clone.appending("Makefile"))
        #expect(try Files.read(tree.appending("Makefile")) != Files.read(clone.appending("Makefile")))
    }

    @Test(arguments: [
        "echo more >> arch/x86/Kconfig", "chmod 600 arch/x86/Kconfig", "touch -d @1 arch/x86/Kconfig",
        "rm arch/x86/Kconfig",
        "touch new", "mkdir drivers/empty", "mv arch/x86/Kconfig arch/x86/kconfig",
        "ln -sfn ../../x scripts/basic/link",
        "rm scripts/basic/link && cp scripts/run scripts/basic/link",
    ])
    func everyTouchShows(touch: String) async throws {
        let before = try await TreeFingerprint.of(tree)
        #expect(try await TreeFingerprint.of(tree) == before)
        #expect(scratch.shell("cd linux-6.1 && \(touch)") == 0)
        #expect(try await TreeFingerprint.of(tree) != before)
    }

    @Test func aMissingTree() async throws {
        let gone = scratch.path.appending("gone")
        await #expect(throws: KernelTreeError.self) { try await TreeFingerprint.of(gone) }
        let target = scratch.path.appending("t")
        await #expect(throws: KernelTreeError.self) { try await TreeClone.make(gone, at: target) }
        #expect(!Files.exists(target))
    }
}
