import Foundation
import Testing

/// `dom0kit doctor` on machines with and without programs.
struct DoctorCommandTests {
    private static let required = ["make", "gcc", "ld", "flex", "bison", "bc", "perl", "qemu-system-x86_64", "apt-get"]

    private func doctor(_ programs: [String]) throws -> (run: CommandFolder.Run, findings: [[String: Any]]) {
        let made = try SnapshotFolder()
        var path = "/nowhere"
        for program in programs { path = try made.programs(program) }
        let run = try made.folder.dom0kit(["doctor", "--format", "json"], environment: ["PATH": path])
        let json = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(json["schema"] as? String == "dom0kit.doctor/1")
        return (run, try #require(json["findings"] as? [[String: Any]]))
    }

    /// The headers come from the packages that the kit itself is built with.
    @Test func everythingIsThere() throws {
        let (run, findings) = try doctor(Self.required)
        #expect(run.status == 0, "\(run)")
        let make = try #require(findings.first { $0["name"] as? String == "make" })
        #expect(make["version"] as? String == "make 1.2.3")
        #expect((make["path"] as? String)?.hasSuffix("/bin/make") == true)
        #expect(!run.output.contains("\"install\""))
    }

    @Test(arguments: required) func oneIsMissing(program: String) throws {
        let (run, findings) = try doctor(Self.required.filter { $0 != program })
        #expect(run.status == 69, "\(run)")
        let missing = findings.filter { $0["path"] == nil && $0["required"] as? Bool == true }
        #expect(missing.map { $0["name"] as? String } == [program])
        let package = try #require(missing.first?["package"] as? String)
        #expect(run.output.contains("\"install\" : \"apt-get install \(package)\""))
    }

    /// What only makes things faster or more convenient does not fail.
    @Test func nothingIsThere() throws {
        let (run, findings) = try doctor([])
        #expect(run.status == 69)
        #expect(findings.filter { $0["path"] == nil }.count == Self.required.count + 4)
    }
}
