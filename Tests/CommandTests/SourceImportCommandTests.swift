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
}
