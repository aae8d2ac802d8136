import Bytes
import Foundation
import SystemPackage
import Testing

@Suite struct SourceImportCommandTests {
    let folder: CommandFolder

    init() throws {
        folder = try CommandFolder()
        try folder.write("linux/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 9\nEXTRAVERSION =\n")
        for part in ["arch", "init", "kernel", "scripts"] { try folder.write("linux/\(part)/file", part) }
    }

    @Test func aFolder() throws {
        let run = try folder.dom0kit("source", "import", "./linux", "--into", "tree", "--format", "json")
        #expect(run.status == 0, "\(run)")
        let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
        #expect(json?["schema"] as? String == "dom0kit.source/1")
        #expect(json?["version"] as? String == "6.1.9")
        #expect(json?["files"] as? Int == 5)
        #expect(json?["verdict"] as? String == "pass")
        #expect(try Files.read(folder.path.appending("tree/arch/file")) == Array("arch".utf8))
        let again = try folder.dom0kit("source", "import", "./linux", "--into", "tree")
        #expect(again.status == 73, "\(again)")
    }

    @Test(arguments: [
        (["./gone", "--into", "t"], 66), (["./linux/arch", "--into", "t"], 65),
        (["./linux/Makefile", "--into", "t"], 65),
        (["./linux"], 64), (["no-such-profile", "--into", "t"], 64),
    ])
    func badInput(arguments: [String], status: Int) throws {
        let run = try folder.dom0kit(["source", "import"] + arguments)
        #expect(Int(run.status) == status, "\(run)")
        #expect(run.output.isEmpty && !run.errors.isEmpty)
        #expect(!Files.exists(folder.path.appending("t")))
    }

    /// A spec with its sources, and what of it is not evaluated.
    @Test func aSpec() throws {
        try folder.write(
            "rpm/SPECS/kernel.spec",
            """
            Name: kernel
            Version: 6.1
            Source0: https://x.invalid/linux-6.1.tar
            Patch1: one.patch
            %prep
            %setup -q -n linux
            %patch1 -p1
            make oldconfig
            """)
        try folder.write(
            "rpm/SOURCES/one.patch",
            "--- a/init/file\n+++ b/init/file\n@@ -1 +1 @@\n-init\n\\ No newline at end of file\n+done\n")
        let missing = try folder.dom0kit("source", "import", "./rpm", "--into", "t", "--patched")
        #expect(missing.status == 66)
        #expect(missing.errors.contains("linux-6.1.tar") && missing.errors.contains("https://x.invalid/linux-6.1.tar"))
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/bin/tar")
        tar.arguments = [
            "-C", folder.path.string, "-cf", folder.path.pushing("rpm/SOURCES/linux-6.1.tar").string, "linux",
        ]
        try tar.run()
        tar.waitUntilExit()
        let run = try folder.dom0kit("source", "import", "./rpm", "--into", "t", "--patched", "--format", "json")
        #expect(run.status == 0, "\(run)")
        let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
        #expect(json?["verdict"] as? String == "warn")
        #expect(
            (json?["warnings"] as? [String])?.first?.contains("kernel.spec:8: not carried out: make oldconfig") == true)
        #expect(try Files.read(folder.path.appending("t/init/file")) == Array("done\n".utf8))
    }

    @Test(arguments: [
        (["git:linux@HEAD", "--into", "t"], 65), (["git:gone@HEAD", "--into", "t"], 66),
        (["git:linux", "--into", "t"], 64),
        (["debian:/x", "--into", "t"], 66),
        (["./linux", "--into", "t", "--define", "x"], 64), (["./linux", "--into", "t", "--fuzz", "9"], 64),
    ])
    func badSources(arguments: [String], status: Int) throws {
        let run = try folder.dom0kit(["source", "import"] + arguments)
        #expect(Int(run.status) == status, "\(run)")
        #expect(run.output.isEmpty && !run.errors.isEmpty)
        #expect(!Files.exists(folder.path.appending("t")))
    }

    /// Profiles whose source no mirror has name the file to get.
    @Test(arguments: [
        ("centos-5.3", "kernel-2.6.18-128.el5.src.rpm"), ("debian-lenny", "linux-2.6_2.6.26-13.dsc"),
        ("opensuse-11.2", "linux-2.6.31.tar.bz2"), ("centos-stream-10", "kernel-6.12.0-*.el10.src.rpm"),
    ])
    func profilesNameTheFileToGet(profile: String, file: String) throws {
        let kit = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        let run = try folder.dom0kit("source", "import", profile, "--into", "t", "--data", kit.string)
        #expect(run.status == 66 && run.errors.contains("get ") && run.errors.contains(file), "\(run)")
    }
}
