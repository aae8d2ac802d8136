import Bytes
import Foundation
import SystemPackage
import Testing

@Suite struct InspectCommandTests {
    /// A small ELF file without Xen notes: the test runner's own program will do.
    @Test func whatIsNoDom0IsForty() throws {
        let folder = try CommandFolder()
        let program = CommandFolder.program.path
        let run = try folder.dom0kit("inspect", program)
        #expect(run.status == 40, "\(run)")
        #expect(run.output.contains("no Xen notes"), "\(run.output)")
        #expect(run.output.split(separator: "\n").last?.hasPrefix("fail: ") == true)
        let json = try folder.json(["inspect", program, "--format", "json"])
        #expect(json["schema"] as? String == "dom0kit.inspect/1")
        #expect((json["image"] as? [String: Any])?["format"] as? String == "vmlinux")
        let dom0 = json["dom0"] as? [String: [String: Any]]
        #expect(dom0?["pv"]?["supported"] as? Bool == false)
        #expect((dom0?["pvh"]?["reasons"] as? [String])?.isEmpty == false)
        #expect((json["config"] as? [String: Any])?["embedded"] as? Bool == false)
        #expect((json["xen"] as? [String: Any])?["features"] as? [String] == [])
    }

    static let mistakes: [(arguments: [String], status: Int32)] = [
        (["/nonexistent"], 66), (["text"], 65), (["/"], 65), ([], 64), (["text", "--dom0", "hvm"], 64),
    ]

    @Test(arguments: mistakes)
    func badInput(arguments: [String], status: Int32) throws {
        let folder = try CommandFolder()
        try folder.write("text", "this is no kernel\n")
        let run = try folder.dom0kit(["inspect"] + arguments)
        #expect(run.status == status, "\(run)")
        #expect(run.output.isEmpty && !run.errors.isEmpty)
    }
}
