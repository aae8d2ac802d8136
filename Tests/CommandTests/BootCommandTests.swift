import Bytes
import TestSupport
import Testing

/// `dom0kit boot` up to the start of QEMU; real boots are in HypervisorTests.
struct BootCommandTests {
    private func folder() throws -> CommandFolder {
        let folder = try CommandFolder()
        try Files.write(ElfBuilder.dom0().bytes, to: folder.path.appending("vmlinux"))
        try folder.write("empty", "")
        return folder
    }

    @Test(arguments: [
        ([], "name a kernel with --kernel IMAGE, or a profile that was built with --profile NAME"),
        (["--kernel", "vmlinux", "--accelerator", "hvf"], "--accelerator"),
        (["--kernel", "vmlinux", "--deadline", "0"], "--deadline takes a whole number of seconds, at least 1"),
        (["--kernel", "vmlinux", "--deadline", "soon"], "'soon' is invalid for '--deadline <seconds>'"),
        (["--kernel", "vmlinux", "--guests", "pv,,pvh"], "it takes one of pv, pvh, hvm"),
        (["--kernel", "vmlinux", "--expect-file", "=x"], "it takes PATH=TEXT"),
        (["--kernel", "vmlinux", "--expect-log", "("], "it takes a regular expression"),
        (["--kernel", "vmlinux", "--hypervisor", "xen-4.71"], "did you mean 'xen-4.17'?"),
        (["--kernel", ""], "a path must not be empty"),
    ])
    func wrongUsage(arguments: [String], says: String) throws {
        let run = try folder().dom0kit(["boot"] + arguments)
        #expect(run.status == 64 && run.errors.contains(says), "\(run)")
        #expect(run.output.isEmpty)
    }

    @Test(arguments: [("gone", "it is not there"), ("empty", "it is empty"), (".", "it is a folder")])
    func aKernelThatIsNotThere(kernel: String, reason: String) throws {
        let folder = try folder()
        let run = try folder.dom0kit("boot", "--kernel", kernel)
        #expect(run.status == 66 && run.errors.contains(reason), "\(run)")
        #expect(run.errors.contains("give the image of a built kernel"))
        #expect(!Files.exists(folder.path.appending(".dom0kit")), "nothing was begun")
    }

    /// Since Debian 14 a `linux-image` package only depends on those that have the image and the modules.
    @Test(.enabled(if: hasTool("dpkg-deb") && hasTool("qemu-system-x86_64"), "there is no dpkg-deb or no QEMU"))
    func aPackageThatOnlyDependsOnAKernel() throws {
        let folder = try folder()
        try folder.write(
            "p/DEBIAN/control",
            """
            Package: linux-image-7.9
            Version: 1
            Architecture: all
            Maintainer: T <t@example.invalid>
            Depends: kmod, linux-binary-7.9 (= 1), linux-modules-7.9 | x, initramfs-tools
            Description: x

            """)
        try #require(shell("dpkg-deb -b p t.deb", in: folder.path) == 0)
        let run = try folder.dom0kit("boot", "--kernel", "t.deb")
        #expect(run.status == 66, "\(run)")
        #expect(run.errors.contains("no kernel image; it depends on linux-binary-7.9, linux-modules-7.9"), "\(run)")
    }

    @Test func aProfileThatIsNotBuilt() throws {
        let run = try folder().dom0kit("boot", "--profile", "debian-12")
        #expect(run.status == 66 && run.errors.contains("the kernel of profile 'debian-12' is not built"), "\(run)")
        #expect(run.errors.contains("'dom0kit run debian-12' builds it"))
    }

    @Test func withoutQEMUNothingIsDownloaded() throws {
        let folder = try folder()
        try folder.write("bin/nothing", "")
        let run = try folder.dom0kit(
            ["boot", "--kernel", "vmlinux"], environment: ["PATH": folder.path.string + "/bin"])
        #expect(run.status == 69, "\(run)")
        #expect(run.errors.contains("qemu-system-x86_64") && run.errors.contains("apt-get install qemu-system-x86"))
        #expect(run.output.isEmpty && !Files.exists(folder.path.appending(".dom0kit")))
    }

    @Test func aHypervisorThatIsDamaged() throws {
        let kernel = try MiniatureKernel()
        try Files.write(ElfBuilder.dom0().bytes, to: kernel.folder.path.appending("vmlinux"))
        let run = try kernel.folder.dom0kit("boot", "--kernel", "vmlinux", "--data", "kit")
        #expect(run.status == 65 && run.errors.contains("Profiles/hypervisors/xen-4.17.yaml:1: "), "\(run)")
        let none = try kernel.folder.dom0kit("boot", "--kernel", "vmlinux", "--data", "nowhere")
        #expect(none.status == 66 && none.errors.contains("nowhere has no folder Profiles"), "\(none)")
    }
}
