import Bytes
import Foundation
import Glibc
import Host
import SystemPackage
import Testing

/// Programs that must not outlive the one that started them.
struct TetherTests {
    private func sleeper(_ folder: FilePath) -> Command {
        Command(
            "/bin/sh", ["-c", "echo $$ > pid; echo begun; exec sleep 300"], environment: ["PATH": "/usr/bin:/bin"],
            workingDirectory: folder)
    }

    private func pid(_ folder: FilePath) async throws -> Int32 {
        let file = folder.appending("pid")
        for _ in 0..<200 {
            if let text = try? Files.read(file), let pid = Int32(String(decoding: text.dropLast(), as: UTF8.self)) {
                return pid
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw CancellationError()
    }

    /// A folder that is gone afterwards.
    private func inFolder(_ body: (FilePath) async throws -> Void) async throws {
        let folder = FilePath(NSTemporaryDirectory()).appending("dom0kit-tether-\(UUID().uuidString)")
        try Files.createDirectories(folder)
        defer { try? Files.remove(folder) }
        try await body(folder)
    }

    private func isGone(_ pid: Int32) async throws -> Bool {
        for _ in 0..<60 {
            if !Files.exists(FilePath("/proc/\(pid)")) { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test func statusAndOutput() async throws {
        try await inFolder { folder in
            let program = Command(
                "/bin/sh", ["-c", "echo one; exit 3"], environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder)
            let end = try await program.streamTethered(log: folder.appending("log"), largestFile: 1 << 20)
            #expect(end == .exited(3))
            let log = try Files.read(folder.appending("log"))
            #expect(log == Array("one\n".utf8))
        }
    }

    @Test func aSignalIsTold() async throws {
        try await inFolder { folder in
            let program = Command(
                "/bin/sh", ["-c", "kill -9 $$"], environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder)
            let end = try await program.streamTethered(largestFile: 1 << 20)
            #expect(end == .signaled(9))
        }
    }

    @Test func aFileWithoutEnd() async throws {
        try await inFolder { folder in
            let program = Command(
                "/bin/sh", ["-c", "cat /dev/zero > big"], environment: ["PATH": "/usr/bin:/bin"],
                workingDirectory: folder)
            let end = try await program.streamTethered(largestFile: 1 << 20)
            #expect(!end.succeeded)
            let size = try Files.read(folder.appending("big")).count
            #expect(size <= 1 << 20)
        }
    }

    /// Cancelled, also where it is stopped and SIGTERM cannot reach it.
    @Test(arguments: [false, true]) func cancelling(_ isStopped: Bool) async throws {
        try await inFolder { folder in
            let program = sleeper(folder)
            let work = Task { try await program.streamTethered(largestFile: 1 << 20) }
            let pid = try await pid(folder)
            if isStopped { kill(pid, SIGSTOP) }
            work.cancel()
            _ = await #expect(throws: HostError.self) { try await work.value }
            let gone = try await isGone(pid)
            #expect(gone)
        }
    }

    @Test func aProgramThatIsNotThere() async throws {
        let error = await #expect(throws: HostError.self) {
            try await Command("no-such-program", environment: ["PATH": "/usr/bin:/bin"]).streamTethered(
                largestFile: 1 << 20)
        }
        #expect(error?.category == .missingTool)
    }
}
