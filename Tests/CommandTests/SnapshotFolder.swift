import Bytes
import SystemPackage
import TestSupport
import Testing

/// The small inputs that outputs are pinned on.
struct SnapshotFolder {
    let folder: CommandFolder

    init() throws {
        folder = try MiniatureKernel().folder
        try series()
        try twins()
        try configuration()
        try images()
        try folder.write("kit/Profiles/typo.yaml", "name: typo\ntitle: a damaged profile\narchitecture: x86-64\n")
        try folder.write("text", "no kernel, no archive, no patch\n")
    }

    /// Series on the miniature kernel: one that fits, one that fits elsewhere, and one that does not.
    private func series() throws {
        try folder.write("moved/series", "moved.patch\n")
        try folder.write(
            "moved/moved.patch",
            """
            From: Somebody <somebody@example.invalid>
            Subject: change line 10

            --- a/init/main.c
            +++ b/init/main.c
            @@ -5,5 +5,5 @@ start_kernel
             line 8
             line 9
            -line 10
            +line ten
             line 11
             line 12

            """)
        try folder.write("empty.patch", "Subject: nothing yet\n\n")
        try folder.write("bad/series", "ok.patch\nclose.patch\ngone.patch\nthere.patch\nlater.patch -p0\n")
        func patch(_ file: String, _ hunk: String) -> String { "--- a/\(file)\n+++ b/\(file)\n\(hunk)\n" }
        try folder.write(
            "bad/ok.patch", patch("init/main.c", "@@ -2,3 +2,3 @@\n line 2\n-line 3\n+line three\n line 4"))
        try folder.write(
            "bad/close.patch",
            patch(
                "init/main.c",
                "@@ -8,5 +8,5 @@ rest_init\n line 8\n line nine\n-line 10\n+line ten\n line 11\n line 12"))
        try folder.write(
            "bad/gone.patch", patch("drivers/xen/pciback.c", "@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three"))
        try folder.write(
            "bad/there.patch", patch("init/main.c", "@@ -15,3 +15,3 @@\n line 15\n-line sixteen\n+line 16\n line 17"))
        try folder.write(
            "bad/later.patch", "--- init/main.c\n+++ init/main.c\n@@ -18,3 +18,2 @@\n line 18\n-line 19\n line 20\n")
        try folder.write("suse/series.conf", "# all of them\n\tone.patch\n+xen\ttwo.patch\n")
        try folder.write("suse/one.patch", patch("init/main.c", "@@ -1,2 +1,2 @@\n-line 1\n+line one\n line 2"))
        try folder.write("suse/two.patch", patch("init/main.c", "@@ -1,2 +1,2 @@\n line one\n-line 2\n+line two"))
        try folder.write("lint/series", "gone.patch\none.patch\none.patch\n")
        try folder.write("lint/one.patch", patch("init/main.c", "@@ -1,2 +1,2 @@\n-line 1\n+line one\n line 2"))
        try folder.write("lint/forgotten.patch", "x\n")
        try folder.write("broken.patch", "--- a/init/main.c\n+++ b/init/main.c\n@@ -1,9 +1,9 @@\n line 1\n-line 2\n")
    }

    /// A series in the style of openSUSE's Xen kernels, and a repository that has its patch.
    private func twins() throws {
        let file = "arch/x86/kernel/setup"
        try folder.write("fork/series", "one.patch\n")
        try folder.write(
            "fork/one.patch",
            "--- a/\(file).c\n+++ b/\(file).c\n@@ -1 +1 @@\n-int old_one;\n+int new_one;\n")
        try folder.write("forked/\(file)-xen.c", "int old_one;\n")
        try folder.write("repository/\(file).c", "int new_one;\n")
    }

    /// Makes `repository` a git repository, with the same commits everywhere.
    func commit() throws {
        let status = shell(
            """
            export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null HOME=$PWD
            export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
            cd repository && git init -q && git add -A &&
            git -c user.name=T -c user.email=t@example.invalid commit -qm 'all of it'
            """, in: folder.path)
        try #require(status == 0)
    }

    /// A tree with a little Kconfig and a makefile with the targets that the kit asks for.
    private func configuration() throws {
        try folder.write("ktree/Kconfig", ConfigCommandTests.kconfig)
        try folder.write(
            "ktree/Makefile",
            """
            VERSION = 6
            PATCHLEVEL = 1
            SUBLEVEL = 7

            tinyconfig:
            \t@printf 'CONFIG_PCI=y\\nCONFIG_XEN=y\\n' >$(O)/.config
            olddefconfig:
            \t@sed -i '/CONFIG_GONE/d' $(O)/.config
            bzImage:
            \t@echo '  CC      init/main.o'
            \t@mkdir -p $(O)/include/config $(O)/arch/x86/boot
            \t@echo 6.1.7 >$(O)/include/config/kernel.release
            \t@echo image >$(O)/arch/x86/boot/bzImage
            broken:
            \t@echo '  CC      init/main.o'
            \t@echo "init/main.c: In function 'start_kernel':"
            \t@echo "init/main.c:3:9: error: 'xen' undeclared (first use in this function)"
            \t@exit 1
            nothing:

            """)
        try folder.write("r.yaml", ConfigCommandTests.requirements)
        try folder.write("good.config", "CONFIG_MODULES=y\nCONFIG_PCI=y\nCONFIG_XEN=y\nCONFIG_XEN_DOM0=y\n")
        try folder.write(
            "bad.config",
            "# Automatically generated file; DO NOT EDIT.\n# CONFIG_PCI is not set\nCONFIG_XEN=y\n")
        try folder.write("malformed.config", "CONFIG_XEN=y\nCONFIG_PCI=maybe\n")
        try folder.write("dom0.fragment", "CONFIG_XEN_DOM0=y\n")
        try folder.write("gone.fragment", "CONFIG_GONE=y\n")
    }

    /// An image that Xen would take as dom0, and one that it would not.
    private func images() throws {
        try Files.write(ElfBuilder.dom0().bytes, to: folder.path.appending("vmlinux"))
        try Files.write(ElfBuilder().bytes, to: folder.path.appending("vmlinux-plain"))
    }

    /// A `PATH` with nothing but programs that tell a version; whichever the kit looks for and are not named are missing.
    func programs(_ names: String...) throws -> String {
        let bin = folder.path.appending("bin")
        try Files.createDirectories(bin)
        for name in names {
            try Files.write(
                Array("#!/bin/sh\necho \(name) 1.2.3\n".utf8), to: bin.appending(name),
                permissions: FilePermissions(rawValue: 0o755))
        }
        return bin.string
    }
}
