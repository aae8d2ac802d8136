import KernelBuild
import Testing

@Suite struct KbuildOutputTests {
    @Test(arguments: [
        ("  CC      fs/ext4/balloc.o", "CC", "fs/ext4/balloc.o"),
        ("  CC [M]  drivers/net/dummy.o", "CC [M]", "drivers/net/dummy.o"),
        ("  HOSTCC  scripts/basic/fixdep", "HOSTCC", "scripts/basic/fixdep"),
        ("  VDSO2C  arch/x86/entry/vdso/vdso-image-64.c", "VDSO2C", "arch/x86/entry/vdso/vdso-image-64.c"),
        ("  LD      vmlinux", "LD", "vmlinux"),
    ])
    func announcedStep(line: String, action: String, target: String) throws {
        let step = try #require(KbuildStep(line: line))
        #expect(step.action == action)
        #expect(step.target == target)
    }

    @Test(arguments: [
        "make[1]: Entering directory '/x'", "  in a comment", "", "  ", "kernel/fork.c:1:2: error: no",
        "    3 |  return x;",
    ])
    func otherLines(line: String) { #expect(KbuildStep(line: line) == nil) }
}
