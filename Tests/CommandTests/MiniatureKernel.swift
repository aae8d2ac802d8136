import Bytes
import SystemPackage

/// The smallest tree that is a kernel source to the kit, with a makefile that does as Kbuild's targets would, and a kit's
/// data folder with one profile for it: for what does not need a real kernel.
struct MiniatureKernel {
    let folder: CommandFolder

    /// Makes tree and profile.
    /// - Parameter tinyconfig: What `make tinyconfig` runs.
    init(tinyconfig: String = "exit 1") throws {
        folder = try CommandFolder()
        try folder.write(
            "tree/Makefile",
            "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nEXTRAVERSION =\n\ntinyconfig:\n\t@\(tinyconfig)\n")
        try folder.write("tree/Kconfig", "mainmenu \"none\"\n")
        for part in ["arch/x86", "init", "kernel", "scripts"] { try folder.write("tree/\(part)/Kconfig", "") }
        try folder.write("tree/init/main.c", (1...20).map { "line \($0)\n" }.joined())
        try folder.write(
            "kit/Profiles/requirements/none.yaml",
            """
            schema: dom0kit.requirements/1
            title: none
            architecture: x86_64
            requirements: []

            """)
        try folder.write(
            "kit/Profiles/miniature.yaml",
            """
            name: miniature
            title: for tests
            architecture: x86_64
            source: { hint: the miniature kernel of the tests }
            series: [{ path: Patches/own }]
            configuration:
              base: tinyconfig
              targets: []
              fragments: []
              requirements: Profiles/requirements/none.yaml
            build: { targets: [all], image: image }
            boot: { hypervisor: xen-4.17, dom0: pv, guests: [pv] }

            """)
        // Only the name counts before the boot.
        try folder.write("kit/Profiles/hypervisors/xen-4.17.yaml", "name: xen-4.17\n")
        try series(context: "line 9", replacement: "line ten")
    }

    /// Writes the profile's series: one patch that changes line 10.
    func series(context: String, replacement: String) throws {
        try folder.write("kit/Patches/own/series", "change.patch\n")
        try folder.write(
            "kit/Patches/own/change.patch",
            """
            Subject: change line 10

            --- a/init/main.c
            +++ b/init/main.c
            @@ -8,5 +8,5 @@
             line 8
             \(context)
            -line 10
            +\(replacement)
             line 11
             line 12

            """)
    }

    /// Arguments of a run up to a stage.
    func arguments(_ stage: String, _ more: String...) -> [String] {
        ["run", "miniature", "--data", "kit", "--source", "tree", "--work", "work", "--stop-after", stage] + more
    }

    /// A file of the work folder.
    func work(_ name: String) throws -> String {
        String(decoding: try Files.read(folder.path.pushing(FilePath("work/" + name))), as: UTF8.self)
    }
}
