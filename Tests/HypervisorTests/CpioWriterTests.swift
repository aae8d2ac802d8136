import Bytes
import FoundationEssentials
import Host
import Hypervisor
import SystemPackage
import Testing

/// The oracle is cpio(1).
struct CpioWriterTests {
    private static func sample() -> [UInt8] {
        var cpio = CpioWriter()
        cpio.addFile("/usr/bin/tool", Array("#!/bin/sh\n".utf8), permissions: 0o755)
        cpio.addLink("/bin", to: "usr/bin")
        cpio.addDevice("/dev/console", .character, major: 5, minor: 1)
        cpio.addFile("odd", [1, 2, 3])
        cpio.addDirectory("empty", permissions: 0o700)
        return cpio.finish()
    }

    @Test func cpioListsWhatWasAdded() async throws {
        try await TemporaryFolder.with { folder in
            let path = folder.appending("a.cpio")
            try Files.write(Self.sample(), to: path)
            let listed = try await Tool.run("cpio -itv --quiet < a.cpio | awk '{print $1, $NF}'", in: folder)
            #expect(
                listed.split(separator: "\n") == [
                    "drwxr-xr-x usr", "drwxr-xr-x usr/bin", "-rwxr-xr-x usr/bin/tool", "lrwxrwxrwx usr/bin",
                    "drwxr-xr-x dev", "crw------- dev/console", "-rw-r--r-- odd", "drwx------ empty",
                ])
            let devices = try await Tool.run("cpio -itv --quiet < a.cpio | grep console", in: folder)
            #expect(devices.contains(" 5,   1 "))
        }
    }

    @Test func cpioUnpacksTheContent() async throws {
        try await TemporaryFolder.with { folder in
            try Files.write(Self.sample(), to: folder.appending("a.cpio"))
            _ = try await Tool.run(
                "mkdir out && cd out && cpio -idm --quiet usr/bin/tool odd bin < ../a.cpio", in: folder)
            #expect(try Files.read(folder.appending("out/usr/bin/tool")) == Array("#!/bin/sh\n".utf8))
            #expect(try Files.read(folder.appending("out/odd")) == [1, 2, 3])
            #expect(try Files.read(folder.appending("out/bin/tool")) == Array("#!/bin/sh\n".utf8))
        }
    }

    @Test func sameCallsGiveSameBytes() {
        #expect(Self.sample() == Self.sample())
        #expect(Self.sample().count % 512 == 0)
    }

    @Test func namesNeverLeaveTheTree() {
        var cpio = CpioWriter()
        cpio.addFile("../../etc/../passwd", [])
        let text = String(decoding: cpio.finish(), as: UTF8.self)
        #expect(!text.contains(".."))
        #expect(text.contains("etc/passwd"))
    }
}

/// A folder that is gone afterwards.
enum TemporaryFolder {
    static func with<Value>(_ body: (FilePath) async throws -> Value) async throws -> Value {
        let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let folder = FilePath(base).appending("dom0kit-test-\(UInt64.random(in: .min ... .max))")
        try Files.createDirectories(folder)
        do {
            let value = try await body(folder)
            try Files.remove(folder)
            return value
        } catch {
            try? Files.remove(folder)
            throw error
        }
    }
}

/// Shell commands as oracles.
enum Tool {
    static func run(_ script: String, in folder: FilePath) async throws -> String {
        let output = try await Command(
            "/bin/sh", ["-ec", script], environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"],
            workingDirectory: folder
        ).capture()
        #expect(output.termination.succeeded, "\(output.text)")
        return String(decoding: output.standardOutput, as: UTF8.self)
    }
}
