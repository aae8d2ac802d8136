import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// `dom0kit build` on a tree whose makefile has the targets of Kbuild that the kit asks for.
@Suite(.enabled(if: hasTool("make"), "make is not on this machine: apt-get install make"))
struct BuildCommandTests {
    private let folder: CommandFolder

    init() throws { folder = try SnapshotFolder().folder }

    private func build(_ more: String...) throws -> CommandFolder.Run {
        try folder.dom0kit(["build", "--tree", "ktree", "--config", "good.config", "--into", "out"] + more)
    }

    @Test func anImage() throws {
        let run = try build("--format", "json")
        #expect(run.status == 0, "\(run)")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(json["schema"] as? String == "dom0kit.build/1" && json["verdict"] as? String == "pass")
        let kernel = try #require(json["kernel"] as? [String: Any])
        let image = folder.path.pushing("out/arch/x86/boot/bzImage")
        #expect(kernel["image"] as? String == image.string)
        #expect(kernel["release"] as? String == "6.1.7")
        #expect(kernel["imageSHA256"] as? String == (try Digest(ofFile: image).hex))
        #expect(kernel["steps"] as? Int == 1)
        // The tree is only read.
        #expect(try Files.list(folder.path.appending("ktree")).sorted() == ["Kconfig", "Makefile"])
    }

    @Test func aKernelThatDoesNotBuild() throws {
        let run = try build("--target", "broken")
        #expect(run.status == 30, "\(run)")
        #expect(run.output.contains("In function 'start_kernel'"))
        #expect(run.output.hasSuffix("fail: init/main.c:3:9: error: 'xen' undeclared (first use in this function)\n"))
        let log = folder.path.pushing("out/dom0kit-build.log")
        #expect(run.output.contains("log: \(log)"))
        #expect(String(decoding: try Files.read(log), as: UTF8.self).contains("  CC      init/main.o"))
    }

    /// A setting that does not survive the tree's own Kconfig is reported.
    @Test func aSettingThatIsLost() throws {
        try folder.write("good.config", "CONFIG_XEN=y\nCONFIG_GONE=y\n")
        let run = try build()
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains("CONFIG_GONE is n, wanted y (\(folder.path)/good.config:2)"), "\(run.output)")
        #expect(run.output.split(separator: "\n").last?.hasPrefix("warn: 6.1.7 in ") == true)
    }

    @Test(arguments: [
        (["--tree", "gone"], 66, "gone/Makefile"), (["--config", "gone"], 66, "gone"),
        (["--config", "malformed.config"], 65, "malformed.config:2: "),
        (["--target", "nothing"], 65, "there is no image at"), (["--architecture", "arm46"], 64, "'arm64'"),
        (["--jobs", "0"], 64, "a whole number, at least 1"), (["--image", ""], 64, "a path must not be empty"),
    ])
    func badInput(arguments: [String], status: Int, says: String) throws {
        let known = ["--tree": "ktree", "--config": "good.config", "--into": "out"].filter { $0.key != arguments[0] }
        let run = try folder.dom0kit(["build"] + known.flatMap { [$0.key, $0.value] } + arguments)
        #expect(Int(run.status) == status && run.errors.contains(says), "\(run)")
        #expect(run.output.isEmpty)
    }

    @Test func withoutMake() throws {
        let run = try folder.dom0kit(
            ["build", "--tree", "ktree", "--config", "good.config", "--into", "out"], environment: ["PATH": "/nowhere"])
        #expect(run.status == 69 && run.errors.contains("apt-get install make"), "\(run)")
    }
}
